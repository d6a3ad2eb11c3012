"""Streamed answers, by openai-python and byte by byte."""

import base64
from collections.abc import AsyncIterator, Callable
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
from tests.local.chat_spec import needs_spec, published_chunk_problems
from tests.local.chat_stream_spec import chunk_problems, stream_problems

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
    # The library makes None of the choices of a chunk that has none.
    choices = [choice for chunk in chunks for choice in chunk.choices or []]
    deltas = [choice.delta.model_dump(exclude_none=True) for choice in choices]
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


async def lines_of(server: ChatServer, **fields: object) -> bytes:
    headers = {"Authorization": f"Bearer {server.key}"}
    url = f"{server.base_url}/chat/completions"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(url, json={**ASKED, **fields}) as response,
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


ODD = [
    "stream_after_done",
    "stream_id_twice",
    "stream_in_one_line",
    "stream_in_padded_pieces",
    "stream_in_shreds",
    "stream_repeating",
    "stream_usage_last",
    "stream_with_bare_returns",
    "stream_with_carriage_returns",
    "stream_with_finish",
    "stream_with_heartbeats",
    "stream_without_any_end",
    "stream_without_done",
    "stream_without_usage",
]


@pytest.mark.parametrize("name", ODD)
async def test_odd_streams_say_the_same_to_another_client(
    server: ChatServer, client: AsyncOpenAI, name: str
) -> None:
    usual = await streamed(client, QUESTION)
    server.faults.next(getattr(faults, name))
    odd = await streamed(client, QUESTION)
    assert heard(odd) == heard(usual)


def heard(chunks: list[ChatCompletionChunk]) -> tuple[str, bytes]:
    pieces = [base64.b64decode(data) for data in told(chunks, "data")]
    return "".join(told(chunks, "transcript")), b"".join(pieces)


async def test_words_may_be_written_and_sound_be_in_a_choice_of_its_own(
    server: ChatServer, client: AsyncOpenAI
) -> None:
    _, usual = heard(await streamed(client, QUESTION))
    for fault, place in ((faults.stream_in_content, 0), (faults.stream_two_choices, 1)):
        server.faults.next(fault)
        chunks = await streamed(client, QUESTION)
        choices = [choice for chunk in chunks for choice in chunk.choices]
        assert "".join(c.delta.content or "" for c in choices) == "That makes 42."
        assert heard(chunks) == ("", usual)
        assert {choice.index for choice in choices} == {0, place}


async def test_another_client_is_told_of_failures_in_the_middle(
    server: ChatServer, client: AsyncOpenAI
) -> None:
    for fault in (faults.stream_error_first, faults.stream_error_midway, faults.stream_error_named):
        server.faults.next(fault)
        with pytest.raises(openai.APIError, match="The server had an error"):
            await streamed(client, QUESTION)


async def test_another_client_reads_calls_of_functions(
    server: ChatServer, client: AsyncOpenAI
) -> None:
    server.faults.next(faults.stream_tool_calls(("call_a", "time", '{"zone": "UTC"}')))
    chunks = await streamed(client, QUESTION)
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    pieces = [call for delta in deltas for call in delta.tool_calls or []]
    functions = [piece.function for piece in pieces if piece.function is not None]
    assert pieces[0].id == "call_a"
    assert functions[0].name == "time"
    assert "".join(f.arguments or "" for f in functions) == '{"zone": "UTC"}'
    assert chunks[-1].choices[0].finish_reason == "tool_calls"


async def test_a_stream_can_end_fail_or_break_midway(server: ChatServer) -> None:
    server.faults.next(faults.stream_cut)
    assert b"[DONE]" not in await lines_of(server)
    server.faults.next(faults.stream_error_midway)
    assert "server" in events_of(await lines_of(server))[-1]["error"]["message"]
    server.faults.next(faults.stream_reset)
    with pytest.raises(aiohttp.ClientError):
        await lines_of(server)


async def chunks_of(server: ChatServer, **fields: object) -> list[Any]:
    return [event for event in events_of(await lines_of(server, **fields)) if event != b"[DONE]"]


async def test_openai_was_seen_to_tell_the_id_twice(server: ChatServer) -> None:
    server.faults.next(faults.stream_id_twice)
    events = events_of(await lines_of(server))
    assert len([1 for delta in deltas_of(events) if "id" in delta.get("audio", {})]) == 2


def deltas_of(events: list[Any]) -> list[Any]:
    chunks = [event for event in events if event != b"[DONE]" and event.get("choices")]
    return [chunk["choices"][0]["delta"] for chunk in chunks]


# --- as OpenAI describes it


@needs_spec
async def test_every_stream_is_what_openai_describes(server: ChatServer) -> None:
    for usage in (True, False):
        asked = {"stream_options": {"include_usage": usage}, "max_completion_tokens": 2048}
        assert stream_problems(await chunks_of(server, **asked), with_usage=usage) == []
    cut = await chunks_of(server, max_completion_tokens=10)
    assert stream_problems(cut, with_usage=False) == []


@needs_spec
async def test_every_chunk_of_written_words_is_what_openai_describes(server: ChatServer) -> None:
    written = {"model": "gpt-4o-mini", "modalities": ["text"], "audio": None}
    chunks = await chunks_of(server, **written, stream_options={"include_usage": True})
    assert len(chunks) > 2
    assert [problem for chunk in chunks for problem in chunk_problems(chunk)] == []


@needs_spec
async def test_a_call_of_a_function_is_what_openai_describes(server: ChatServer) -> None:
    server.faults.next(faults.stream_tool_calls(("call_a", "time", "{}")))
    assert [p for chunk in await chunks_of(server) for p in chunk_problems(chunk)] == []


Change = Callable[[list[Any]], object]


def delta_of(chunks: list[Any], place: int) -> Any:  # noqa: ANN401 - JSON
    return chunks[place]["choices"][0]["delta"]


SPOILED: dict[str, tuple[Change, str]] = {
    "no id of the answer": (lambda c: c[0].pop("id"), "'id' is a required property"),
    "another object": (lambda c: c[0].update(object="chunk"), "$.object"),
    "a time of words": (lambda c: c[0].update(created="now"), "$.created"),
    "a field nobody knows": (lambda c: c[0].update(new=1), "'new' was unexpected"),
    "no choices": (lambda c: c[0].pop("choices"), "'choices' is a required property"),
    "usage of words": (lambda c: c[0].update(usage="much"), "$.usage"),
    "an unknown reason": (lambda c: c[0]["choices"][0].update(finish_reason="tired"), "finish_r"),
    "no place": (lambda c: c[0]["choices"][0].pop("index"), "'index' is a required property"),
    "no delta": (lambda c: c[0]["choices"][0].pop("delta"), "'delta' is a required property"),
    "a whole message": (lambda c: c[0]["choices"][0].update(message={}), "was unexpected"),
    "an unknown role": (lambda c: delta_of(c, 0).update(role="parrot"), "parrot"),
    "content of numbers": (lambda c: delta_of(c, 0).update(content=7), "content"),
    "a null of sound": (lambda c: delta_of(c, 1).update(audio=None), "audio"),
    "an empty id": (lambda c: delta_of(c, 1)["audio"].update(id=""), "audio.id"),
    "a transcript of null": (lambda c: delta_of(c, 1)["audio"].update(transcript=None), "transcri"),
    "sound that is no base64": (lambda c: delta_of(c, -4)["audio"].update(data="#"), "audio.data"),
    "an expiry of words": (
        lambda c: delta_of(c, -1)["audio"].update(expires_at="soon"),
        "expires_at",
    ),
    "a voice beside the sound": (
        lambda c: delta_of(c, 1)["audio"].update(voice="coral"),
        "was unexpected",
    ),
    "two answers": (lambda c: c[2].update(id="chatcmpl-2"), "the same id, time and model"),
    "two models": (lambda c: c[2].update(model="gpt-4o"), "the same id, time and model"),
    "no speaker": (lambda c: delta_of(c, 0).pop("role"), "who speaks"),
    "another speaker": (lambda c: delta_of(c, 0).update(role="user"), "who speaks"),
    "another id": (lambda c: delta_of(c, 2)["audio"].update(id="audio_2"), "has one id"),
    "no id of the sound": (lambda c: delta_of(c, 1)["audio"].pop("id"), "has one id"),
    "an id too late": (
        lambda c: delta_of(c, 2)["audio"].update(id=delta_of(c, 1)["audio"].pop("id")),
        "the id comes with the first words",
    ),
    "words after sound": (
        lambda c: delta_of(c, -4)["audio"].update(transcript="!"),
        "before the sound",
    ),
    "no expiry": (lambda c: c.pop(), "the expiry comes last"),
    "the expiry with the sound": (
        lambda c: delta_of(c, -3)["audio"].update(expires_at=1),
        "the expiry comes last",
    ),
    "a reason with the expiry": (
        lambda c: c[-1]["choices"][0].update(finish_reason="stop"),
        "no reason",
    ),
    "no usage": (lambda c: c.pop(-2), "the usage has a chunk of its own"),
    "usage with the sound": (lambda c: c[-3].update(usage=c[-2]["usage"]), "a chunk of its own"),
    "usage with a choice": (
        lambda c: c[-2].update(choices=c[0]["choices"]),
        "a chunk of its own",
    ),
    "no usage of null": (lambda c: c[0].pop("usage"), "a usage of null"),
}


@needs_spec
@pytest.mark.parametrize(("spoil", "problem"), SPOILED.values(), ids=SPOILED.keys())
async def test_a_stream_that_is_not_as_described_is_found_out(
    server: ChatServer, spoil: Change, problem: str
) -> None:
    chunks = await chunks_of(server, stream_options={"include_usage": True})
    spoil(chunks)
    assert any(problem in each for each in stream_problems(chunks, with_usage=True))


@needs_spec
@pytest.mark.parametrize("field", ["usage", "finish_reason"])
async def test_the_published_schema_refuses_what_the_same_document_shows(
    server: ChatServer, field: str
) -> None:
    """Every correction is still needed."""
    first, *_ = await chunks_of(server, stream_options={"include_usage": True})
    assert any(field in problem for problem in published_chunk_problems(first))
