"""The rules of a room in words: what will happen here, what is set, and where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain import room_settings as settings
from bot.domain.effective import RoomRules, Sourced
from bot.domain.manner import Speech, form_for, speech_of
from bot.domain.personas import Persona
from bot.domain.room_settings import Rule, Setting
from bot.domain.rooms import Scope
from bot.domain.setting_limits import is_offered
from bot.domain.setting_words import Answering, Transcript
from bot.domain.triggers import Form
from bot.domain.voices import show_voice
from bot.words import Sentence

WHERE = {
    Scope.MEMBER: Sentence("your own choice"),
    Scope.THREAD: Sentence("this thread"),
    Scope.CHANNEL: Sentence("this channel"),
    Scope.CATEGORY: Sentence("its category"),
    Scope.SERVER: Sentence("this server"),
    Scope.DEFAULT: Sentence("my owner's default"),
}
_TRANSCRIPTS = {
    Transcript.SHOWN: Sentence("with its words shown"),
    Transcript.FOLDED: Sentence("with its words folded away"),
    Transcript.OFF: Sentence("without its words"),
}


@dataclass(frozen=True, slots=True)
class Description:
    """What will happen here: a sentence for a text message, and one for a voice message."""

    text: str
    voice: str


@dataclass(frozen=True, slots=True)
class Line:
    """What is in force of one setting, for people, and where it comes from."""

    setting: Setting[Any]
    text: str
    scope: Scope


def describe(rules: RoomRules) -> Description:
    """Say what will happen to a text and to a voice message."""
    if rules.answer.value is Answering.DENIED:
        source = name_scope(rules, rules.answer.scope)
        return Description(
            Sentence("A text message here is not answered ({source}).", source=source),
            Sentence("A voice message here is not answered ({source}).", source=source),
        )
    return Description(_told(rules, spoken=False), _told(rules, spoken=True))


def _told(rules: RoomRules, *, spoken: bool) -> Sentence:
    message, answered = _addressed(rules, spoken=spoken), _answered(rules, spoken=spoken)
    return Sentence("{message} {answered}", message=message, answered=answered)


def _addressed(rules: RoomRules, *, spoken: bool) -> Sentence:
    """Say which messages are meant; a voice message cannot mention anybody."""
    if rules.room.is_dm or rules.listen.value:
        return Sentence("A voice message here") if spoken else Sentence("A text message here")
    if spoken:
        return Sentence("A voice message here that answers me")
    return Sentence("A text message here that mentions me")


def _answered(rules: RoomRules, *, spoken: bool) -> Sentence:
    speech = speech_of(rules, spoken=spoken)
    if speech is Speech.WRITTEN:
        return Sentence("is answered in writing.")
    if speech is Speech.ON_DEMAND:
        return Sentence(
            "is answered in writing, with a 🔊 button that speaks it with {voice}.",
            voice=_spoken_with(rules),
        )
    note = form_for(rules, spoken=spoken) is Form.VOICE_NOTE
    return Sentence(
        "is answered aloud with {voice}, as {form} {transcript}.",
        voice=_spoken_with(rules),
        form=Sentence("a voice note") if note else Sentence("a card"),
        transcript=_TRANSCRIPTS[rules.transcript.value],
    )


def _spoken_with(rules: RoomRules) -> Sentence:
    voice, speed = show_voice(rules.voice.value), rules.speed.value
    if speed == 1:
        return Sentence("the voice {voice}", voice=voice)
    shown = settings.SPEED.kind.show(speed)
    return Sentence("the voice {voice} at {speed} speed", voice=voice, speed=shown)


def name_scope(rules: RoomRules, scope: Scope) -> str:
    """Name the place that a value comes from, as seen from the room."""
    if rules.room.is_dm and scope is Scope.CHANNEL:
        return Sentence("this conversation")
    return WHERE[scope]


def lines(rules: RoomRules) -> Sequence[Line]:
    """List what is in force of every setting that means something in the room."""
    places = rules.room.places(0)
    return [
        line
        for setting in settings.SETTINGS
        if is_offered(setting, rules.owner) and any(map(setting.may_be_set_for, places))
        for line in lines_of(rules, setting)
    ]


def lines_of(rules: RoomRules, setting: Setting[Any]) -> Sequence[Line]:
    """Tell what is in force of one setting; where every level counts, level by level."""
    if setting.rule is Rule.EVERY:
        found: Sequence[Sourced[Any]] = getattr(rules, setting.name)
        each = [Line(setting, setting.kind.show(one.value), one.scope) for one in found]
        return each or [Line(setting, Sentence("none"), Scope.DEFAULT)]
    one: Sourced[Any] = getattr(rules, setting.name)
    return [Line(setting, _show(rules, setting, one.value), one.scope)]


def _show(rules: RoomRules, setting: Setting[Any], value: object) -> str:
    if isinstance(value, Persona):
        return value.name
    if value is not None:
        return setting.kind.show(value)
    if setting is settings.FILE_FORMAT:
        return rules.owner.file_format
    return Sentence("the model's own") if setting in settings.SAMPLING else Sentence("none")
