from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.chat_api.failures import RETRIES, Failure, failure
from bot.chat_api.retries import wait_before_retry_s

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NO_HEADERS: dict[str, str] = {}
PASSING = Failure(failure("server_failed"), retries=RETRIES)
LASTING = Failure(failure("request_refused"))
HOPELESS = Failure(failure("quota_exhausted"), final=True)


def wait_s(
    what: Failure = PASSING,
    headers: Mapping[str, str] = NO_HEADERS,
    *,
    attempt: int = 0,
    jitter: float = 0.0,
) -> float | None:
    return wait_before_retry_s(what, headers, attempt=attempt, now=NOW, jitter=jitter)


def test_two_retries_and_no_more() -> None:
    assert [wait_s(attempt=n) for n in range(3)] == [0.5, 1.0, None]


def test_jitter_shortens_a_wait_by_a_quarter_at_most() -> None:
    assert wait_s(jitter=1.0) == 0.375


def test_what_would_fail_again_is_not_tried_again() -> None:
    assert wait_s(LASTING) is None
    assert wait_s(HOPELESS) is None


def test_the_server_may_decide_whether_to_try_again() -> None:
    assert wait_s(PASSING, {"x-should-retry": "false"}) is None
    assert wait_s(LASTING, {"x-should-retry": "true"}) == 0.5
    assert wait_s(PASSING, {"x-should-retry": "perhaps"}) == 0.5


def test_an_empty_account_is_never_asked_again_whatever_the_server_says() -> None:
    assert wait_s(HOPELESS, {"x-should-retry": "true", "retry-after": "1"}) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "2.5"}, 2.5),
        ({"retry-after": "120"}, 120.0),
        ({"retry-after": "121"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, 0.5),
        ({"retry-after": "0"}, 0.5),
        ({"retry-after": "-5"}, 0.5),
        ({"retry-after": "soon"}, 0.5),
        ({"retry-after": ""}, 0.5),
        ({"retry-after": "Sat, 21 Nov 9999999999 12:00:09 GMT"}, 0.5),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:09 GMT"}, 9.0),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:09 -0000"}, 9.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.5),
        ({"retry-after": "Sun, 22 Nov 2026 12:00:00 GMT"}, None),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
    ],
)
def test_the_wait_that_the_server_orders_is_read_in_every_form(
    headers: dict[str, str], expected: float | None
) -> None:
    assert wait_s(PASSING, headers) == expected
