"""JSON answers with the headers of the real API."""

import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

Completion = dict[str, Any]
"""An answer."""


def json_response(
    body: object, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Answer with JSON."""
    return web.Response(
        body=msgspec.json.encode(body),
        status=status,
        content_type="application/json",
        headers={**api_headers(), **(headers or {})},
    )


def api_headers() -> dict[str, str]:
    """Make what comes with every answer."""
    return {
        "x-request-id": f"req_{uuid.uuid4().hex}",
        "openai-version": "2020-10-01",
        "openai-processing-ms": "42",
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-reset-requests": "120ms",
    }
