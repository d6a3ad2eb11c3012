"""Streams that are odd, or that break; for calls with `stream` set."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from aiohttp import web

from bot.local.chat_server.faults.queue import Answer, Fault
from bot.local.chat_server.streaming import DONE, begin_stream, chunks, event

Parts = Sequence[dict[str, Any]]


def streamed(change: Callable[[Parts], Iterator[bytes]], *, breaks: bool = False) -> Fault:
    """Send what `change` makes of the chunks; `breaks` cuts the connection after that."""

    async def respond(request: web.Request, answer: Answer) -> web.StreamResponse:
        parts = list(chunks(await answer(), with_usage=True))
        response = await begin_stream(request)
        for data in change(parts):
            await response.write(data)
        if not breaks:
            await response.write_eof()
        elif request.transport is not None:
            request.transport.abort()
        return response

    return respond


def _audio(part: dict[str, Any]) -> dict[str, Any]:
    delta: dict[str, Any] = part["choices"][0]["delta"] if part["choices"] else {}
    found: dict[str, Any] = delta.get("audio") or {}
    return found


def _id_twice(parts: Parts) -> Iterator[bytes]:
    """Repeat the id with the first sound, as OpenAI was seen to do."""
    audio_id = next(_audio(part)["id"] for part in parts if "id" in _audio(part))
    first = next(part for part in parts if "data" in _audio(part))
    _audio(first)["id"] = audio_id
    yield from map(event, parts)
    yield DONE


def _without_done(parts: Parts) -> Iterator[bytes]:
    """End without a word, as Speaches does."""
    yield from map(event, parts)


def _with_heartbeats(parts: Parts) -> Iterator[bytes]:
    """Send comments and chunks without choices in between, as relays do."""
    for part in parts:
        yield b": PROCESSING\n\n"
        yield event({"id": part["id"], "object": "chat.completion.chunk"})
        yield event(part)
    yield DONE


def _with_carriage_returns(parts: Parts) -> Iterator[bytes]:
    """End lines as other systems do."""
    for part in parts:
        yield event(part).replace(b"\n", b"\r\n")
    yield DONE.replace(b"\n", b"\r\n")


def _in_shreds(parts: Parts) -> Iterator[bytes]:
    """Cut anywhere, in the middle of letters too."""
    whole = b"".join(map(event, parts)) + DONE
    for at in range(0, len(whole), 1021):
        yield whole[at : at + 1021]


def _half(parts: Parts) -> Iterator[bytes]:
    yield from map(event, parts[: len(parts) // 2])


def _error_midway(parts: Parts) -> Iterator[bytes]:
    """Fail after half of it, with an error object in place of a chunk."""
    yield from _half(parts)
    message = "The server had an error while processing your request."
    error = {"message": message, "type": "server_error", "param": None, "code": None}
    yield event({"error": error})


stream_id_twice = streamed(_id_twice)
stream_without_done = streamed(_without_done)
stream_with_heartbeats = streamed(_with_heartbeats)
stream_with_carriage_returns = streamed(_with_carriage_returns)
stream_in_shreds = streamed(_in_shreds)
stream_cut = streamed(_half)
stream_reset = streamed(_half, breaks=True)
stream_error_midway = streamed(_error_midway)
