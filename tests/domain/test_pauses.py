"""A while lasts as long as it is said to, whatever becomes of the clock."""

from datetime import timedelta

import pytest

from bot.domain.pauses import Pause
from tests.fakes import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("later", "lasts"),
    [
        (timedelta(), True),
        (HOUR - timedelta(microseconds=1), True),
        (HOUR, False),
        (timedelta(seconds=-1), True),
        (-HOUR, False),
        (timedelta(days=-365), False),
    ],
)
def test_a_pause_ends_with_its_time_or_with_a_clock_that_is_put_back(
    later: timedelta, *, lasts: bool
) -> None:
    assert Pause(NOON, HOUR).lasts(NOON + later) is lasts
