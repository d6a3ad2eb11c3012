"""Refusals and failures of every shape that servers send, as our errors. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.chat_api.upstream import (
    AUDIO_OF_MESSAGE,
    Upstream,
    code_of,
    is_about_an_audio_id,
    read_upstream,
)
from bot.domain.prompt import Prompt, SpokenBefore
from bot.errors import AudioGone, ChatApiError, FormatRefused
from bot.words import Sentence

_TOO_SLOW = Sentence("The model took too long to answer. Please try again in a few minutes.")

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
    "out_of_time": _TOO_SLOW,
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
    "timed_out": _TOO_SLOW,
    "unreachable": Sentence(
        "I cannot reach the model's server. Please try again in a few minutes."
    ),
    "voice_refused": Sentence(
        "The model's server does not have this voice. A moderator can choose another one "
        "with `/voice set`."
    ),
}
"""What a member is told, by code: never a word of the server's own."""

_LONGEST_REQUEST_ID = 100

RETRIES = 2
"""How often a call is repeated at most."""

FINAL = frozenset({"quota_exhausted", "key_refused", "access_refused"})
"""What no second call mends, whatever a server says of it: the key's owner has to."""


def failure(code: str, *, status: int | None = None, request_id: str | None = None) -> ChatApiError:
    """Make the error of a code of `SENTENCES`."""
    kind = FormatRefused if code == "format_refused" else ChatApiError
    return kind(code, SENTENCES[code], status=status, request_id=request_id)


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
    if sent is not None and 400 <= status < 500 and is_about_an_audio_id(upstream):
        gone = AudioGone(_dead_id(upstream, sent), status=status, request_id=request_id)
        return Failure(gone, final=True)
    code = code_of(status, upstream)
    error = failure(code, status=status, request_id=request_id)
    error.remedy = _hint(code, target, headers.get("location", ""))
    return Failure(
        error,
        retries=_retries(code, sent),
        final=code in FINAL,
        hint=error.remedy,
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


def _dead_id(upstream: Upstream, sent: Prompt) -> str | None:
    """Name the id that is dead: it is in the message, or its place is in `messages[2].audio`."""
    for message in sent.messages:
        if isinstance(message, SpokenBefore) and message.handle.id in upstream.message:
            return message.handle.id
    found = AUDIO_OF_MESSAGE.search(upstream.param) or AUDIO_OF_MESSAGE.search(upstream.message)
    place = int(found[1]) if found else len(sent.messages)
    named = sent.messages[place] if place < len(sent.messages) else None
    return named.handle.id if isinstance(named, SpokenBefore) else None


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
        case "quota_exhausted":
            return f"the account behind {target.settings}_API_KEY is empty, or at its limit"
        case "access_refused":
            return f"{host} does not serve this key, or not from here: {target.settings}_API_KEY"
        case "redirected":
            return f"{host} redirects to {_host_of(location)}: {address}"
        case _:
            return None


def _host_of(location: str) -> str:
    try:
        return urlsplit(location).hostname or "itself"
    except ValueError:
        return "a broken address"
