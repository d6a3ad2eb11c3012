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

WHERE = {
    Scope.MEMBER: "your own choice",
    Scope.THREAD: "this thread",
    Scope.CHANNEL: "this channel",
    Scope.CATEGORY: "its category",
    Scope.SERVER: "this server",
    Scope.DEFAULT: "my owner's default",
}
_TRANSCRIPTS = {
    Transcript.SHOWN: "with its words shown",
    Transcript.FOLDED: "with its words folded away",
    Transcript.OFF: "without its words",
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
        nothing = f"is not answered ({name_scope(rules, rules.answer.scope)})."
        return Description(f"A text message here {nothing}", f"A voice message here {nothing}")
    return Description(
        f"A text message {_addressed(rules, 'mentions me')} {_answered(rules, spoken=False)}.",
        f"A voice message {_addressed(rules, 'answers me')} {_answered(rules, spoken=True)}.",
    )


def _addressed(rules: RoomRules, how: str) -> str:
    """Say which messages are meant; a voice message cannot mention anybody."""
    return "here" if rules.room.is_dm or rules.listen.value else f"here that {how}"


def _answered(rules: RoomRules, *, spoken: bool) -> str:
    speech = speech_of(rules, spoken=spoken)
    voice = f"the voice {show_voice(rules.voice.value)}"
    if rules.speed.value != 1:
        voice += f" at {settings.SPEED.kind.show(rules.speed.value)} speed"
    if speech is Speech.WRITTEN:
        return "is answered in writing"
    if speech is Speech.ON_DEMAND:
        return f"is answered in writing, with a 🔊 button that speaks it with {voice}"
    form = "a voice note" if form_for(rules, spoken=spoken) is Form.VOICE_NOTE else "a card"
    return f"is answered aloud with {voice}, as {form} {_TRANSCRIPTS[rules.transcript.value]}"


def name_scope(rules: RoomRules, scope: Scope) -> str:
    """Name the place that a value comes from, as seen from the room."""
    return "this conversation" if rules.room.is_dm and scope is Scope.CHANNEL else WHERE[scope]


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
        return each or [Line(setting, "none", Scope.DEFAULT)]
    one: Sourced[Any] = getattr(rules, setting.name)
    return [Line(setting, _show(rules, setting, one.value), one.scope)]


def _show(rules: RoomRules, setting: Setting[Any], value: object) -> str:
    if isinstance(value, Persona):
        return value.name
    if value is not None:
        return setting.kind.show(value)
    if setting is settings.FILE_FORMAT:
        return rules.owner.file_format
    return "the model's own" if setting in settings.SAMPLING else "none"
