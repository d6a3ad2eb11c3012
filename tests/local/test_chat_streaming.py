"""Streamed answers, by openai-python and byte by byte."""

import base64
from collections.abc import AsyncIterator
from typing import Any, Literal

import aiohttp
import msgspec
import openai
import pytest
import pytest_asyncio
from openai import AsyncOpenAI
from openai.types.chat import ChatCompletionAudio, ChatCompletionChunk, ChatCompletionMessageParam

from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.streaming import PIECE_BYTES

MODEL = "gpt-audio-1.5"
QUESTION: ChatCompletionMessageParam = {"role": "user", "content": "What is 6 times 7?"}
ASKED = {
    "model": MODEL,
    "modalities": ["text", "audio"],
    "audio": {"voice": "coral", "format": "pcm16"},
    "messages": [QUESTION],
    "stream": True,
}


class Clock:
    now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def server(clock: Clock) -> AsyncIterator[ChatServer]:
    async with ChatServer(now=clock) as server:
        yield server


@pytest_asyncio.fixture
async def client(server: ChatServer) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(
        api_key=server.key, base_url=server.base_url, max_retries=0, timeout=20
    ) as client:
        yield client


async def streamed(
    client: AsyncOpenAI,
    *messages: ChatCompletionMessageParam,
    usage: bool = False,
    most_tokens: int = 2048,
) -> list[ChatCompletionChunk]:
    stream = await client.chat.completions.create(
        model=MODEL,
        modalities=["text", "audio"],
        audio={"voice": "coral", "format": "pcm16"},
        messages=list(messages),
        max_completion_tokens=most_tokens,
        stream=True,
        stream_options={"include_usage": True} if usage else openai.omit,
    )
    return [chunk async for chunk in stream]


def audio_of(chunks: list[ChatCompletionChunk]) -> list[dict[str, Any]]:
    """What each chunk says of the sound."""
    deltas = [
        choice.delta.model_dump(exclude_none=True) for chunk in chunks for choice in chunk.choices
    ]
    return [delta["audio"] for delta in deltas if delta.get("audio")]


def told(chunks: list[ChatCompletionChunk], field: str) -> list[Any]:
    return [audio[field] for audio in audio_of(chunks) if audio.get(field) is not None]


async def whole(client: AsyncOpenAI, *messages: ChatCompletionMessageParam) -> ChatCompletionAudio:
    completion = await client.chat.completions.create(
        model=MODEL,
        modalities=["text", "audio"],
        audio={"voice": "coral", "format": "pcm16"},
        messages=list(messages),
    )
    audio = completion.choices[0].message.audio
    assert audio is not None
    return audio


async def test_a_streamed_answer_is_the_whole_one_in_pieces(client: AsyncOpenAI) -> None:
    chunks = await streamed(client, QUESTION)
    pieces = [base64.b64decode(data) for data in told(chunks, "data")]
    same = await whole(client, QUESTION)

    assert "".join(told(chunks, "transcript")) == same.transcript == "That makes 42."
    assert b"".join(pieces) == base64.b64decode(same.data)
    assert len(pieces) > 1
    assert {len(piece) for piece in pieces[:-1]} == {PIECE_BYTES}
    assert len(told(chunks, "transcript")) > 1


async def test_the_id_is_told_once_and_the_expiry_last_without_an_end(
    client: AsyncOpenAI, clock: Clock
) -> None:
    chunks = await streamed(client, QUESTION)
    assert len(told(chunks, "id")) == 1
    assert told(chunks, "expires_at") == [clock.now + 3600]
    assert audio_of(chunks[-1:]) == [{"expires_at": clock.now + 3600}]
    assert {choice.finish_reason for chunk in chunks for choice in chunk.choices} == {None}
    assert all(chunk.usage is None for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1


async def test_usage_comes_in_a_chunk_of_its_own_when_asked_for(client: AsyncOpenAI) -> None:
    chunks = await streamed(client, QUESTION, usage=True)
    [last] = [chunk for chunk in chunks if chunk.usage is not None]
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens_details is not None
    assert last.usage.completion_tokens_details.audio_tokens


async def test_an_answer_beyond_the_allowed_tokens_says_so(client: AsyncOpenAI) -> None:
    chunks = await streamed(client, QUESTION, most_tokens=10)
    assert "length" in [choice.finish_reason for chunk in chunks for choice in chunk.choices]
    assert told(chunks, "expires_at")


async def test_a_conversation_goes_on_by_the_id_of_a_streamed_answer(client: AsyncOpenAI) -> None:
    first = await streamed(client, QUESTION)
    [audio_id] = told(first, "id")
    second = await streamed(
        client,
        QUESTION,
        {"role": "assistant", "audio": {"id": audio_id}},
        {"role": "user", "content": "What did you say?"},
    )
    assert "".join(told(second, "transcript")) == "I said: That makes 42."


async def test_an_id_older_than_an_hour_is_refused_before_the_stream_begins(
    client: AsyncOpenAI, clock: Clock
) -> None:
    [audio_id] = told(await streamed(client, QUESTION), "id")
    clock.now += 3600
    with pytest.raises(openai.BadRequestError) as caught:
        await streamed(client, QUESTION, {"role": "assistant", "audio": {"id": audio_id}})
    assert caught.value.code == "audio_not_found"


async def test_words_alone_are_streamed_too(server: ChatServer, client: AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[QUESTION],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    content = [choice.delta.content for chunk in chunks for choice in chunk.choices]
    assert "".join(filter(None, content)) == "That makes 42."
    assert [c.finish_reason for chunk in chunks for c in chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


@pytest.mark.parametrize("audio_format", ["wav", "mp3", "opus", "flac", "aac"])
async def test_formats_that_have_an_end_are_refused(
    server: ChatServer,
    client: AsyncOpenAI,
    audio_format: Literal["wav", "mp3", "opus", "flac", "aac"],
) -> None:
    with pytest.raises(openai.BadRequestError, match="when stream=true") as caught:
        await client.chat.completions.create(
            model=MODEL,
            modalities=["text", "audio"],
            audio={"voice": "coral", "format": audio_format},
            messages=[QUESTION],
            stream=True,
        )
    assert caught.value.param == "audio.format"


# --- the bytes


async def lines_of(server: ChatServer) -> bytes:
    headers = {"Authorization": f"Bearer {server.key}"}
    url = f"{server.base_url}/chat/completions"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json=ASKED) as response,
    ):
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert response.headers["x-request-id"].startswith("req_")
        return await response.read()


def events_of(body: bytes) -> list[Any]:
    events = body.replace(b"\r\n", b"\n").split(b"\n\n")
    data = [event.removeprefix(b"data: ") for event in events if event.startswith(b"data: ")]
    return [each if each == b"[DONE]" else msgspec.json.decode(each) for each in data]


async def test_each_event_is_one_line_and_the_last_says_done(server: ChatServer) -> None:
    body = await lines_of(server)
    events = events_of(body)
    assert body.count(b"\n\n") == len(events)
    assert events[-1] == b"[DONE]"
    assert "finish_reason" not in events[-2]["choices"][0]
    assert events[0]["choices"][0]["delta"] == {"role": "assistant", "refusal": None}
    assert {event["object"] for event in events[:-1]} == {"chat.completion.chunk"}


async def test_odd_streams_say_the_same(server: ChatServer) -> None:
    usual = sound_of(events_of(await lines_of(server)))
    for fault in (
        faults.stream_id_twice,
        faults.stream_without_done,
        faults.stream_with_heartbeats,
        faults.stream_with_carriage_returns,
        faults.stream_in_shreds,
    ):
        server.faults.next(fault)
        assert sound_of(events_of(await lines_of(server))) == usual


async def test_a_stream_can_end_fail_or_break_midway(server: ChatServer) -> None:
    server.faults.next(faults.stream_cut)
    assert b"[DONE]" not in await lines_of(server)
    server.faults.next(faults.stream_error_midway)
    assert "server" in events_of(await lines_of(server))[-1]["error"]["message"]
    server.faults.next(faults.stream_reset)
    with pytest.raises(aiohttp.ClientError):
        await lines_of(server)


async def test_openai_was_seen_to_tell_the_id_twice(server: ChatServer) -> None:
    server.faults.next(faults.stream_id_twice)
    events = events_of(await lines_of(server))
    assert len([1 for delta in deltas_of(events) if "id" in delta.get("audio", {})]) == 2


def deltas_of(events: list[Any]) -> list[Any]:
    chunks = [event for event in events if event != b"[DONE]" and event.get("choices")]
    return [chunk["choices"][0]["delta"] for chunk in chunks]


def sound_of(events: list[Any]) -> bytes:
    audio = [delta.get("audio", {}) for delta in deltas_of(events)]
    return b"".join(base64.b64decode(each["data"]) for each in audio if "data" in each)
