"""What is in force for one answer: every setting, and the place it comes from."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from bot.domain import room_settings as settings
from bot.domain.languages import language_of
from bot.domain.owner import Owner
from bot.domain.personas import NO_PERSONA, Persona, same_name
from bot.domain.room_settings import Setting, Stored
from bot.domain.rooms import Room, Scope
from bot.domain.sampling import Sampling
from bot.domain.setting_words import Answering, Bots, FileFormat, FormChoice, Speak, Transcript
from bot.domain.voices import PERSONAS_OWN, RANDOM, VOICES, pick_voice

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A value, and where it was chosen."""

    value: T
    scope: Scope


@dataclass(frozen=True, slots=True)
class RoomRules:
    """Everything that is set for the answers to one member in one room.

    Attributes:
        voices: the voice in force and those that would be without it, nearest first; the
            owner's comes last, so there is always one. They may be `random` or `persona`.
        file_format: as the room chose it; None where the owner's counts, which may be any.
        roles_allowed: a list for each level that has one; of each, a role is needed.
        roles_denied: the same; no role may be on any.
        persona: None when the owner's instructions stand alone.
        model: None when every model is denied.
        models_denied: a list for each level that has one.
        temperature: None for the model's own, as with all sampling settings.

    """

    room: Room
    owner: Owner
    voices: tuple[Sourced[str], ...]
    voice_lock: Sourced[bool]
    speak: Sourced[Speak]
    form: Sourced[FormChoice]
    file_format: Sourced[FileFormat | None]
    transcript: Sourced[Transcript]
    speed: Sourced[float]
    answer: Sourced[Answering]
    roles_allowed: tuple[Sourced[frozenset[int]], ...]
    roles_denied: tuple[Sourced[frozenset[int]], ...]
    listen: Sourced[bool]
    threads: Sourced[bool]
    bots: Sourced[Bots]
    silent: Sourced[bool]
    persona: Sourced[Persona | None]
    language: Sourced[str]
    model: Sourced[str | None]
    models_denied: tuple[Sourced[frozenset[str]], ...]
    temperature: Sourced[float | None]
    top_p: Sourced[float | None]
    frequency_penalty: Sourced[float | None]
    presence_penalty: Sourced[float | None]
    seed: Sourced[int | None]
    answer_tokens: Sourced[int]

    @property
    def voice(self) -> Sourced[str]:
        """The voice in force."""
        return self.voices[0]

    def speaking_voices(self, question_id: int, *, before: str = "") -> tuple[str, ...]:
        """Give the voices to speak a question's answer with: the first, else the next, and so on.

        A later one counts where the model does not have those before it. `before` is the voice
        in which the conversation was spoken so far: a random one stays.
        """
        spoken = (self._speaking(each.value, question_id, before) for each in self.voices)
        return tuple(dict.fromkeys(spoken))

    def _speaking(self, voice: str, question_id: int, before: str) -> str:
        persona = self.persona.value
        if voice == PERSONAS_OWN and persona is not None and persona.voice is not None:
            return persona.voice
        if voice != RANDOM:
            return voice
        return before if before in VOICES else pick_voice(question_id)

    @property
    def instructions(self) -> str:
        """What the model is told about itself here."""
        language = language_of(self.language.value)
        told = [self.owner.instructions]
        if self.persona.value is not None:
            told.append(f"You are {self.persona.value.name}. {self.persona.value.prompt}")
        if language is not None:
            told.append(f"Answer in {language.english}, whatever language people speak to you.")
        return "\n\n".join(told)

    @property
    def sampling(self) -> Sampling:
        """How the model chooses its words here."""
        general = self.owner.parameters
        return replace(
            general,
            temperature=_or(self.temperature.value, general.temperature),
            top_p=_or(self.top_p.value, general.top_p),
            frequency_penalty=_or(self.frequency_penalty.value, general.frequency_penalty),
            presence_penalty=_or(self.presence_penalty.value, general.presence_penalty),
            seed=_or(self.seed.value, general.seed),
        )


def rules_of(
    room: Room,
    member_id: int,
    stored: Iterable[Stored],
    personas: Collection[Persona],
    owner: Owner,
) -> RoomRules:
    """Find what is in force for the answers to a member in a room.

    Args:
        room: where the question was asked.
        member_id: who asked.
        stored: what is kept for the room's places and the member; whatever is no value, or is
            kept where it may not be set, does not count.
        personas: those of the room's library that are named in `stored`, or all of it.
        owner: what counts where nothing is set, and what rooms may choose.

    """
    levels = _Levels(room, member_id, stored)
    lock = levels.nearest(settings.VOICE_LOCK, False)
    persona = _persona(levels, personas)
    models_denied = levels.all(settings.MODELS_DENIED)
    denied = frozenset[str]().union(*(each.value for each in models_denied))
    tokens = (*levels.all(settings.ANSWER_TOKENS), Sourced(owner.answer_tokens, Scope.DEFAULT))
    return RoomRules(
        room=room,
        owner=owner,
        voices=_voices(levels, owner, persona.value, locked=lock.value),
        voice_lock=lock,
        speak=_speak(levels, owner, denied),
        form=levels.nearest(settings.FORM, FormChoice.AUTO),
        file_format=levels.nearest_or_none(settings.FILE_FORMAT),
        transcript=levels.nearest(settings.TRANSCRIPT, Transcript.SHOWN),
        speed=levels.nearest(settings.SPEED, 1.0),
        answer=_answer(levels),
        roles_allowed=levels.all(settings.ROLES_ALLOWED),
        roles_denied=levels.all(settings.ROLES_DENIED),
        listen=levels.nearest(settings.LISTEN, False),
        threads=levels.nearest(settings.THREADS, False),
        bots=levels.nearest(settings.BOTS, Bots.IGNORED),
        silent=levels.nearest(settings.SILENT, True),
        persona=persona,
        language=levels.nearest(settings.LANGUAGE, "speaker"),
        model=_model(levels, owner, denied),
        models_denied=models_denied,
        temperature=_sampling(levels, settings.TEMPERATURE, owner),
        top_p=_sampling(levels, settings.TOP_P, owner),
        frequency_penalty=_sampling(levels, settings.FREQUENCY_PENALTY, owner),
        presence_penalty=_sampling(levels, settings.PRESENCE_PENALTY, owner),
        seed=_sampling(levels, settings.SEED, owner),
        answer_tokens=min(tokens, key=lambda each: each.value),
    )


class _Levels:
    """What is kept for a room and a member, level by level."""

    def __init__(self, room: Room, member_id: int, stored: Iterable[Stored]) -> None:
        self._places = room.places(member_id)
        self._texts: dict[str, dict[tuple[Scope, int], str]] = {}
        for each in stored:
            self._texts.setdefault(each.name, {})[each.scope, each.place_id] = each.value

    def all(self, setting: Setting[T]) -> tuple[Sourced[T], ...]:
        """Give the values of a setting, nearest first."""
        texts = self._texts.get(setting.name)
        if texts is None:
            return ()  # most are set nowhere, and every answer asks for all
        found: list[Sourced[T]] = []
        for place in self._places:
            text = texts.get((place.scope, place.id))
            if text is None or not setting.may_be_set_for(place):
                continue
            if (value := setting.read(text)) is not None:
                found.append(Sourced(value, place.scope))
        return tuple(found)

    def nearest(self, setting: Setting[T], default: T) -> Sourced[T]:
        """Give the nearest value of a setting, else the default."""
        return next(iter(self.all(setting)), Sourced(default, Scope.DEFAULT))

    def nearest_or_none(self, setting: Setting[T]) -> Sourced[T | None]:
        """Give the nearest value of a setting, else None."""
        for found in self.all(setting):
            return Sourced(found.value, found.scope)
        return Sourced(None, Scope.DEFAULT)


def _persona(levels: _Levels, personas: Collection[Persona]) -> Sourced[Persona | None]:
    for chosen in levels.all(settings.PERSONA):
        if chosen.value == NO_PERSONA:
            return Sourced(None, chosen.scope)
        for persona in personas:
            if same_name(persona.name, chosen.value):
                return Sourced(persona, chosen.scope)
    return Sourced(None, Scope.DEFAULT)


def _voices(
    levels: _Levels, owner: Owner, persona: Persona | None, *, locked: bool
) -> tuple[Sourced[str], ...]:
    voiceless = persona is None or persona.voice is None
    chosen = (
        each
        for each in levels.all(settings.VOICE)
        if not (locked and each.scope is Scope.MEMBER)
        and not (voiceless and each.value == PERSONAS_OWN)
    )
    return (*chosen, Sourced(owner.voice, Scope.DEFAULT))


def _speak(levels: _Levels, owner: Owner, denied: frozenset[str]) -> Sourced[Speak]:
    """Find when to speak; whatever leaves text unspoken needs a model for text."""
    writes = owner.text_model is not None and owner.text_model not in denied
    for chosen in levels.all(settings.SPEAK):
        if chosen.value is Speak.ALWAYS or writes:
            return chosen
    return Sourced(Speak.ALWAYS, Scope.DEFAULT)


def _answer(levels: _Levels) -> Sourced[Answering]:
    found = levels.all(settings.ANSWER)
    denials = (each for each in found if each.value is Answering.DENIED)
    return next(denials, next(iter(found), Sourced(Answering.ALLOWED, Scope.DEFAULT)))


def _model(levels: _Levels, owner: Owner, denied: frozenset[str]) -> Sourced[str | None]:
    for chosen in levels.all(settings.MODEL):
        if chosen.value in owner.models and chosen.value not in denied:
            return Sourced(chosen.value, chosen.scope)
    left = (name for name in (owner.model, *owner.models) if name not in denied)
    return Sourced(next(left, None), Scope.DEFAULT)


def _or(chosen: T | None, general: T | None) -> T | None:
    return general if chosen is None else chosen


def _sampling(levels: _Levels, setting: Setting[T], owner: Owner) -> Sourced[T | None]:
    if setting.name not in owner.sampling:
        return Sourced(None, Scope.DEFAULT)
    return levels.nearest_or_none(setting)
