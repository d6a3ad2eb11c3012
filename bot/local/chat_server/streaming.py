"""An answer as server-sent events, in the order in which the real API sends its parts.

First the words, then the sound in pieces of 0.4 s, then the usage, then when the sound expires:
that one is the last, and says nothing of an end (`finish_reason`), as there.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from aiohttp import web

from bot.local.chat_server.bodies import Completion, api_headers

PIECE_BYTES = 19_200
DONE = b"data: [DONE]\n\n"

Chunk = dict[str, Any]

_WORD = re.compile(r"\s*\S+|\s+\Z")
_ENVELOPE = ("id", "created", "model", "service_tier", "system_fingerprint")


async def send_stream(request: web.Request, events: Iterable[bytes]) -> web.StreamResponse:
    """Send an answer piece by piece."""
    response = await begin_stream(request)
    for data in events:
        await response.write(data)
    await response.write_eof()
    return response


async def begin_stream(request: web.Request) -> web.StreamResponse:
    """Send the head of a stream."""
    response = web.StreamResponse(headers={**api_headers(), "Cache-Control": "no-cache"})
    response.content_type = "text/event-stream"
    response.charset = "utf-8"
    await response.prepare(request)
    return response


def stream_events(completion: Completion, with_usage: bool) -> Iterator[bytes]:
    """Take a whole answer apart, as OpenAI streams it."""
    yield from map(event, chunks(completion, with_usage=with_usage))
    yield DONE


def event(chunk: Chunk) -> bytes:
    """Wrap a chunk."""
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"


def chunks(
    completion: Completion, *, with_usage: bool, piece_bytes: int = PIECE_BYTES
) -> Iterator[Chunk]:
    """Take a whole answer apart, its sound into pieces of so many bytes."""
    envelope = {name: completion[name] for name in _ENVELOPE}
    envelope["object"] = "chat.completion.chunk"
    told = {"usage": None} if with_usage else {}
    [choice] = completion["choices"]
    audio = choice["message"].get("audio")
    choices = _spoken(choice, piece_bytes) if audio else _written(choice)
    if choice["message"].get("tool_calls"):
        choices = _called(choice)
    *parts, last = ({**envelope, "choices": [part], **told} for part in choices)
    yield from parts
    if with_usage and audio:
        yield {**envelope, "choices": [], "usage": completion["usage"]}
    yield last
    if with_usage and not audio:
        yield {**envelope, "choices": [], "usage": completion["usage"]}


def _spoken(choice: dict[str, Any], piece_bytes: int) -> Iterator[dict[str, Any]]:
    audio, finish = choice["message"]["audio"], choice["finish_reason"]
    yield _choice({"role": "assistant", "refusal": None})
    first, *words = words_of(audio["transcript"]) or [""]
    yield _choice({"content": None, "audio": {"id": audio["id"], "transcript": first}})
    for word in words:
        yield _choice({"audio": {"transcript": word}})
    pcm = base64.b64decode(audio["data"])
    for at in range(0, len(pcm), piece_bytes):
        piece = base64.b64encode(pcm[at : at + piece_bytes]).decode()
        yield _choice({"audio": {"data": piece}})
    if finish != "stop":
        yield _choice({}, finish)
    yield {"index": 0, "delta": {"audio": {"expires_at": audio["expires_at"]}}}


def _written(choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield _choice({"role": "assistant", "content": "", "refusal": None})
    words = words_of(choice["message"]["content"] or "")
    likely = choice["logprobs"] or {"content": [None] * len(words)}
    for word, told in zip(words, likely["content"], strict=True):
        logprobs = told and {"content": [told], "refusal": None}
        yield {**_choice({"content": word}), "logprobs": logprobs}
    yield _choice({}, choice["finish_reason"])


def _called(choice: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Name each call first, then write its arguments."""
    yield _choice({"role": "assistant", "content": None, "refusal": None})
    for place, call in enumerate(choice["message"]["tool_calls"]):
        named = {**call["function"], "arguments": ""}
        yield _choice({"tool_calls": [{"index": place, **call, "function": named}]})
        for piece in words_of(call["function"]["arguments"]):
            written = {"index": place, "function": {"arguments": piece}}
            yield _choice({"tool_calls": [written]})
    yield _choice({}, choice["finish_reason"])


def words_of(text: str) -> list[str]:
    """Take words apart, each with the space before it."""
    return _WORD.findall(text)


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
