"""Answers that are no JSON or not whole, and connections that misbehave."""

import asyncio
import gzip
from collections.abc import Mapping

import msgspec
from aiohttp import web

from bot.local.chat_server.bodies import api_headers, json_response
from bot.local.chat_server.faults.queue import Answer, Fault


def raw(
    body: bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> Fault:
    """Answer with these bytes."""

    async def respond(_request: web.Request, _answer: Answer) -> web.StreamResponse:
        return web.Response(
            body=body,
            status=status,
            content_type=content_type,
            headers={**api_headers(), **(headers or {})},
        )

    return respond


_NGINX = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"

html_502 = raw(_NGINX, status=502, content_type="text/html")
html_200 = raw(_NGINX, content_type="text/html")
nan = raw(b'{"choices": [{"message": {"content": "Hi"}, "logprobs": NaN}]}')
deep = raw(b'{"choices": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


async def truncated(_request: web.Request, answer: Answer) -> web.StreamResponse:
    """Send half of the JSON, as if it were all."""
    body = msgspec.json.encode(await answer())
    return web.Response(body=body[: len(body) // 2], content_type="application/json")


def gzip_bomb(size_bytes: int = 256 * 1024 * 1024) -> Fault:
    """Send little that becomes much: a string of blanks, compressed whatever was accepted."""

    async def respond(_request: web.Request, _answer: Answer) -> web.StreamResponse:
        bomb = await asyncio.to_thread(_make_bomb, size_bytes)
        headers = {"Content-Encoding": "gzip", **api_headers()}
        return web.Response(body=bomb, content_type="application/json", headers=headers)

    return respond


def _make_bomb(size_bytes: int) -> bytes:
    return gzip.compress(b'{"id": "' + b" " * size_bytes + b'"}', compresslevel=1)


def slow(seconds: float) -> Fault:
    """Keep silent for a while before a good answer."""

    async def respond(_request: web.Request, answer: Answer) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return json_response(await answer())

    return respond


async def blackhole(_request: web.Request, _answer: Answer) -> web.StreamResponse:
    """Never answer; ends when the client leaves."""
    await asyncio.Event().wait()
    raise AssertionError("an event that nobody sets")


def drip(interval_s: float = 0.05) -> Fault:
    """Send a byte now and then, for ever."""

    async def respond(request: web.Request, _answer: Answer) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(interval_s)

    return respond


async def reset(request: web.Request, _answer: Answer) -> web.StreamResponse:
    """Cut the connection without an answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def reset_midway(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Cut the connection in the middle of the answer."""
    body = msgspec.json.encode(await answer())
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return response


def redirected(location: str, status: int = 301) -> Fault:
    """Send the client elsewhere."""
    return raw(b"", status=status, headers={"Location": location})
