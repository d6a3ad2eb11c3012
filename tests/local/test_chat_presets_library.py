"""openai-python as a client of every system that the stand-in can be."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from bot.audio.decode import decode
from bot.domain.reply import SPEECH_HZ
from bot.local.chat_server import PRESETS, ChatServer
from bot.local.espeak import Espeak
from tests.local.chat_systems import SAID, STREAMED, WHOLE

IN_AUDIO = sorted(set(STREAMED) - {"qwen-omni", "vllm-omni"})


@asynccontextmanager
async def serving(name: str) -> AsyncIterator[tuple[ChatServer, AsyncOpenAI]]:
    async with (
        ChatServer(preset=name, canned=SAID) as server,
        AsyncOpenAI(
            api_key=server.key, base_url=server.base_url, max_retries=0, timeout=20
        ) as client,
    ):
        yield server, client


def asked(server: ChatServer, *, stream: bool) -> Any:  # noqa: ANN401 - as the library types it
    preset = server.preset
    formats = preset.stream_formats if stream else preset.formats
    return {
        "model": next(iter(preset.models or ["anything"])),
        "modalities": ["text", "audio"],
        "audio": {"voice": next(iter(preset.voices)), "format": formats[0]},
        "messages": [{"role": "user", "content": "What is 6 times 7?"}],
        **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
    }


async def stream_from(name: str) -> list[ChatCompletionChunk]:
    async with serving(name) as (server, client):
        stream = await client.chat.completions.create(**asked(server, stream=True))
        return [chunk async for chunk in stream]


def audios(chunks: list[ChatCompletionChunk]) -> list[dict[str, Any]]:
    choices = [choice for chunk in chunks for choice in chunk.choices]
    return [found for c in choices if (found := c.delta.model_dump().get("audio"))]


def length_s(voice: str) -> float:
    return len(Espeak().speak(SAID, voice)) / 2 / SPEECH_HZ


@pytest.mark.parametrize("name", WHOLE)
async def test_the_library_reads_a_whole_answer(name: str) -> None:
    async with serving(name) as (server, client):
        completion = await client.chat.completions.create(**asked(server, stream=False))
    messages = [choice.message for choice in completion.choices]
    [audio] = [message.audio for message in messages if message.audio is not None]
    words = [message.content for message in messages if message.content]

    assert ChatCompletion.model_validate(completion.model_dump()).id == completion.id
    assert [*words, audio.transcript][0] == SAID
    sound = decode(base64.b64decode(audio.data), max_seconds=60)
    voice = next(iter(PRESETS[name].voices.values()))
    assert sound.seconds == pytest.approx(length_s(voice), abs=0.1)
    assert completion.usage is not None
    assert completion.usage.total_tokens > 0


@pytest.mark.parametrize("name", IN_AUDIO)
async def test_the_library_reads_words_and_sound_of_a_stream(name: str) -> None:
    told = audios(await stream_from(name))
    pcm = b"".join(base64.b64decode(audio["data"]) for audio in told if audio.get("data"))
    voice = next(iter(PRESETS[name].voices.values()))

    assert "".join(audio.get("transcript") or "" for audio in told) == SAID
    assert len(pcm) / 2 / SPEECH_HZ == pytest.approx(length_s(voice), abs=0.01)
    assert len({audio["id"] for audio in told if audio.get("id")}) == 1


@pytest.mark.parametrize("name", sorted(set(STREAMED) - {"azure"}))
async def test_every_chunk_is_one_as_the_library_has_it(name: str) -> None:
    chunks = await stream_from(name)
    # The last chunk of sound says nothing of an end; the library leaves that out of its model.
    dumped = [chunk.model_dump() for chunk in chunks]
    for chunk in dumped:
        for choice in chunk["choices"]:
            choice.setdefault("finish_reason", None)
    ids = [ChatCompletionChunk.model_validate(chunk).id for chunk in dumped]
    assert ids == [chunk.id for chunk in chunks]


async def test_the_library_reads_qwens_words_and_samples() -> None:
    chunks = await stream_from("qwen-omni")
    choices = [choice for chunk in chunks for choice in chunk.choices]
    pcm = b"".join(base64.b64decode(audio["data"]) for audio in audios(chunks))
    assert "".join(choice.delta.content or "" for choice in choices) == SAID
    assert len(pcm) / 2 / SPEECH_HZ == pytest.approx(length_s("coral"), abs=0.01)
    assert choices[-1].finish_reason == "stop"


async def test_the_library_reads_a_wav_file_where_vllm_has_words() -> None:
    chunks = await stream_from("vllm-omni")
    content = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    *words, sound = [each for each in content if each]
    assert "".join(words) == SAID
    seconds = decode(base64.b64decode(sound), max_seconds=60).seconds
    assert seconds == pytest.approx(length_s("coral"), abs=0.1)


async def test_the_librarys_client_for_azure_finds_the_old_address() -> None:
    async with (
        ChatServer(preset="azure", canned=SAID) as server,
        AsyncAzureOpenAI(
            azure_endpoint=server.base_url.removesuffix("/openai/v1"),
            api_key=server.key,
            api_version="2025-01-01-preview",
            max_retries=0,
        ) as client,
    ):
        completion = await client.chat.completions.create(**asked(server, stream=False))
    audio = completion.choices[0].message.audio
    assert audio is not None
    assert audio.transcript == SAID
    assert server.seen[0].path == "/openai/deployments/gpt-audio-1.5/chat/completions"


@pytest.mark.parametrize("name", sorted(name for name in PRESETS if PRESETS[name].key_headers))
async def test_a_wrong_key_is_the_librarys_authentication_error(name: str) -> None:
    async with serving(name) as (server, client):
        with pytest.raises(openai.AuthenticationError):
            await client.with_options(api_key="sk-nobody").chat.completions.create(
                **asked(server, stream=False)
            )


@pytest.mark.parametrize("name", sorted(name for name in PRESETS if PRESETS[name].models))
async def test_an_unknown_model_is_an_error_with_a_status(name: str) -> None:
    async with serving(name) as (server, client):
        stream = name in ("openrouter", "qwen-omni")
        body = {**asked(server, stream=stream), "model": "nobody"}
        with pytest.raises(openai.APIStatusError) as caught:
            await client.chat.completions.create(**body)
    assert caught.value.status_code in (400, 404, 503)


@pytest.mark.parametrize("name", sorted(set(PRESETS) - {"vllm-omni", "generic"}))
async def test_an_unknown_parameter_is_a_refusal(name: str) -> None:
    async with serving(name) as (server, client):
        stream = name in ("openrouter", "qwen-omni")
        with pytest.raises(openai.APIStatusError) as caught:
            await client.chat.completions.create(
                **asked(server, stream=stream), extra_body={"mood": "sunny"}
            )
    assert caught.value.status_code in (400, 422)
