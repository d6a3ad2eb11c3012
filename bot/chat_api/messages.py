"""The messages of a conversation as the JSON of chat completions. Pure."""

import base64
from typing import Literal

from msgspec import Struct

from bot.chat_api.provider import Provider
from bot.domain.prompt import (
    CallsBefore,
    FromMember,
    PromptMessage,
    SpokenBefore,
    System,
    ToolResult,
    WrittenBefore,
)
from bot.domain.reply import ModelAudio
from bot.domain.tools import ToolCall


class _TextPart(Struct, tag_field="type", tag="text"):
    text: str


class _InputAudio(Struct):
    data: bytes | str  # bytes are written as base64
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


Message = (
    _SystemMessage
    | _UserMessage
    | _SpokenMessage
    | _WrittenMessage
    | _CallingMessage
    | _ToolMessage
)


def write_message(message: PromptMessage, provider: Provider) -> Message:
    """Write one message as a system wants it."""
    match message:
        case System(text):
            return _SystemMessage(sendable(text))
        case FromMember((str(text),)):
            return _UserMessage(sendable(text))
        case FromMember(parts):
            return _UserMessage([_part(p, provider) for p in parts])
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


def _part(part: str | ModelAudio, provider: Provider) -> _TextPart | _AudioPart:
    if isinstance(part, str):
        return _TextPart(sendable(part))
    if provider.hears == "data_uri":
        uri = "data:;base64," + base64.b64encode(part.data).decode()
        return _AudioPart(_InputAudio(uri, part.format))
    return _AudioPart(_InputAudio(part.data, part.format))


def sendable(text: str) -> str:
    """Make text that can be sent."""
    # Half of a surrogate pair can come out of JSON, but cannot be put into UTF-8.
    return text.encode("utf-8", "replace").decode()
