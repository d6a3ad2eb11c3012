"""Our prompt as the JSON of an OpenAI-style chat completions request with audio. Pure."""

from typing import Literal

import msgspec
from msgspec import Struct

from bot.domain.conversation import (
    FromMember,
    Prompt,
    PromptMessage,
    SpokenBefore,
    System,
    WrittenBefore,
)
from bot.domain.reply import ModelAudio, SoundFormat


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


class _VoiceId(Struct):
    id: str


class _AudioWanted(Struct):
    voice: str | _VoiceId
    format: SoundFormat


_Message = _SystemMessage | _UserMessage | _SpokenMessage | _WrittenMessage


class _Request(Struct):
    model: str
    messages: list[_Message]
    modalities: tuple[str, ...]
    audio: _AudioWanted
    max_completion_tokens: int
    safety_identifier: str


_encoder = msgspec.json.Encoder()


def encode(prompt: Prompt, model: str) -> bytes:
    """Write the request; message n of it is message n of the prompt."""
    custom = prompt.voice.startswith("voice_")
    request = _Request(
        model=model,
        messages=[_message(m) for m in prompt.messages],
        modalities=("text", "audio"),
        audio=_AudioWanted(_VoiceId(prompt.voice) if custom else prompt.voice, prompt.format),
        max_completion_tokens=prompt.max_tokens,
        safety_identifier=prompt.asker,
    )
    return _encoder.encode(request)


def _message(message: PromptMessage) -> _Message:
    match message:
        case System(text):
            return _SystemMessage(_sendable(text))
        case FromMember((str(text),)):
            return _UserMessage(_sendable(text))
        case FromMember(parts):
            return _UserMessage([_part(p) for p in parts])
        case SpokenBefore(handle):
            return _SpokenMessage(_AudioId(handle.id))
        case WrittenBefore(transcript):
            return _WrittenMessage(_sendable(transcript))


def _part(part: str | ModelAudio) -> _TextPart | _AudioPart:
    if isinstance(part, str):
        return _TextPart(_sendable(part))
    return _AudioPart(_InputAudio(part.data, part.format))


def _sendable(text: str) -> str:
    # Half of a surrogate pair can come out of JSON, but cannot be put into UTF-8.
    return text.encode("utf-8", "replace").decode()
