"""Our prompt as the JSON of an OpenAI-style chat completions request with audio. Pure."""

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from bot.domain.prompt import (
    CallsBefore,
    FromMember,
    Prompt,
    PromptMessage,
    SpokenBefore,
    System,
    ToolResult,
    WrittenBefore,
)
from bot.domain.reply import ModelAudio, SoundFormat
from bot.domain.tools import Tool, ToolCall


class _TextPart(Struct, tag_field="type", tag="text"):
    text: str


class _InputAudio(Struct):
    data: bytes
    format: Literal["wav", "mp3"]


class _AudioPart(Struct, tag_field="type", tag="input_audio"):
    input_audio: _InputAudio


class _SystemMessage(Struct, tag_field="role", tag="system"):
    content: str


class _UserMessage(Struct, tag_field="role", tag="user"):
    content: str | list[_TextPart | _AudioPart]


class _AudioId(Struct):
    id: str


class _SpokenMessage(Struct, tag_field="role", tag="assistant"):
    audio: _AudioId


class _WrittenMessage(Struct, tag_field="role", tag="assistant"):
    content: str


class _Called(Struct):
    name: str
    arguments: str


class _CallFields(Struct, tag_field="type", tag="function"):
    id: str
    function: _Called


class _CallingMessage(Struct, tag_field="role", tag="assistant"):
    tool_calls: list[_CallFields]
    content: str | None = None


class _ToolMessage(Struct, tag_field="role", tag="tool"):
    tool_call_id: str
    content: str


class _FunctionFields(Struct):
    name: str
    description: str
    parameters: Mapping[str, object]


class _ToolFields(Struct, tag_field="type", tag="function"):
    function: _FunctionFields


class VoiceId(Struct):
    """A custom voice."""

    id: str


class _AudioWanted(Struct):
    voice: str | VoiceId
    format: SoundFormat


class _StreamOptions(Struct):
    include_usage: bool = True


_Message = (
    _SystemMessage
    | _UserMessage
    | _SpokenMessage
    | _WrittenMessage
    | _CallingMessage
    | _ToolMessage
)


class _Request(Struct, kw_only=True):
    model: str
    messages: list[_Message]
    modalities: tuple[str, ...] | UnsetType = UNSET
    audio: _AudioWanted | UnsetType = UNSET
    max_completion_tokens: int
    safety_identifier: str
    temperature: float | UnsetType = UNSET
    top_p: float | UnsetType = UNSET
    frequency_penalty: float | UnsetType = UNSET
    presence_penalty: float | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    tools: list[_ToolFields] | UnsetType = UNSET
    stream: bool | UnsetType = UNSET
    stream_options: _StreamOptions | UnsetType = UNSET


_encoder = msgspec.json.Encoder()


def encode(prompt: Prompt, model: str, *, stream: bool = False) -> bytes:
    """Write the request; message n of it is message n of the prompt.

    Args:
        prompt: what is asked; the same prompt makes the same bytes.
        model: where the prompt names none.
        stream: ask for the answer in pieces; its sound is pcm16 then, the only format allowed.

    """
    wanted = "pcm16" if stream else prompt.format
    chosen = prompt.sampling
    request = _Request(
        model=prompt.model or model,
        messages=[_message(m) for m in prompt.messages],
        modalities=_modalities(prompt),
        audio=UNSET if prompt.voice is None else _audio(prompt.voice, wanted),
        max_completion_tokens=prompt.max_tokens,
        safety_identifier=prompt.asker,
        temperature=_number(chosen.temperature),
        top_p=_number(chosen.top_p),
        frequency_penalty=_number(chosen.frequency_penalty),
        presence_penalty=_number(chosen.presence_penalty),
        seed=UNSET if chosen.seed is None else chosen.seed,
        tools=[_tool(tool) for tool in prompt.tools] or UNSET,
        stream=stream or UNSET,
        stream_options=_StreamOptions() if stream else UNSET,
    )
    return _encoder.encode(request)


def _modalities(prompt: Prompt) -> tuple[str, ...] | UnsetType:
    """Say what is wanted where sound is involved; models without any refuse to be told."""
    if prompt.voice is not None:
        return ("text", "audio")
    return ("text",) if prompt.has_sound else UNSET


def _audio(voice: str, sound_format: SoundFormat) -> _AudioWanted:
    return _AudioWanted(voice_field(voice), sound_format)


def voice_field(voice: str) -> str | VoiceId:
    """Name a voice as the API does: a custom one is an object with its id."""
    return VoiceId(voice) if voice.startswith("voice_") else voice


def _number(value: float | None) -> float | UnsetType:
    # 1 and 1.0 are the same setting, and make the same bytes.
    return UNSET if value is None else float(value)


def _message(message: PromptMessage) -> _Message:
    match message:
        case System(text):
            return _SystemMessage(sendable(text))
        case FromMember((str(text),)):
            return _UserMessage(sendable(text))
        case FromMember(parts):
            return _UserMessage([_part(p) for p in parts])
        case SpokenBefore(handle):
            return _SpokenMessage(_AudioId(handle.id))
        case WrittenBefore(transcript):
            return _WrittenMessage(sendable(transcript))
        case CallsBefore(calls, transcript):
            return _CallingMessage([_call(c) for c in calls], sendable(transcript) or None)
        case ToolResult(call_id, text):
            return _ToolMessage(call_id, sendable(text))


def _call(call: ToolCall) -> _CallFields:
    return _CallFields(call.id, _Called(call.name, sendable(call.arguments)))


def _tool(tool: Tool) -> _ToolFields:
    return _ToolFields(_FunctionFields(tool.name, tool.description, tool.parameters))


def _part(part: str | ModelAudio) -> _TextPart | _AudioPart:
    if isinstance(part, str):
        return _TextPart(sendable(part))
    return _AudioPart(_InputAudio(part.data, part.format))


def sendable(text: str) -> str:
    """Make text that can be sent."""
    # Half of a surrogate pair can come out of JSON, but cannot be put into UTF-8.
    return text.encode("utf-8", "replace").decode()
