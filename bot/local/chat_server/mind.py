"""The stand-in's mind: honest rules with a memory of the conversation it was sent."""

import random
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.local.chat_server.about_sound import describe_sound, tell_content
from bot.local.chat_server.engines import Line, Thinker
from bot.local.chat_server.hearing import describe, measure
from bot.local.chat_server.question import Question, said_by, take_apart
from bot.local.chat_server.small_talk import WHAT_I_AM, SmallTalk, be_polite, tell_about_self
from bot.local.chat_server.summary import summarise
from bot.local.chat_server.sums import work_out

_NAME = re.compile(
    r"\bmy name(?:'s| is) ([^\W\d_][\w'-]*)|\bcall me ([^\W\d_][\w'-]*)", re.IGNORECASE
)

Rule = Callable[[Question], str | None]


def _local_time() -> datetime:
    return datetime.now().astimezone()


class RuleMind:
    """Answers by the first rule that fits; where none does, by the thinker, else honestly."""

    def __init__(
        self,
        thinker: Thinker | None = None,
        *,
        now: Callable[[], datetime] = _local_time,
        luck: random.Random | None = None,
    ) -> None:
        """Prepare the rules.

        Args:
            thinker: asked where no rule fits; None to say that none does.
            now: the time of this machine.
            luck: for dice and coins.

        """
        self._thinker = thinker
        talk = SmallTalk(now, luck or random.Random())  # noqa: S311 - dice, not keys
        self._rules: tuple[Rule, ...] = (
            describe_sound,
            tell_content,
            _summarise_file,
            _summarise_words,
            _do_sum,
            _tell_name,
            _recall,
            talk.tell_time,
            talk.tell_date,
            talk.try_luck,
            talk.tell_joke,
            _talk_of_dogs,
            tell_about_self,
            be_polite,
        )

    def answer(self, conversation: Sequence[Line]) -> str:
        """Answer the last line of a member."""
        question = take_apart(conversation)
        answers = (rule(question) for rule in self._rules)
        by_rule = next((answer for answer in answers if answer is not None), None)
        return by_rule or self._think(question) or _be_honest(question)

    def _think(self, question: Question) -> str | None:
        if self._thinker is None or not question.words:
            return None
        spelt = [Line(line.by, said_by(line)[1]) for line in question.past]
        return self._thinker.think([*spelt, Line("member", question.words)])


def _summarise_file(question: Question) -> str | None:
    if not question.files:
        return None
    name, text = question.files[-1]
    return f"Here is {name} in short. {summarise(text)}"


def _summarise_words(question: Question) -> str | None:
    if not question.says(r"\bsummar(y|i[sz]e)\b") or len(question.words) < 200:
        return None
    return f"In short: {summarise(question.words)}"


def _do_sum(question: Question) -> str | None:
    return work_out(question.words)


def _tell_name(question: Question) -> str | None:
    if question.says(r"\bwhat('s| is|s)? my name\b|\bwho am i\b|\bremember my name\b"):
        name = _name_of(question)
        return f"Your name is {name}." if name else "You have not told me your name yet."
    if (found := _NAME.search(question.words)) is not None:
        return f"Nice to meet you, {_capital(found[1] or found[2])}."
    return None


def _name_of(question: Question) -> str:
    """Find the name the asker gave, else the one the bot gives them."""
    names = [a or b for words in question.own_past() for a, b in _NAME.findall(words)]
    return _capital(names[-1]) if names else question.speaker


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _recall(question: Question) -> str | None:
    if question.says(r"\bwhat did you (just )?(say|tell|answer)|\b(say|repeat) (that|it) again"):
        answers = [line.text for line in question.past if line.by == "model" and line.text]
        return f"I said: {answers[-1]}" if answers else "I have not said anything yet."
    if question.says(r"\bwhat did i (just )?(say|ask|tell)"):
        asked = [said_by(line)[1] for line in question.past if line.by == "member"]
        return f"You said: {asked[-1]}" if asked else "You have not said anything before."
    return None


def _talk_of_dogs(question: Question) -> str | None:
    if question.says(r"\bgolden retrievers?\b"):
        return (
            "Yes, a golden retriever is usually a very good family dog. Goldens are gentle, "
            "patient with children and easy to train, but they shed a lot "
            "and need plenty of exercise and company every day."
        )
    return None


def _be_honest(question: Question) -> str:
    if question.clips and question.written:
        heard = " ".join(describe(measure(clip)) for clip in question.clips)
        return f"{heard} With it I was told: {_short(question.written)} {WHAT_I_AM}"
    if not question.words:
        return f"I was asked nothing that I can make out. {WHAT_I_AM}"
    asked = "I heard" if question.clips else "I was asked"
    return f"{asked}: {_short(question.words)} {WHAT_I_AM}"


def _short(words: str) -> str:
    flat = " ".join(words.split())
    cut = flat if len(flat) <= 200 else f"{flat[:200].rpartition(' ')[0] or flat[:200]} and so on"
    return cut if cut[-1] in ".!?" else f"{cut}."
