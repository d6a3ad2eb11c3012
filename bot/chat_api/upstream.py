"""What servers say about their failures, in every shape seen in the wild. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

_QUOTA_CODES = frozenset({
    "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
    "budget_exceeded", "Arrearage", "billing_hard_limit_reached", "billing_not_active",
})  # fmt: skip
# Relays report empty accounts without a code, some of them in Chinese.
_QUOTA_WORDS = re.compile(
    r"insufficient (quota|balance|funds|credits?|user)|current quota|\bcredits?\b|\bbalance\b"
    r"|余额|额度",
    re.IGNORECASE,
)
# Azure calls a deployment of another kind an operation that is not supported.
_NO_MODEL_CODES = frozenset({
    "model_not_found", "DeploymentNotFound", "OperationNotSupported", "NotFoundError",
})  # fmt: skip
_EMPTY_IN_CHINESE = re.compile("余额|额度")
_NO_MODEL_WORDS = re.compile(r"invalid model name|is not a valid model", re.IGNORECASE)
_TOO_LONG_WORDS = re.compile(r"maximum context length", re.IGNORECASE)
_LOST_AUDIO = re.compile(r"\baudio \S+ not found", re.IGNORECASE)
_BAD_VOICE = re.compile(
    r"\b(invalid|unsupported|unknown|no such|not a)\b.*\bvoice\b"
    r"|\bvoice\b.*\b(invalid|unsupported|unknown|not (supported|available|found|valid|known))\b",
    re.IGNORECASE | re.DOTALL,
)
AUDIO_OF_MESSAGE = re.compile(r"messages\[(\d{1,6})\]\.audio")
_BAD_CONTAINER = re.compile(r"not of valid \w+ format|format you provided", re.IGNORECASE)
_LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class Upstream:
    """What a server says about its failure; empty strings where it says nothing.

    `message` is for decisions only: it may hold keys, account names or anything else.
    """

    message: str = ""
    kind: str = ""
    param: str = ""
    code: str = ""


def read_upstream(body: bytes) -> Upstream:
    """Find out what a failure's body says: OpenAI's shape, or any other seen in the wild.

    The order: `error.message`, `error` as a string, `message`, `detail`, the first characters.
    """
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        return Upstream(body[:_LONGEST_MESSAGE].decode("utf-8", "replace"))
    error = parsed.get("error")
    fields: dict[str, Any] = error if isinstance(error, dict) else parsed
    plain_error = error if isinstance(error, str) else None
    inner = fields.get("message") if fields is error else None
    if (quoted := _quoted(fields)) is not None:
        return quoted
    candidates = (inner, plain_error, parsed.get("message"), parsed.get("detail"))
    return Upstream(
        message=next((_text(c) for c in candidates if c), ""),
        kind=_text(fields.get("type")),
        param=_text(fields.get("param")),
        code=_text(fields.get("code")),
    )


def _quoted(fields: Mapping[str, Any]) -> Upstream | None:
    """Read the model's own words where a router passes them on as they came (OpenRouter)."""
    metadata = fields.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    # One level is enough; what is quoted could quote itself for ever.
    nested = isinstance(raw, str) and raw.startswith("{") and "metadata" not in raw
    return read_upstream(raw.encode("utf-8", "replace")) if nested and raw else None


def _text(value: object) -> str:
    return "" if value is None else str(value)[:2000]


def is_about_an_audio_id(upstream: Upstream) -> bool:
    """Tell whether an audio id is to blame."""
    if upstream.code == "audio_not_found" or _LOST_AUDIO.search(upstream.message):
        return True
    return any(AUDIO_OF_MESSAGE.search(text) for text in (upstream.param, upstream.message))


def code_of(status: int, upstream: Upstream) -> str:
    """Name the failure as `SENTENCES` does."""
    if upstream.code in _QUOTA_CODES or upstream.kind in _QUOTA_CODES:
        return "quota_exhausted"
    if {upstream.code, upstream.kind} & _NO_MODEL_CODES:
        return "model_not_found"
    if status == 429 and upstream.code == "rate_limit_exceeded":
        return "rate_limited"
    if status == 401 and _EMPTY_IN_CHINESE.search(upstream.message):
        return "quota_exhausted"
    if status in (402, 403, 429) and (status == 402 or _QUOTA_WORDS.search(upstream.message)):
        return "quota_exhausted"
    if status in (400, 422):
        return _refusal(upstream)
    if 300 <= status < 400:
        return "redirected"
    if status >= 500 or status in (408, 409):
        return "server_failed"
    return _BY_STATUS.get(status, "request_refused")


_BY_STATUS = {
    401: "key_refused",
    403: "access_refused",
    404: "route_not_found",
    413: "request_too_large",
    429: "rate_limited",
}


def _refusal(upstream: Upstream) -> str:
    """Tell the kinds of 400 apart."""
    message, about = upstream.message, f"{upstream.param} {upstream.message}".lower()
    if upstream.code == "content_filter":
        return "content_filter"
    if upstream.code == "context_length_exceeded" or _TOO_LONG_WORDS.search(message):
        return "context_too_long"
    if _NO_MODEL_WORDS.search(message):
        return "model_not_found"
    if upstream.code == "unsupported_format" or _BAD_CONTAINER.search(message):
        return "format_refused"
    if upstream.param == "model" and "audio" in message:
        return "model_needs_audio"
    if "voice" in upstream.param.lower() or _BAD_VOICE.search(message):
        return "voice_refused"
    if "input_audio" in about and upstream.param.endswith(".type"):
        return "model_cannot_hear"
    return "request_refused"
