"""Requests, checked as strictly as the real API checks them."""

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from bot.domain.voices import VOICES
from bot.local.chat_server.complaints import explain, missing
from bot.local.chat_server.refusals import ApiRefusal, invalid_value, quoted

_CUSTOM_VOICE = re.compile(r"voice_[A-Za-z0-9_-]{1,100}")


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


class Assistant(_Message, tag="assistant", kw_only=True):
    """An earlier answer: its words, or the id of its sound."""

    content: str | list[TextPart] | None = None
    audio: _AudioId | None = None
    refusal: str | None = None


Message = System | Developer | User | Assistant


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


_Penalty = Annotated[float, Meta(ge=-2, le=2)]
_Tokens = Annotated[int, Meta(ge=1)]


class Asked(Struct, forbid_unknown_fields=True):
    """A request for a completion, with the fields that make sense for an audio model."""

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
    n: Annotated[int, Meta(ge=1, le=128)] | None = None
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    store: bool | None = None
    metadata: dict[str, str] | None = None
    user: str | None = None
    safety_identifier: Annotated[str, Meta(max_length=64)] | None = None
    prompt_cache_key: str | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
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


_decoder = msgspec.json.Decoder(Asked)


def read_request(body: bytes) -> Asked:
    """Read a request.

    Raises:
        ApiRefusal: anything the real API would not take either.

    """
    try:
        asked = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise explain(str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ApiRefusal(400, "We could not parse the JSON body of your request.") from error
    for check in (_check_modalities, _check_voice, _check_stream, _check_assistant):
        check(asked)
    return asked


def _check_modalities(asked: Asked) -> None:
    if asked.wants_sound and asked.audio is None:
        raise missing("audio")
    if asked.modalities == ["audio"]:
        raise invalid_value(
            "modalities", "Invalid value: ['audio']. Supported values are: ['text', 'audio']."
        )
    hears = "audio" in asked.model
    if hears and not asked.wants_sound and not asked.has_sound:
        raise invalid_value(
            "model",
            "This model requires that either input content or output modality contain audio.",
        )
    if not asked.wants_sound and asked.model.startswith("gpt-audio-mini"):
        raise invalid_value("model", "This model requires an audio output modality.")


def _check_voice(asked: Asked) -> None:
    if asked.audio is None:
        return
    voice = asked.audio.voice
    known = voice in VOICES if isinstance(voice, str) else _CUSTOM_VOICE.fullmatch(voice.id)
    if not known:
        name = asked.audio.voice_name
        raise invalid_value(
            "audio.voice", f"Invalid value: '{name}'. Supported values are: {quoted(VOICES)}."
        )


def _check_stream(asked: Asked) -> None:
    if asked.stream_options is not None and not asked.stream:
        raise invalid_value(
            "stream_options",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        )
    wanted = asked.audio if asked.stream and asked.wants_sound else None
    if wanted is not None and wanted.format != "pcm16":
        raise ApiRefusal(
            400,
            f"Unsupported value: 'audio.format' does not support '{wanted.format}' "
            "when stream=true. Supported values are: 'pcm16'.",
            code="unsupported_value",
            param="audio.format",
        )


def _check_assistant(asked: Asked) -> None:
    for place, message in enumerate(asked.messages):
        if not isinstance(message, Assistant):
            continue
        if message.content is None and message.audio is None and message.refusal is None:
            raise ApiRefusal(
                400,
                f"Invalid value for 'content': expected a string, got null. "
                f"(messages[{place}].content)",
                param=f"messages[{place}].content",
            )
