"""Whether and when a failed call is made again: the rules of openai-python, and stricter. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.chat_api.failures import RETRIES, Failure

LONGEST_ORDERED_WAIT_S = 120.0
_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 8.0
_JITTER = 0.25


def wait_before_retry_s(
    failure: Failure,
    headers: Mapping[str, str],
    *,
    attempt: int,
    now: datetime,
    jitter: float,
    longest_s: float = LONGEST_ORDERED_WAIT_S,
) -> float | None:
    """Tell how long to wait before the next attempt; None when there must be none.

    Args:
        failure: what happened.
        headers: of the response; empty when none came.
        attempt: 0 for the first.
        now: the time of day, for a `Retry-After` that is a date.
        jitter: 0 to 1, shortens the waits that we choose ourselves.
        longest_s: the longest wait that is worth it where the server orders one.

    """
    if failure.final or attempt >= _retries(failure, headers):
        return None
    ordered_s = ordered_wait_s(headers, now)
    if ordered_s is None or ordered_s <= 0:
        own_s: float = min(_FIRST_WAIT_S * 2**attempt, _LONGEST_WAIT_S)
        return own_s * (1 - _JITTER * jitter)
    return ordered_s if ordered_s <= longest_s else None


def _retries(failure: Failure, headers: Mapping[str, str]) -> int:
    match headers.get("x-should-retry", "").strip().lower():
        case "true":
            return RETRIES
        case "false":
            return 0
        case _:
            return failure.retries


def ordered_wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read the wait that the server asks for: milliseconds, seconds, or a date."""
    if (ms := _number(headers.get("retry-after-ms"))) is not None:
        return ms / 1000
    text = headers.get("retry-after")
    if text is None or (seconds := _number(text)) is not None:
        return seconds if text is not None else None
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return (until - now).total_seconds()


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else None
    except ValueError:
        return None
    # NaN compares false with everything, and would pass every limit.
    return number if number is None or number == number else None
