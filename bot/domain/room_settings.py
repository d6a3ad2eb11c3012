"""The one table of settings: what can be set, where, to what, and how rooms inherit it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Generic, TypeVar

from bot.domain.languages import LANGUAGES, SPEAKER, parse_language, show_language
from bot.domain.personas import NO_PERSONA, parse_persona_name
from bot.domain.rooms import Place, Scope
from bot.domain.setting_kinds import (
    Kind,
    Option,
    decimal,
    model,
    models,
    roles,
    switch,
    whole,
    words,
)
from bot.domain.setting_words import Answering, Bots, FileFormat, FormChoice, Speak, Transcript
from bot.domain.voices import PERSONAS_OWN, RANDOM, VOICES, parse_voice_choice, show_voice
from bot.errors import Refused
from bot.words import Sentence

T = TypeVar("T")


class Rule(Enum):
    """How the values of a setting at several levels become one."""

    NEAREST = auto()
    DENIED = auto()  # a denial at any level stands
    LEAST = auto()  # the lowest at any level stands
    EVERY = auto()  # every level counts, for itself


ROOMS = frozenset({Scope.THREAD, Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER})
EVERYWHERE = ROOMS | {Scope.MEMBER}


@dataclass(frozen=True, slots=True)
class Setting(Generic[T]):
    """One thing that can be set.

    Attributes:
        title: what it is called in lists.
        about: what it decides, as the end of the sentence "Here is set …".
        scopes: where it may be set; elsewhere it does not count.
        in_dm: whether it means anything in a DM.

    """

    name: str
    title: str
    about: str
    kind: Kind[T]
    scopes: frozenset[Scope] = ROOMS
    rule: Rule = Rule.NEAREST
    in_dm: bool = True

    def read(self, stored: str) -> T | None:
        """Read a stored value; None for what is none."""
        try:
            return self.kind.parse(stored)
        except Refused:
            return None

    def may_be_set_for(self, place: Place) -> bool:
        """Tell whether this can be set there at all, by whomever."""
        return place.scope in self.scopes and (self.in_dm or not place.is_dm)


@dataclass(frozen=True, slots=True)
class Stored:
    """A setting as it is kept: text that may be anything."""

    scope: Scope
    place_id: int
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one setting; None stands for "not set". `by` is the member who made it."""

    id: int
    place: Place
    name: str
    before: str | None
    after: str | None
    by: int
    at: datetime


def _times(value: float) -> str:
    return f"{value:g}×"  # noqa: RUF001 - meant


VOICE = Setting(
    "voice", Sentence("Voice"), Sentence("the voice I answer with"),
    Kind(
        parse_voice_choice, str, show_voice,
        tuple(Option(v, show_voice(v)) for v in (*VOICES, RANDOM, PERSONAS_OWN)), open=True,
    ),
    EVERYWHERE,
)  # fmt: skip
VOICE_LOCK = Setting(
    "voice_lock",
    Sentence("Voice lock"),
    Sentence("whether members must take the room's voice"),
    switch(),
    in_dm=False,
)
SPEAK = Setting(
    "speak", Sentence("When to speak"), Sentence("when an answer is spoken"),
    words({
        Speak.ALWAYS: Sentence("always"), Speak.MIRROR: Sentence("mirror"),
        Speak.ON_DEMAND: Sentence("on demand"), Speak.NEVER: Sentence("never"),
    }),
)  # fmt: skip
FORM = Setting(
    "form", Sentence("Form"), Sentence("whether a spoken answer is a voice note or a card"),
    words({
        FormChoice.AUTO: Sentence("as the question"),
        FormChoice.VOICE_NOTE: Sentence("voice note"), FormChoice.CARD: Sentence("card"),
    }),
    EVERYWHERE,
)  # fmt: skip
FILE_FORMAT = Setting(
    "file_format", Sentence("File format"), Sentence("the format of the sound on cards"),
    words({each: each.value for each in FileFormat}),
)  # fmt: skip
TRANSCRIPT = Setting(
    "transcript", Sentence("Transcript"), Sentence("what becomes of the words of a spoken answer"),
    words({
        Transcript.SHOWN: Sentence("shown"), Transcript.FOLDED: Sentence("folded"),
        Transcript.OFF: Sentence("off"),
    }),
)  # fmt: skip
SPEED = Setting(
    "speed", Sentence("Speed"), Sentence("how fast I speak"),
    decimal(0.5, 2.0, (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0), _times), EVERYWHERE,
)  # fmt: skip
ANSWER = Setting(
    "answer", Sentence("Answers"), Sentence("whether I answer at all"),
    words({Answering.ALLOWED: Sentence("allowed"), Answering.DENIED: Sentence("denied")}),
    rule=Rule.DENIED, in_dm=False,
)  # fmt: skip
ROLES_ALLOWED = Setting(
    "roles_allowed", Sentence("Roles allowed"),
    Sentence("the roles of which one is needed to ask me"),
    roles(), rule=Rule.EVERY, in_dm=False,
)  # fmt: skip
ROLES_DENIED = Setting(
    "roles_denied", Sentence("Roles denied"), Sentence("the roles that may not ask me"),
    roles(), rule=Rule.EVERY, in_dm=False,
)  # fmt: skip
LISTEN = Setting(
    "listen", Sentence("Listen room"), Sentence("whether I answer without being mentioned"),
    switch(), ROOMS - {Scope.SERVER}, in_dm=False,
)  # fmt: skip
THREADS = Setting(
    "threads", Sentence("Threads"), Sentence("whether I open a thread for each question"),
    switch(), ROOMS - {Scope.THREAD}, in_dm=False,
)  # fmt: skip
BOTS = Setting(
    "bots", Sentence("Other bots"), Sentence("whether I answer other bots"),
    words({Bots.IGNORED: Sentence("ignored"), Bots.ANSWERED: Sentence("answered")}), in_dm=False,
)  # fmt: skip
SILENT = Setting(
    "silent",
    Sentence("Quiet on @silent"),
    Sentence("whether I answer @silent messages quietly"),
    switch(),
)
PERSONA = Setting(
    "persona", Sentence("Persona"), Sentence("who I am"),
    Kind(parse_persona_name, str, str, (Option(NO_PERSONA, Sentence("none")),), open=True),
)  # fmt: skip
LANGUAGE = Setting(
    "language", Sentence("Language"), Sentence("the language of my answers"),
    Kind(
        parse_language, str, show_language,
        tuple(Option(c, show_language(c)) for c in (SPEAKER, *(each.code for each in LANGUAGES))),
    ),
    EVERYWHERE,
)  # fmt: skip
MODEL = Setting("model", Sentence("Model"), Sentence("the model that answers"), model())
MODELS_DENIED = Setting(
    "models_denied", Sentence("Models denied"), Sentence("the models that may not be used"),
    models(), rule=Rule.EVERY, in_dm=False,
)  # fmt: skip
# At 0 the audio models were seen to speak noise without end, which is paid for.
TEMPERATURE = Setting(
    "temperature", Sentence("Temperature"), Sentence("how freely the model chooses its words"),
    decimal(0.1, 2.0, (0.6, 0.8, 1.0, 1.2)),
)  # fmt: skip
TOP_P = Setting(
    "top_p", Sentence("Top p"), Sentence("from how many likely words the model chooses"),
    decimal(0.01, 1.0, (0.5, 0.8, 0.9, 1.0)),
)  # fmt: skip
FREQUENCY_PENALTY = Setting(
    "frequency_penalty", Sentence("Frequency penalty"),
    Sentence("how much repeated words are avoided"),
    decimal(-2.0, 2.0, (-1.0, 0.0, 0.5, 1.0)),
)  # fmt: skip
PRESENCE_PENALTY = Setting(
    "presence_penalty", Sentence("Presence penalty"), Sentence("how much new subjects are sought"),
    decimal(-2.0, 2.0, (-1.0, 0.0, 0.5, 1.0)),
)  # fmt: skip
SEED = Setting(
    "seed", Sentence("Seed"),
    Sentence("the number by which the model repeats itself as far as it can"),
    whole(-(2**63), 2**63 - 1, (1, 42)),
)  # fmt: skip
ANSWER_TOKENS = Setting(
    "answer_tokens", Sentence("Answer length"), Sentence("the most tokens of one answer"),
    whole(16, 2**17, (256, 512, 1024, 2048, 4096)), rule=Rule.LEAST,
)  # fmt: skip

SETTINGS: tuple[Setting[Any], ...] = (
    VOICE, VOICE_LOCK, SPEAK, FORM, FILE_FORMAT, TRANSCRIPT, SPEED, ANSWER, ROLES_ALLOWED,
    ROLES_DENIED, LISTEN, THREADS, BOTS, SILENT, PERSONA, LANGUAGE, MODEL, MODELS_DENIED,
    TEMPERATURE, TOP_P, FREQUENCY_PENALTY, PRESENCE_PENALTY, SEED, ANSWER_TOKENS,
)  # fmt: skip
"""In the order in which people are shown them."""

SAMPLING: tuple[Setting[Any], ...] = (
    TEMPERATURE, TOP_P, FREQUENCY_PENALTY, PRESENCE_PENALTY, SEED,
)  # fmt: skip
"""Those that rooms may change only where the owner allows it."""

_BY_NAME = {setting.name: setting for setting in SETTINGS}


def setting_named(name: str) -> Setting[Any]:
    """Find a setting by its name.

    Raises:
        Refused: there is none of that name.

    """
    if (setting := _BY_NAME.get(name)) is None:
        raise Refused("setting_unknown", Sentence("There is no such setting."))
    return setting


def settings_for(place: Place) -> Sequence[Setting[Any]]:
    """Give what can be set for a place, in the order in which people are shown it."""
    return [setting for setting in SETTINGS if setting.may_be_set_for(place)]
