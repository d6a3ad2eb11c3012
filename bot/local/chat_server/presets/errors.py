"""Refusals in the shapes of systems that have one of their own."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from bot.local.chat_server.bodies import json_response
from bot.local.chat_server.presets.rules import NEEDS_STREAM
from bot.local.chat_server.refusals import ApiRefusal


def refuse_as_azure(refusal: ApiRefusal) -> web.Response:
    """Azure tells of its own with a code and a message; the model's words come as at OpenAI."""
    if refusal.status == 401:
        message = (
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to "
            "provide a valid key for an active subscription and use a correct regional API "
            "endpoint for your resource."
        )
        return _error({"code": "401", "message": message}, 401)
    if refusal.code == "model_not_found":
        message = (
            "The API deployment for this resource does not exist. If you created the deployment "
            "within the last 5 minutes, please wait a moment and try again."
        )
        return _error({"code": "DeploymentNotFound", "message": message}, 404)
    if refusal.status == 404:
        return _error({"code": "404", "message": "Resource not found"}, 404)
    return refusal.respond()


def refuse_as_openrouter(refusal: ApiRefusal) -> web.Response:
    """OpenRouter's codes are numbers, and the model's own words lie in `metadata.raw`."""
    if refusal.code in ("unknown_parameter", "missing_required_parameter", "invalid_type"):
        issues = msgspec.json.encode([{"path": refusal.param, "message": refusal.message}])
        zod = {"name": "ZodError", "message": issues.decode()}
        return json_response({"success": False, "error": zod}, status=400)
    if refusal.status in (401, 404, 413):
        message = "No auth credentials found" if refusal.status == 401 else refusal.message
        status = 400 if refusal.code == "model_not_found" else refusal.status
        return _error({"message": message, "code": status}, status)
    own = refusal.kind == NEEDS_STREAM
    raw = msgspec.json.encode({"error": refusal.fields}).decode()
    told = {
        "message": refusal.message if own else "Provider returned error",
        "code": refusal.status,
        "metadata": {"raw": refusal.message if own else raw, "provider_name": "OpenAI"},
    }
    return _error(told, refusal.status)


def refuse_as_relay(refusal: ApiRefusal) -> web.Response:
    """New-api relays add their own id to what the model says, and say their own in Chinese."""
    message = f"{refusal.message} (request id: {datetime.now(UTC):%Y%m%d%H%M%S}{_hex(8)})"
    kind, status, code = refusal.kind, refusal.status, refusal.code
    if status == 401:
        message, kind, code = message.replace(refusal.message, "无效的令牌"), "new_api_error", ""
    if code == "model_not_found":
        words = f"No available channel for model {refusal.about} under group default"
        message, kind, status = message.replace(refusal.message, words), "new_api_error", 503
    return _error(
        {"message": message, "type": kind, "param": refusal.param or "", "code": code}, status
    )


def refuse_as_aimlapi(refusal: ApiRefusal) -> web.Response:
    """Aimlapi says it without an error object, and what is wrong with a body in `meta`."""
    invalid = refusal.status == 400 and refusal.code != "audio_not_found"
    body = {
        "message": "Body validation error!" if invalid else refusal.message,
        "path": "/v1/chat/completions",
        "requestId": str(uuid.uuid4()),
        "statusCode": str(refusal.status),
        "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.000Z",
    }
    meta = {"meta": [{"message": refusal.message, "path": [refusal.param or ""]}]}
    return json_response({**body, **meta} if invalid else body, status=refusal.status)


def refuse_as_litellm(refusal: ApiRefusal) -> web.Response:
    """LiteLLM wraps the model's words; its codes are the status as a string."""
    message, kind, param, status = refusal.message, None, None, refusal.status
    if status == 401:
        message, kind = f"Authentication Error, {message}", "auth_error"
    elif refusal.code == "model_not_found":
        message = (
            f"/chat/completions: Invalid model name passed in model={refusal.about}. Call "
            "`/v1/models` to view available models for your key."
        )
        status = 400
    else:
        message = f"litellm.BadRequestError: OpenAIException - {message}"
    return _error({"message": message, "type": kind, "param": param, "code": str(status)}, status)


def refuse_as_fastapi(refusal: ApiRefusal) -> web.Response:
    """Servers built with FastAPI say what is wrong with a body in `detail`."""
    if refusal.status != 400:
        return json_response({"detail": refusal.message}, status=refusal.status)
    kind = _PYDANTIC.get(refusal.code or "", "value_error")
    place = ["body", *(refusal.param or "").split(".")] if refusal.param else ["body"]
    fault = {"type": kind, "loc": place, "msg": refusal.message, "input": None}
    return json_response({"detail": [fault]}, status=422)


_PYDANTIC = {
    "unknown_parameter": "extra_forbidden",
    "missing_required_parameter": "missing",
    "invalid_type": "type_error",
}


def refuse_as_speaches(refusal: ApiRefusal) -> web.Response:
    """Speaches fails where it does not know an audio id, or is asked for several answers."""
    if refusal.code == "audio_not_found" or refusal.param == "n":
        return web.Response(text="Internal Server Error", status=500)
    return refuse_as_fastapi(refusal)


def refuse_as_vllm(refusal: ApiRefusal) -> web.Response:
    """Say it as vLLM does, with the status as code; about a body as FastAPI does."""
    if refusal.status == 400:
        return refuse_as_fastapi(refusal)
    kind = "NotFoundError" if refusal.status == 404 else "BadRequestError"
    told = {"message": refusal.message, "type": kind, "param": None, "code": refusal.status}
    return _error(told, refusal.status)


def refuse_as_dashscope(refusal: ApiRefusal) -> web.Response:
    """DashScope has codes of its own, and the request's id beside the error."""
    code = refusal.code if refusal.status != 400 else "invalid_parameter_error"
    kind = "invalid_request_error"
    error = {"message": refusal.message, "type": kind, "param": None, "code": code}
    return json_response({"error": error, "request_id": str(uuid.uuid4())}, status=refusal.status)


def _error(fields: Mapping[str, object], status: int) -> web.Response:
    return json_response({"error": fields}, status=status)


def _hex(count: int) -> str:
    return uuid.uuid4().hex[:count]
