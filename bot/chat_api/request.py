"""Our prompt as the JSON of an OpenAI-style chat completions request with audio. Pure."""

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from bot.chat_api.messages import Message, write_message
from bot.chat_api.provider import Provider
from bot.chat_api.providers import OPENAI
from bot.domain.prompt import (
    Prompt,
)
from bot.domain.reply import SoundFormat
from bot.domain.tools import Tool


class _FunctionFields(Struct):
    name: str
    description: str
    parameters: Mapping[str, object]


class _ToolFields(Struct, tag_field="type", tag="function"):
    function: _FunctionFields


class _FunctionName(Struct):
    name: str


class _FunctionChoice(Struct, tag_field="type", tag="function"):
    function: _FunctionName


class VoiceId(Struct):
    """A custom voice."""

    id: str


class _AudioWanted(Struct):
    voice: str | VoiceId
    format: SoundFormat


class _StreamOptions(Struct):
    include_usage: bool = True
    include_obfuscation: bool | UnsetType = UNSET


class _Request(Struct, kw_only=True):
    model: str
    messages: list[Message]
    modalities: tuple[str, ...] | UnsetType = UNSET
    audio: _AudioWanted | UnsetType = UNSET
    max_completion_tokens: int | UnsetType = UNSET
    max_tokens: int | UnsetType = UNSET
    safety_identifier: str | UnsetType = UNSET
    temperature: float | UnsetType = UNSET
    top_p: float | UnsetType = UNSET
    frequency_penalty: float | UnsetType = UNSET
    presence_penalty: float | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    stop: tuple[str, ...] | UnsetType = UNSET
    logit_bias: Mapping[str, int] | UnsetType = UNSET
    logprobs: bool | UnsetType = UNSET
    top_logprobs: int | UnsetType = UNSET
    response_format: Mapping[str, object] | UnsetType = UNSET
    tools: list[_ToolFields] | UnsetType = UNSET
    tool_choice: str | _FunctionChoice | UnsetType = UNSET
    stream: bool | UnsetType = UNSET
    stream_options: _StreamOptions | UnsetType = UNSET


T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode(
    prompt: Prompt, model: str, *, provider: Provider = OPENAI, stream: bool = False
) -> bytes:
    """Write the request; message n of it is message n of the prompt.

    Args:
        prompt: what is asked; the same prompt makes the same bytes.
        model: where the prompt names none.
        provider: who is asked; what it does not take is left out.
        stream: ask for the answer in pieces; its sound is pcm16 then, whatever was wished.

    """
    asked = prompt.model or model
    chosen = provider.sampling_for(asked, prompt.sampling)
    tools = prompt.tools if provider.sends(asked, "tools") else ()
    request = _Request(
        model=asked,
        messages=[write_message(m, provider) for m in prompt.messages],
        modalities=_modalities(prompt),
        audio=_audio(prompt, provider, stream=stream),
        safety_identifier=prompt.asker if provider.names_asker else UNSET,
        temperature=_number(chosen.temperature),
        top_p=_number(chosen.top_p),
        frequency_penalty=_number(chosen.frequency_penalty),
        presence_penalty=_number(chosen.presence_penalty),
        seed=_set(chosen.seed),
        stop=_set(chosen.stop),
        logit_bias=_set(chosen.logit_bias),
        logprobs=_set(chosen.logprobs),
        top_logprobs=_set(chosen.top_logprobs),
        response_format=_set(chosen.response_format if prompt.voice is None else None),
        tools=[_tool(tool) for tool in tools] or UNSET,
        tool_choice=_choice(chosen.tool_choice) if tools else UNSET,
        stream=stream or UNSET,
        stream_options=_stream_options(provider) if stream else UNSET,
    )
    if provider.length_field is not None:
        setattr(request, provider.length_field, prompt.max_tokens)
    return _encoder.encode(request)


def _stream_options(provider: Provider) -> _StreamOptions:
    return _StreamOptions(include_obfuscation=False if provider.pads_streams else UNSET)


def _modalities(prompt: Prompt) -> tuple[str, ...] | UnsetType:
    """Say what is wanted where sound is involved; models without any refuse to be told."""
    if prompt.voice is not None:
        return ("text", "audio")
    return ("text",) if prompt.has_sound else UNSET


def _audio(prompt: Prompt, provider: Provider, *, stream: bool) -> _AudioWanted | UnsetType:
    if prompt.voice is None:
        return UNSET
    wanted = provider.stream_format if stream else provider.format_for(prompt.format)
    return _AudioWanted(voice_field(provider.voice_for(prompt.voice)), wanted)


def voice_field(voice: str) -> str | VoiceId:
    """Name a voice as the API does: a custom one is an object with its id."""
    return VoiceId(voice) if voice.startswith("voice_") else voice


def _number(value: float | None) -> float | UnsetType:
    # 1 and 1.0 are the same setting, and make the same bytes.
    return UNSET if value is None else float(value)


def _set(value: T | None) -> T | UnsetType:
    return UNSET if value is None else value


def _choice(word: str | None) -> str | _FunctionChoice | UnsetType:
    if word is None or word in ("auto", "none", "required"):
        return UNSET if word is None else word
    return _FunctionChoice(_FunctionName(word))


def _tool(tool: Tool) -> _ToolFields:
    return _ToolFields(_FunctionFields(tool.name, tool.description, tool.parameters))
