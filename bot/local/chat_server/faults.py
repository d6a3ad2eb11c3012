"""What goes wrong on purpose: every odd or broken answer that real servers were seen to give.

`server.faults.next(fault, times=1)` lets the next calls of chat completions end that way:
`server.faults.next(rate_limited(retry_after="2"))`, `server.faults.next(text_only)`.
"""

import asyncio
import gzip
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from bot.local.chat_server.bodies import api_headers, json_response
from bot.local.chat_server.completions import Completion
from bot.local.chat_server.refusals import audio_not_found as audio_is_gone

Answer = Callable[[], Awaitable[Completion]]
"""Makes the answer that would have come without the fault."""

Fault = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]


class Faults:
    """The faults that wait for the next calls, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def next(self, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls (after those that already wait) end in this fault."""
        self._waiting.extend([fault] * times)

    def clear(self) -> None:
        """Behave again."""
        self._waiting.clear()

    def take(self) -> Fault | None:
        """Take the fault of this call."""
        return self._waiting.popleft() if self._waiting else None


# --- answers that are changed before they are sent


def changed(change: Callable[[Completion], None], *, status: int = 200) -> Fault:
    """Change the JSON of the answer in place."""

    async def respond(_request: web.Request, answer: Answer) -> web.StreamResponse:
        completion = await answer()
        change(completion)
        return json_response(completion, status=status)

    return respond


def _message(completion: Completion) -> dict[str, Any]:
    message: dict[str, Any] = completion["choices"][0]["message"]
    return message


def _say_in_text(completion: Completion) -> None:
    audio = _message(completion).pop("audio")
    _message(completion)["content"] = audio["transcript"]


def _lose_audio(completion: Completion) -> None:
    _message(completion).pop("audio")


def _set_audio(**fields: object) -> Callable[[Completion], None]:
    return lambda completion: _message(completion)["audio"].update(fields)


def _lose_audio_field(name: str) -> Callable[[Completion], None]:
    def lose(completion: Completion) -> None:
        del _message(completion)["audio"][name]

    return lose


def _finish(reason: str) -> Callable[[Completion], None]:
    return lambda completion: completion["choices"][0].update(finish_reason=reason)


def _filter(completion: Completion) -> None:
    _lose_audio(completion)
    _finish("content_filter")(completion)


def _cut_before_audio(completion: Completion) -> None:
    _lose_audio(completion)
    _finish("length")(completion)


def _refuse(completion: Completion) -> None:
    _lose_audio(completion)
    _message(completion)["refusal"] = "I'm sorry, I can't help with that."


def _use_two_choices(completion: Completion) -> None:
    """Put words and sound into choices of their own, as vLLM-Omni does."""
    audio = _message(completion).pop("audio")
    _message(completion)["content"] = audio["transcript"]
    spoken = {"role": "assistant", "content": None, "audio": {**audio, "transcript": ""}}
    completion["choices"].append({"index": 1, "message": spoken, "finish_reason": "stop"})


def _rewrite_usage(completion: Completion) -> None:
    """Put credits where tokens belong, as aimlapi does; the details stay true."""
    completion["usage"].update(prompt_tokens=74, completion_tokens=5764, total_tokens=5838)
    completion["meta"] = {"usage": {"credits_used": 5838, "usd_spent": 0.0029}}


text_only = changed(_say_in_text)
no_audio = changed(_lose_audio)
audio_without_data = changed(_lose_audio_field("data"))
empty_data = changed(_set_audio(data=""))
invalid_base64 = changed(_set_audio(data="UklGR!!!not base64"))
no_expiry = changed(_lose_audio_field("expires_at"))
absurd_expiry = changed(_set_audio(expires_at=10**15))
no_id = changed(_lose_audio_field("id"))
empty_transcript = changed(_set_audio(transcript=""))
two_choices = changed(_use_two_choices)
cut_off = changed(_finish("length"))
cut_off_before_audio = changed(_cut_before_audio)
content_filter = changed(_filter)
refusal = changed(_refuse)
status_201 = changed(lambda _completion: None, status=201)
rewritten_usage = changed(_rewrite_usage)
no_usage = changed(lambda completion: completion.pop("usage"))
no_choices = changed(lambda completion: completion.update(choices=[]))


# --- refusals and failures


def refused(status: int, body: object, headers: Mapping[str, str] | None = None) -> Fault:
    """Answer with this JSON."""

    async def respond(_request: web.Request, _answer: Answer) -> web.StreamResponse:
        return json_response(body, status=status, headers=headers)

    return respond


def error(
    status: int,
    message: str,
    *,
    code: str | int | None = None,
    kind: str = "invalid_request_error",
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Fault:
    """Fail with an error object of OpenAI's shape."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return refused(status, body, headers)


def rate_limited(retry_after: str | None = None, headers: Mapping[str, str] | None = None) -> Fault:
    """429 with or without `Retry-After`."""
    ordered = {} if retry_after is None else {"Retry-After": retry_after}
    return error(
        429,
        "Rate limit reached for gpt-audio-1.5 on requests per min (RPM): Limit 500, Used 500.",
        code="rate_limit_exceeded",
        kind="requests",
        headers={**ordered, **(headers or {})},
    )


def quota(code: str = "insufficient_quota") -> Fault:
    """429 because the account is empty: no retry will help."""
    return error(
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        code=code,
        kind=code,
    )


server_error = error(
    500, "The server had an error while processing your request.", kind="server_error"
)
overloaded = error(
    503,
    "The server is currently overloaded.",
    code="server_is_overloaded",
    kind="service_unavailable_error",
)
unsupported_format = error(
    400,
    "This model does not support the format you provided.",
    code="unsupported_format",
    param="messages",
)
invalid_mp3 = error(400, "The data provided for 'input_audio' is not of valid mp3 format")
voice_unknown = error(
    400,
    "Invalid value: 'nobody'. Supported values are: 'alloy', 'ash', and 'ballad'.",
    code="invalid_value",
    param="audio.voice",
)
context_too_long = error(
    400,
    "This model's maximum context length is 128000 tokens. Please reduce the messages.",
    code="context_length_exceeded",
    param="messages",
)
needs_audio = error(
    400,
    "This model requires that either input content or output modality contain audio.",
    code="invalid_value",
    param="model",
)
wrong_country = error(403, "Country, region, or territory not supported", kind="request_forbidden")
too_large = error(413, "Maximum content size limit (26214400) exceeded")
relay_no_channel = error(
    503,
    "No available channel for model gpt-audio-1.5 under group default (request id: 2026)",
    code="model_not_found",
    kind="new_api_error",
)
relay_error = error(401, "无效的令牌 (request id: 2026)", code="", kind="new_api_error")
aimlapi_error = refused(
    400,
    {
        "message": "Body validation error!",
        "path": "/v1/chat/completions",
        "requestId": "5f",
        "statusCode": "400",
        "timestamp": "2026-11-21T00:00:00.000Z",
    },
)
aimlapi_no_credits = refused(
    403, {"message": "You have run out of credits.", "statusCode": "403", "requestId": "5f"}
)
openrouter_error = refused(
    400,
    {
        "error": {
            "message": "Audio output requires stream: true",
            "code": 400,
            "metadata": {"raw": "…", "provider_name": "OpenAI"},
        }
    },
)
openrouter_zod = refused(400, {"success": False, "error": {"name": "ZodError", "message": "[]"}})
fastapi_error = refused(
    422, {"detail": [{"loc": ["body", "modalities"], "msg": "unexpected", "type": "value_error"}]}
)
string_error = refused(500, {"error": "out of memory"})


def audio_not_found(place: int = 2) -> Fault:
    """400 for the audio id of this message, although it was good until now."""

    async def respond(request: web.Request, _answer: Answer) -> web.StreamResponse:
        asked = msgspec.json.decode(await request.read())
        return audio_is_gone(asked["messages"][place]["audio"]["id"], place).respond()

    return respond


# --- answers that are no JSON, or not whole


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


# --- connections that misbehave


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
