"""The JSON of answers, whole or in chunks, with every field read for itself. Pure.

Fields that servers are known to fill with anything are `Raw` and are read one by one.
"""

import binascii
from typing import TypeVar

import pybase64
from msgspec import DecodeError, Raw, Struct
from msgspec.json import Decoder

from bot.chat_api.usage import UsageFields

NULL = Raw(b"null")

T = TypeVar("T")


class AudioFields(Struct):
    """`audio`."""

    id: Raw = NULL
    expires_at: Raw = NULL
    transcript: Raw = NULL
    data: Raw = NULL


class _Part(Struct):
    text: str = ""


class Function(Struct):
    """What is called."""

    name: Raw = NULL
    arguments: Raw = NULL


class CallFields(Struct):
    """One of `tool_calls`, or a piece of one."""

    index: int | None = None
    id: Raw = NULL
    function: Function | None = None


class Message(Struct):
    """`message` of a whole answer, or `delta` of a chunk."""

    content: Raw = NULL
    refusal: Raw = NULL
    tool_calls: Raw = NULL
    # Anything JSON has; not `Raw`, which would read megabytes of sound once more.
    audio: AudioFields | str | int | float | bool | list[Raw] | None = None


class Choice(Struct):
    """One of `choices`."""

    index: Raw = NULL
    message: Message | None = None
    delta: Message | None = None
    finish_reason: Raw = NULL


class Body(Struct):
    """A whole answer, or one chunk."""

    choices: list[Choice] | None = None
    created: Raw = NULL
    model: Raw = NULL
    usage: Raw = NULL
    error: Raw = NULL
    modality: Raw = NULL


TEXT: Decoder[str | None] = Decoder(str | None)
NUMBER: Decoder[float | None] = Decoder(float | None)
USAGE: Decoder[UsageFields | None] = Decoder(UsageFields | None)
CALLS: Decoder[list[CallFields] | None] = Decoder(list[CallFields] | None)
_PARTS: Decoder[list[_Part] | None] = Decoder(list[_Part] | None)

_BODY = Decoder(Body)


def read_body(body: bytes) -> Body | None:
    """Read an answer or a chunk; None when it is none."""
    return _decode(body, _BODY)


def read(raw: Raw, decoder: Decoder[T | None]) -> T | None:
    """Read one field; None when it is null, missing or something else than it should be."""
    return None if raw is NULL else _decode(raw, decoder)


def is_null(raw: Raw) -> bool:
    """Tell whether a field is missing or null."""
    return raw is NULL or bytes(raw) == b"null"


def read_content(raw: Raw) -> str:
    """Read the written answer: a string, or parts of which only the text counts."""
    if (text := read(raw, TEXT)) is not None:
        return text
    return "".join(part.text for part in read(raw, _PARTS) or [])


def read_sound(data: Raw) -> bytes:
    """Read the sound; what is no sound at all counts as none."""
    # As it lies in the JSON, without the copy that a string would be.
    written = memoryview(data)
    if bytes(written[:1]) != b'"':
        return b""
    try:
        return pybase64.b64decode(written[1:-1], validate=True)
    except binascii.Error:
        return _read_odd_sound(read(data, TEXT) or "")


def _read_odd_sound(text: str) -> bytes:
    """Read it out of a data URI, or of lines, as some relays send it."""
    try:
        return pybase64.b64decode("".join(text.rpartition(",")[2].split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _decode(body: bytes | Raw, decoder: Decoder[T]) -> T | None:
    try:
        return decoder.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
