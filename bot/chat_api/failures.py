"""Refusals and failures of every shape that servers send, as our errors. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bot.domain.prompt import Prompt, SpokenBefore
from bot.errors import AudioGone, ChatApiError, FormatRefused
from bot.words import Sentence

SENTENCES = {
    "access_refused": Sentence(
        "The model's server does not let me in. My owner has to look at this."
    ),
    "answer_cut_off": Sentence(
        "The model used up the allowed length before it said anything. Please ask for "
        "something shorter."
    ),
    "answer_empty": Sentence("The model answered with nothing at all. Please ask again."),
    "answer_too_large": Sentence(
        "The model's answer was too large for me. Please ask for something shorter."
    ),
    "answer_unreadable": Sentence(
        "The model's server sent something I cannot read. Please try again in a few minutes."
    ),
    "content_filter": Sentence("The model's content filter stopped the answer."),
    "context_too_long": Sentence(
        "This conversation has become too long for the model. Please start a new one."
    ),
    "format_refused": Sentence("The model cannot read this recording. Please send another one."),
    "key_refused": Sentence(
        "The model's server does not accept my key. My owner has to look at this."
    ),
    "model_cannot_hear": Sentence(
        "This model does not take sound. My owner has to choose another one."
    ),
    "model_needs_audio": Sentence(
        "This model answers only where sound is involved. My owner has to look at this."
    ),
    "model_not_found": Sentence(
        "The model I am set up with is not available. My owner has to look at this."
    ),
    "quota_exhausted": Sentence(
        "My budget at the model's server is used up. My owner has to look at this."
    ),
    "rate_limited": Sentence("The model is busy at the moment. Please try again in a minute."),
    "redirected": Sentence("The model's server has moved. My owner has to look at this."),
    "request_refused": Sentence(
        "The model's server refused this question. Please ask it in another way, or "
        "start a new conversation."
    ),
    "request_too_large": Sentence(
        "This is too much for the model at once. Please send a shorter recording."
    ),
    "route_not_found": Sentence(
        "There is no model at the address I am set up with. My owner has to look at this."
    ),
    "server_failed": Sentence(
        "The model's server has a problem. Please try again in a few minutes."
    ),
    "timed_out": Sentence("The model took too long to answer. Please try again in a few minutes."),
    "unreachable": Sentence(
        "I cannot reach the model's server. Please try again in a few minutes."
    ),
    "voice_refused": Sentence(
        "The model's server does not have this voice. A moderator can choose another one "
        "with `/voice set`."
    ),
}
"""What a member is told, by code: never a word of the server's own."""

_QUOTA_CODES = frozenset({
    "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
})  # fmt: skip
# Relays report empty accounts without a code, some of them in Chinese.
_QUOTA_WORDS = re.compile(
    r"insufficient|current quota|\bcredits?\b|\bbalance\b|余额|额度", re.IGNORECASE
)
_AUDIO_OF_MESSAGE = re.compile(r"messages\[(\d{1,6})\]\.audio")
_BAD_CONTAINER = re.compile(r"not of valid \w+ format|format you provided", re.IGNORECASE)
_LONGEST_MESSAGE = 200
_LONGEST_REQUEST_ID = 100

RETRIES = 2
"""How often a call is repeated at most."""


def failure(code: str, *, status: int | None = None, request_id: str | None = None) -> ChatApiError:
    """Make the error of a code of `SENTENCES`."""
    kind = FormatRefused if code == "format_refused" else ChatApiError
    return kind(code, SENTENCES[code], status=status, request_id=request_id)


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
    candidates = (inner, plain_error, parsed.get("message"), parsed.get("detail"))
    return Upstream(
        message=next((_text(c) for c in candidates if c), ""),
        kind=_text(fields.get("type")),
        param=_text(fields.get("param")),
        code=_text(fields.get("code")),
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)[:2000]


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed attempt.

    Attributes:
        error: what the caller gets if nothing helps.
        retries: how often the same request is worth repeating.
        final: whether even a server that says so must not be asked again.
        hint: a sentence for the operator's log, or None.

    """

    error: ChatApiError
    retries: int = 0
    final: bool = False
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a call was made to, and how its owner names that.

    Attributes:
        host: the server's name.
        model: the one that was asked for.
        successor: the model that came after it, where it is known to be retired.
        settings: how the names of its settings begin.
        setting: the one that names the model; None where a room or another setting chose it.

    """

    host: str
    model: str
    successor: str | None = None
    settings: str = "OPENAI"
    setting: str | None = "OPENAI_MODEL"


def explain(
    status: int, headers: Mapping[str, str], body: bytes, *, sent: Prompt | None, target: Target
) -> Failure:
    """Translate a response that is no answer.

    Args:
        status: anything but 2xx.
        headers: of the response, by case-insensitive name.
        body: at least its beginning.
        sent: what was asked, to name a dead audio id; None for other calls.
        target: whom.

    """
    upstream = read_upstream(body)
    request_id = read_request_id(headers)
    if sent is not None and 400 <= status < 500 and _is_about_an_audio_id(upstream):
        gone = AudioGone(_dead_id(upstream, sent), status=status, request_id=request_id)
        return Failure(gone, final=True)
    code = _code(status, upstream)
    return Failure(
        failure(code, status=status, request_id=request_id),
        retries=_retries(code, sent),
        final=code == "quota_exhausted",
        hint=_hint(code, target, headers.get("location", "")),
    )


def _retries(code: str, sent: Prompt | None) -> int:
    if code in ("server_failed", "rate_limited"):
        return RETRIES
    # gpt-audio-1.5 was seen to refuse a written answer to sound, and to give it the next time.
    in_writing = sent is not None and sent.voice is None and sent.has_sound
    return 1 if code == "model_needs_audio" and in_writing else 0


def read_request_id(headers: Mapping[str, str]) -> str | None:
    """Find the server's name of the call."""
    return headers.get("x-request-id", "")[:_LONGEST_REQUEST_ID] or None


def _is_about_an_audio_id(upstream: Upstream) -> bool:
    if upstream.code == "audio_not_found":
        return True
    return any(_AUDIO_OF_MESSAGE.search(text) for text in (upstream.param, upstream.message))


def _dead_id(upstream: Upstream, sent: Prompt) -> str | None:
    """Name the id that is dead: it is in the message, or its place is in `messages[2].audio`."""
    for message in sent.messages:
        if isinstance(message, SpokenBefore) and message.handle.id in upstream.message:
            return message.handle.id
    found = _AUDIO_OF_MESSAGE.search(upstream.param) or _AUDIO_OF_MESSAGE.search(upstream.message)
    place = int(found[1]) if found else len(sent.messages)
    named = sent.messages[place] if place < len(sent.messages) else None
    return named.handle.id if isinstance(named, SpokenBefore) else None


def _code(status: int, upstream: Upstream) -> str:
    if upstream.code in _QUOTA_CODES or upstream.kind in _QUOTA_CODES:
        return "quota_exhausted"
    if upstream.code == "model_not_found":
        return "model_not_found"
    if status == 429 and upstream.code == "rate_limit_exceeded":
        return "rate_limited"
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
    if upstream.code == "context_length_exceeded":
        return "context_too_long"
    if upstream.code == "unsupported_format" or _BAD_CONTAINER.search(message):
        return "format_refused"
    if upstream.param == "model" and "audio" in message:
        return "model_needs_audio"
    if "voice" in about:
        return "voice_refused"
    if "input_audio" in about and upstream.param.endswith(".type"):
        return "model_cannot_hear"
    return "request_refused"


def _hint(code: str, target: Target, location: str) -> str | None:
    host, model, address = target.host, target.model, f"check {target.settings}_BASE_URL"
    match code:
        case "model_not_found" if target.successor is not None:
            return f"{model} is retired: set {target.setting or 'its setting'}={target.successor}"
        case "model_not_found":
            check = f"check {target.setting or 'the setting that names it'}"
            return f"{host} does not offer {model} to this key: {check}"
        case "route_not_found":
            return f"there is no chat completions API at this path of {host}: {address}"
        case "key_refused":
            return f"{host} does not accept {target.settings}_API_KEY"
        case "redirected":
            return f"{host} redirects to {_host_of(location)}: {address}"
        case _:
            return None


def _host_of(location: str) -> str:
    try:
        return urlsplit(location).hostname or "itself"
    except ValueError:
        return "a broken address"
