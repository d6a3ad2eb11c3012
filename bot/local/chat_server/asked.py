"""A request for a completion, with the fields that make sense for an audio model."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from bot.local.chat_server.messages import AudioPart, Message


class _CustomVoice(Struct, forbid_unknown_fields=True):
    id: str


class AudioWanted(Struct, forbid_unknown_fields=True):
    """How the answer is to sound."""

    voice: str | _CustomVoice
    format: Literal["wav", "aac", "mp3", "flac", "opus", "pcm16"]

    @property
    def voice_name(self) -> str:
        """The voice's name or id."""
        return self.voice if isinstance(self.voice, str) else self.voice.id


class _StreamOptions(Struct, forbid_unknown_fields=True):
    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class _Function(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: str = ""
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Struct, tag_field="type", tag="function", forbid_unknown_fields=True):
    """A function that the model may have called."""

    function: _Function


class _Name(Struct, forbid_unknown_fields=True):
    name: str


class Chosen(Struct, tag_field="type", tag="function", forbid_unknown_fields=True):
    """The one function that the model must call."""

    function: _Name


class PlainText(Struct, tag_field="type", tag="text", forbid_unknown_fields=True):
    """Words as they come."""


class JsonObject(Struct, tag_field="type", tag="json_object", forbid_unknown_fields=True):
    """Any JSON object."""


class _Schema(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: str | None = None
    schema: dict[str, Any] | None = None
    strict: bool | None = None


class JsonSchema(Struct, tag_field="type", tag="json_schema", forbid_unknown_fields=True):
    """JSON of this shape."""

    json_schema: _Schema


_Penalty = Annotated[float, Meta(ge=-2, le=2)]
_Tokens = Annotated[int, Meta(ge=1)]


class Asked(Struct, forbid_unknown_fields=True):
    """A request for a completion."""

    model: str
    messages: Annotated[list[Message], Meta(min_length=1)]
    modalities: list[Literal["text", "audio"]] | None = None
    audio: AudioWanted | None = None
    max_completion_tokens: _Tokens | None = None
    max_tokens: _Tokens | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    frequency_penalty: _Penalty | None = None
    presence_penalty: _Penalty | None = None
    stop: str | Annotated[list[str], Meta(max_length=4)] | None = None
    seed: int | None = None
    logit_bias: dict[str, int] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    response_format: PlainText | JsonObject | JsonSchema | None = None
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    user: str | None = None
    safety_identifier: Annotated[str, Meta(max_length=64)] | None = None
    prompt_cache_key: str | None = None
    tools: Annotated[list[Tool], Meta(min_length=1, max_length=128)] | None = None
    tool_choice: Literal["none", "auto", "required"] | Chosen | None = None
    parallel_tool_calls: bool | None = None

    @property
    def wants_sound(self) -> bool:
        """Whether the answer is to be spoken."""
        return "audio" in (self.modalities or ())

    @property
    def has_sound(self) -> bool:
        """Whether a member's clip was sent."""
        parts = (p for m in self.messages if isinstance(m.content, list) for p in m.content)
        return any(isinstance(part, AudioPart) for part in parts)

    @property
    def wants_usage_streamed(self) -> bool:
        """Whether the tokens are to be told at the end of a stream."""
        return bool(self.stream_options and self.stream_options.include_usage)

    @property
    def most_tokens(self) -> int | None:
        """How long the answer may be; None for no limit."""
        return self.max_completion_tokens or self.max_tokens


FIELDS = tuple(Asked.__struct_fields__)
"""The names of all parameters."""
