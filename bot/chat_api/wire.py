"""The JSON of answers, whole or in chunks, with every field read for itself. Pure.

Fields that servers are known to fill with anything are `Raw` and are read one by one.
"""

import base64
import binascii
from typing import Generic, TypeVar

from msgspec import DecodeError, Raw, Struct
from msgspec.json import Decoder

from bot.chat_api.usage import UsageFields

NULL = Raw(b"null")

T = TypeVar("T")
Data = TypeVar("Data", bytes | None, Raw)


class AudioFields(Struct, Generic[Data]):
    """`audio`. Its sound is megabytes, which are best turned into bytes in one go."""

    id: Raw = NULL
    expires_at: Raw = NULL
    transcript: Raw = NULL
    data: Data = NULL


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


class Message(Struct, Generic[Data]):
    """`message` of a whole answer, or `delta` of a chunk."""

    content: Raw = NULL
    refusal: Raw = NULL
    tool_calls: Raw = NULL
    # Anything JSON has; not `Raw`, which would read megabytes of sound once more.
    audio: AudioFields[Data] | str | int | float | bool | list[Raw] | None = None


class Choice(Struct, Generic[Data]):
    """One of `choices`."""

    index: Raw = NULL
    message: Message[Data] | None = None
    delta: Message[Data] | None = None
    finish_reason: Raw = NULL


class Body(Struct, Generic[Data]):
    """A whole answer, or one chunk."""

    choices: list[Choice[Data]] | None = None
    created: Raw = NULL
    model: Raw = NULL
    usage: Raw = NULL
    error: Raw = NULL


AnyAudio = AudioFields[bytes | None] | AudioFields[Raw]
AnyMessage = Message[bytes | None] | Message[Raw]
AnyChoice = Choice[bytes | None] | Choice[Raw]
AnyBody = Body[bytes | None] | Body[Raw]

TEXT: Decoder[str | None] = Decoder(str | None)
NUMBER: Decoder[float | None] = Decoder(float | None)
USAGE: Decoder[UsageFields | None] = Decoder(UsageFields | None)
CALLS: Decoder[list[CallFields] | None] = Decoder(list[CallFields] | None)
_PARTS: Decoder[list[_Part] | None] = Decoder(list[_Part] | None)

_plain = Decoder(Body[bytes | None])
_forgiving = Decoder(Body[Raw])


def read_body(body: bytes) -> AnyBody | None:
    """Read an answer or a chunk; None when it is none."""
    # Sound that is no plain base64 is no reason to do without the words.
    return _decode(body, _plain) or _decode(body, _forgiving)


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


def read_sound(data: bytes | None) -> bytes:
    """Read the sound; what is no sound at all counts as none."""
    if not isinstance(data, Raw):
        return data or b""
    text = read(data, TEXT) or ""
    # Some relays send a data URI, or break the lines.
    bare = "".join(text.rpartition(",")[2].split())
    try:
        return base64.b64decode(bare, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _decode(body: bytes | Raw, decoder: Decoder[T]) -> T | None:
    try:
        return decoder.decode(body)
    except (DecodeError, UnicodeDecodeError, RecursionError):
        return None
