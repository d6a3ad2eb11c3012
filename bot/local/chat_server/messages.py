"""The messages of a request."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class TextPart(Struct, tag_field="type", tag="text", forbid_unknown_fields=True):
    """Words."""

    text: str


class _InputAudio(Struct, forbid_unknown_fields=True):
    data: bytes
    format: Literal["wav", "mp3"]


class AudioPart(Struct, tag_field="type", tag="input_audio", forbid_unknown_fields=True):
    """A member's clip."""

    input_audio: _InputAudio


class _Message(Struct, tag_field="role", forbid_unknown_fields=True, kw_only=True):
    name: str | None = None


class _Instructions(_Message, kw_only=True):
    content: str | Annotated[list[TextPart], Meta(min_length=1)]


class System(_Instructions, tag="system"):
    """The owner's instructions."""


class Developer(_Instructions, tag="developer"):
    """The same under its newer name."""


class User(_Message, tag="user", kw_only=True):
    """What a member says."""

    content: str | Annotated[list[TextPart | AudioPart], Meta(min_length=1)]


class _AudioId(Struct, forbid_unknown_fields=True):
    id: str


class _Called(Struct, forbid_unknown_fields=True):
    name: str
    arguments: str


class Call(Struct, tag_field="type", tag="function", forbid_unknown_fields=True):
    """A call of a function that the model wanted."""

    id: str
    function: _Called


class Assistant(_Message, tag="assistant", kw_only=True):
    """An earlier answer: its words, the id of its sound, or the functions it wanted called."""

    content: str | list[TextPart] | None = None
    audio: _AudioId | None = None
    refusal: str | None = None
    tool_calls: Annotated[list[Call], Meta(min_length=1)] | None = None


class Result(Struct, tag_field="role", tag="tool", forbid_unknown_fields=True, kw_only=True):
    """What came of a call."""

    content: str | Annotated[list[TextPart], Meta(min_length=1)]
    tool_call_id: str


Message = System | Developer | User | Assistant | Result


def text_of(content: str | list[TextPart] | list[TextPart | AudioPart] | None) -> str:
    """Take the written words."""
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(part.text for part in content if isinstance(part, TextPart))
