"""Failures told in the middle of an answer, where the status is a success already. Pure."""

from bot.chat_api.upstream import read_upstream

_STATUS = {
    "invalid_request_error": 400,
    "audio_not_found": 400,
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "server_is_overloaded": 503,
    "service_unavailable_error": 503,
    "overloaded_error": 503,
}
_UNSTATED = 500


def stated_status(error: bytes) -> int:
    """Find the status that the failure would have had as an answer of its own."""
    upstream = read_upstream(error)
    words = (upstream.code, upstream.kind)
    return next(filter(None, map(_status, words)), _UNSTATED)


def _status(word: str) -> int | None:
    """Read one word; some relays send the status itself as their code."""
    if len(word) == 3 and word.isascii() and word.isdecimal() and word >= "400":
        return int(word)
    return _STATUS.get(word)
