"""The stand-in's mind: honest rules with a memory of the conversation it was sent."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.local.chat_server.engines import Line
from bot.local.chat_server.hearing import describe, measure
from bot.local.chat_server.summary import summarise
from bot.local.chat_server.sums import work_out

# How the bot tells several speakers apart, and how it lays out a text file and a quotation.
_SPEAKER = re.compile(r"\A\[([^\]\n]{1,100})\] ")
_FILE = re.compile(r"The file (.+?):\n~~~\n(.*?)\n~~~", re.DOTALL)
_NOTE = re.compile(r"\(voice message[^)]*\)")
_NAME = re.compile(r"\bmy name is ([^\W\d_][\w'-]*)|\bcall me ([^\W\d_][\w'-]*)", re.IGNORECASE)

_WHAT_I_AM = "I am the built-in practice model: I follow simple rules and know little."


@dataclass(frozen=True, slots=True)
class _Question:
    """The last thing a member said, taken apart.

    Attributes:
        speaker: who asks, empty where names are not given.
        words: without name, files and notes.
        files: name and text of each text file.
        clips: sound, as in `Line`.
        past: everything before, oldest first.

    """

    speaker: str
    words: str
    files: tuple[tuple[str, str], ...]
    clips: tuple[bytes, ...]
    past: Sequence[Line]

    def says(self, pattern: str) -> bool:
        """Whether the words contain this."""
        return re.search(pattern, self.words, re.IGNORECASE) is not None


class RuleMind:
    """Answers by the first rule that fits."""

    def answer(self, conversation: Sequence[Line]) -> str:
        """Answer the last line of a member."""
        question = _take_apart(conversation)
        answers = (rule(question) for rule in _RULES)
        return next(answer for answer in answers if answer is not None)


def _take_apart(conversation: Sequence[Line]) -> _Question:
    places = [place for place, line in enumerate(conversation) if line.by == "member"]
    if not places:
        return _Question("", "", (), (), conversation)
    line = conversation[places[-1]]
    speaker, words = _speaker_and_words(line.text)
    files = tuple((name, text) for name, text in _FILE.findall(words))
    words = _NOTE.sub("", _FILE.sub("", words)).strip()
    return _Question(speaker, words, files, line.clips, conversation[: places[-1]])


def _speaker_and_words(text: str) -> tuple[str, str]:
    found = _SPEAKER.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def _describe_sound(question: _Question) -> str | None:
    if not question.clips:
        return None
    about_sound = question.says(r"\b(sounds?|voice|hear|heard|recording|listen|loud|pitch)\b")
    if question.words and not about_sound:
        return None
    heard = " ".join(describe(measure(clip)) for clip in question.clips)
    return heard if question.words else f"{heard} I cannot make out words, only how they sound."


def _summarise_file(question: _Question) -> str | None:
    if not question.files:
        return None
    name, text = question.files[-1]
    return f"Here is {name} in short. {summarise(text)}"


def _summarise_words(question: _Question) -> str | None:
    if not question.says(r"\bsummar(y|i[sz]e)\b") or len(question.words) < 200:
        return None
    return f"In short: {summarise(question.words)}"


def _do_sum(question: _Question) -> str | None:
    return work_out(question.words)


def _tell_name(question: _Question) -> str | None:
    if question.says(r"\bwhat('s| is|s)? my name\b|\bwho am i\b|\bremember my name\b"):
        name = _name_of(question)
        return f"Your name is {name}." if name else "You have not told me your name yet."
    if (found := _NAME.search(question.words)) is not None:
        return f"Nice to meet you, {_capital(found[1] or found[2])}."
    return None


def _name_of(question: _Question) -> str:
    """Find the name the asker gave, else the one the bot gives them."""
    said = [_speaker_and_words(line.text) for line in question.past if line.by == "member"]
    own = [words for speaker, words in said if speaker == question.speaker]
    names = [a or b for words in own for a, b in _NAME.findall(words)]
    return _capital(names[-1]) if names else question.speaker


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _recall(question: _Question) -> str | None:
    if question.says(r"\bwhat did you (just )?(say|tell|answer)|\b(say|repeat) (that|it) again"):
        answers = [line.text for line in question.past if line.by == "model" and line.text]
        return f"I said: {answers[-1]}" if answers else "I have not said anything yet."
    if question.says(r"\bwhat did i (just )?(say|ask|tell)"):
        asked = [_speaker_and_words(x.text)[1] for x in question.past if x.by == "member"]
        return f"You said: {asked[-1]}" if asked else "You have not said anything before."
    return None


def _talk_of_dogs(question: _Question) -> str | None:
    if question.says(r"\bgolden retrievers?\b"):
        return (
            "Yes, a golden retriever is usually a very good family dog. Goldens are gentle, "
            "patient with children and easy to train, but they shed a lot "
            "and need plenty of exercise and company every day."
        )
    return None


def _be_polite(question: _Question) -> str | None:
    name = f", {question.speaker}" if question.speaker else ""
    if question.says(r"\b(hi|hello|hey|good (morning|afternoon|evening))\b"):
        return f"Hello{name}! {_WHAT_I_AM} Ask me for a sum, or send me a recording or a text file."
    if question.says(r"\b(thanks|thank you)\b"):
        return f"You are welcome{name}."
    if question.says(r"\b(bye|goodbye|good night|see you)\b"):
        return f"Goodbye{name}! Talk to you soon."
    return None


def _be_honest(question: _Question) -> str:
    if question.clips:
        heard = " ".join(describe(measure(clip)) for clip in question.clips)
        return f"{heard} With it I was told: {_short(question.words)} {_WHAT_I_AM}"
    if not question.words:
        return f"I was asked nothing that I can make out. {_WHAT_I_AM}"
    return f"I was asked: {_short(question.words)} {_WHAT_I_AM}"


def _short(words: str) -> str:
    flat = " ".join(words.split())
    cut = flat if len(flat) <= 200 else f"{flat[:200].rpartition(' ')[0] or flat[:200]} and so on"
    return cut if cut[-1] in ".!?" else f"{cut}."


_RULES: tuple[Callable[[_Question], str | None], ...] = (
    _describe_sound,
    _summarise_file,
    _summarise_words,
    _do_sum,
    _tell_name,
    _recall,
    _talk_of_dogs,
    _be_polite,
    _be_honest,
)
