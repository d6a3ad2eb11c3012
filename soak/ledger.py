"""Who asked what, all that the bot posted, and whether each question came to exactly one end."""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from bot.audio.transcode import decode
from bot.domain.reply import SPEECH_HZ
from bot.local.chat_server.sound import write_answer
from bot.local.discord_server.kinds import MessageType
from bot.local.discord_server.state import Message
from bot.local.discord_server.world import Event, World
from soak.echo import Tone, answer_to

NOTICE = "⚠️"
"""How everything begins that is no answer."""

_PLACE_IN_LINE = "⏳"
_NO_WORDS_OF_ITS_OWN = (MessageType.THREAD_STARTER_MESSAGE, MessageType.THREAD_CREATED)
_SOUND_MOST_S = 60
_AS_LONG_S = 0.1
_CROSSINGS_OFF = 12

VOICE = "alloy"
"""The one that answers."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a member asked; its number is in its words, and None where it was spoken."""

    message: Message
    number: int | None
    words: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A message of the bot as it was posted, whatever became of it."""

    id: int
    about: int | None
    content: str
    is_voice: bool
    files: tuple[bytes, ...]


@dataclass
class Ledger:
    """Questions, what was posted about each, and what was posted about nothing that was asked."""

    world: World
    questions: dict[int, Question] = field(default_factory=dict)
    posted: dict[int, list[Posted]] = field(default_factory=lambda: defaultdict(list))
    stray: list[Posted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world.subscribe(self._note)

    def expect(self, message: Message, number: int | None) -> Message:
        """Expect exactly one end of a question."""
        self.questions[message.id] = Question(message, number, answer_to(message.content))
        return message

    def adopt(self, posted: Posted, number: int) -> Posted:
        """Take what the bot posted for a question: in its room a command stands as one."""
        self.stray.remove(posted)
        self.expect(self.world.state.messages[posted.id], number)
        for each in [each for each in self.stray if each.about == posted.id]:
            self.stray.remove(each)
            self.posted[posted.id].append(each)
        return posted

    def _note(self, event: Event) -> None:
        if event.name != "MESSAGE_CREATE":
            return
        message = next(reversed(self.world.state.messages.values()))
        if message.author_id == self.world.bot_id:
            self._keep(message)

    def _keep(self, message: Message) -> None:
        about = message.reference.message_id if message.reference else message.channel_id
        files = tuple(self.world.state.files[each.id] for each in message.attachments)
        posted = Posted(message.id, about, message.content, message.is_voice, files)
        if message.type in _NO_WORDS_OF_ITS_OWN or message.content.startswith(_PLACE_IN_LINE):
            return
        (self.posted[about] if about in self.questions else self.stray).append(posted)

    @property
    def open(self) -> list[int]:
        """The questions about which nothing whole stands."""
        return [id_ for id_ in self.questions if not self._is_over(id_)]

    def _is_over(self, question_id: int) -> bool:
        posted = self.posted.get(question_id, ())
        return any(is_notice(each) or each.content for each in posted)

    def wrong(self, excused: "Excuses") -> Iterator[str]:
        """Tell what came to no end, to two, or to one that it must not come to."""
        for question_id, question in self.questions.items():
            found = self._fault(question, excused)
            if found is not None:
                yield f"{found}: {self._story(question_id)}"
        for posted in self.stray:
            yield f"said to nobody: {posted.content[:60]!r} about {posted.about}"

    def _fault(self, question: Question, excused: "Excuses") -> str | None:
        posted = self.posted.get(question.message.id, [])
        if not posted:
            return "lost"
        if any(map(is_notice, posted)):
            if len(posted) > 1:
                return "two ends"
            return None if excused.may_fail(question) else "given up"
        return fault_of_answer(question, posted)

    def _story(self, question_id: int) -> str:
        posted = self.posted.get(question_id, ())
        said = [(each.content[:50], each.is_voice, len(each.files)) for each in posted]
        return f"{question_id} number {self.questions[question_id].number}: {said}"

    @property
    def notices(self) -> int:
        """How many questions ended in a notice."""
        ends = (self.posted.get(id_, ()) for id_ in self.questions)
        return sum(any(map(is_notice, posted)) for posted in ends)


class Excuses:
    """Which questions may end in a notice: those over which the bot died three times."""

    def __init__(self) -> None:
        self.over: dict[int, set[str]] = defaultdict(set)

    def note_death(self, question_id: int, boot_id: str) -> bool:
        """Note that this run of the bot died while it was at a question; False if that is known."""
        known = boot_id in self.over[question_id]
        self.over[question_id].add(boot_id)
        return not known

    def may_fail(self, question: Question) -> bool:
        """Tell whether a notice is a proper end of it."""
        return len(self.over[question.message.id]) >= 3


def is_notice(posted: Posted) -> bool:
    """Tell whether it says why there is no answer."""
    return posted.content.startswith(NOTICE)


def fault_of_answer(question: Question, posted: list[Posted]) -> str | None:
    """Find what is wrong with an answer: it is one card, or a bubble and its words."""
    words = question.words
    texts = [each.content for each in posted if each.content]
    sounds = [(each.is_voice, sound) for each in posted for sound in each.files]
    if len(texts) > 1 or len(sounds) > 1:
        return "double"
    if texts != [words]:
        return "other words"
    if not sounds:
        return "without its sound"
    [(is_voice, sound)] = sounds
    if len(posted) != (2 if is_voice else 1):
        return "in pieces"
    return None if is_sound_of(words, sound) else "another sound"


@cache
def is_sound_of(words: str, sound: bytes) -> bool:
    """Tell whether a sound is the tone of these words: the bytes themselves, or made of them."""
    tone = Tone().speak(words, VOICE)
    if sound == write_answer(tone, "mp3"):
        return True
    heard = decode(sound, max_seconds=_SOUND_MOST_S, deadline_s=_SOUND_MOST_S)
    if heard.container != "ogg" or abs(heard.seconds - len(tone) / 2 / SPEECH_HZ) > _AS_LONG_S:
        return False
    return abs(_crossings(tone) - _crossings(bytes(heard.pcm))) <= _CROSSINGS_OFF


def _crossings(pcm: bytes) -> int:
    """Count how often the middle of a tone goes through zero: its pitch."""
    samples = array("h", pcm)
    middle = samples[len(samples) // 4 : -len(samples) // 4]
    return sum((a < 0) != (b < 0) for a, b in pairwise(middle))
