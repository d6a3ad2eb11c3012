"""Refusals and failures of every shape."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from bot.local.chat_server.bodies import json_response
from bot.local.chat_server.faults.queue import Answer, Fault
from bot.local.chat_server.refusals import audio_not_found as audio_is_gone


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
