"""Answers as they are stored on their way: how they are to be posted, sayable in any language."""

from dataclasses import replace
from datetime import datetime

import msgspec

from bot.domain.outgoing import Outgoing, Underway
from bot.domain.reply import SoundFormat
from bot.domain.setting_words import Transcript
from bot.domain.triggers import Form
from bot.domain.turns import Turn
from bot.services.pages import Answer, count_messages
from bot.services.shaping import INTERRUPTED
from bot.words import Sentence


class _Template(msgspec.Struct, frozen=True):
    """A sentence that is translated only when it is said."""

    template: str
    several: str | None
    values: dict[str, "str | int | float | _Template"]


_Words = str | _Template


class _Shape(msgspec.Struct, frozen=True):
    """What an answer is beside its sound, and the words that its turn has; see `Answer`."""

    form: Form
    voice: str
    file_format: SoundFormat
    words: Transcript
    speed: float
    notes: tuple[_Words, ...]
    why_silent: _Words | None
    speaks_later: bool
    writes_later: bool
    unspoken: bool


def pack(answer: Answer, now: datetime) -> Outgoing:
    """Lay an answer by."""
    shape = _Shape(
        form=answer.form,
        voice=answer.voice,
        file_format=answer.file_format,
        words=answer.words,
        speed=answer.speed,
        notes=tuple(map(_kept, answer.notes)),
        why_silent=None if answer.why_silent is None else _kept(answer.why_silent),
        speaks_later=answer.speaks_later,
        writes_later=answer.writes_later,
        unspoken=answer.unspoken,
    )
    first = 0 if answer.sound is not None and answer.form is Form.VOICE_NOTE else 1
    count = count_messages(answer, spoken=answer.sound is not None)
    return Outgoing(
        msgspec.json.encode(shape), answer.sound, parts=range(first, first + count), at=now
    )


def unpack(stored: Underway, turn: Turn) -> Answer | None:
    """Take an answer up again, without what was heard; where its sound was lost, it says so.

    None where another version laid it by in a way of its own.
    """
    try:
        shape = msgspec.json.decode(stored.shape, type=_Shape)
    except msgspec.DecodeError:
        return None
    why_silent = None if shape.why_silent is None else _said(shape.why_silent)
    answer = Answer(
        turn.id,
        transcript=turn.transcript,
        sound=stored.sound,
        form=shape.form,
        voice=shape.voice,
        file_format=shape.file_format,
        words=shape.words,
        speed=shape.speed,
        notes=tuple(map(_said, shape.notes)),
        why_silent=why_silent,
        speaks_later=shape.speaks_later,
        writes_later=shape.writes_later,
        unspoken=shape.unspoken,
    )
    return replace(answer, why_silent=INTERRUPTED) if stored.sound_lost else answer


def pack_words(words: str) -> bytes:
    """Lay a sentence by."""
    return msgspec.json.encode(_kept(words))


def unpack_words(stored: bytes) -> str | None:
    """Give a sentence as it was laid by: it can still be said in any language.

    None where another version laid it by in a way of its own.
    """
    try:
        return _said(msgspec.json.decode(stored, type=_Words))
    except msgspec.DecodeError:
        return None


def _kept(words: str) -> _Words:
    if not isinstance(words, Sentence):
        return words
    values = {name: _value(value) for name, value in words.values.items()}
    return _Template(words.template, words.several, values)


def _value(value: object) -> "str | int | float | _Template":
    if isinstance(value, str):
        return _kept(value)
    return value if isinstance(value, int | float) else str(value)


def _said(words: _Words) -> str:
    if isinstance(words, str):
        return words
    values = {
        name: _said(value) if isinstance(value, _Template) else value
        for name, value in words.values.items()
    }
    return Sentence(words.template, words.several, **values)
