"""So many a minute, at once or spread."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.rates import MINUTE, NOTHING, Rate
from tests.fakes import NOON

rates = st.integers(1, 1_000)


@given(rates)
def test_as_many_as_the_rate_pass_at_once_and_then_none(per_minute: int) -> None:
    rate = Rate(per_minute)
    for _ in range(per_minute):
        assert rate.wait(1, NOON) == NOTHING
        rate.take(1, NOON)
    assert rate.wait(1, NOON) > NOTHING


@given(rates, st.integers(1, 20))
def test_the_wait_that_is_told_is_long_enough_and_not_too_long(per_minute: int, more: int) -> None:
    rate, more = Rate(per_minute), min(more, per_minute)
    for _ in range(per_minute):
        rate.take(1, NOON)
    wait = rate.wait(1, NOON, more)
    assert rate.wait(1, NOON + wait, more) == NOTHING
    assert rate.wait(1, NOON + wait - timedelta(microseconds=1), more) > NOTHING


@given(st.integers(1, 100), st.lists(st.floats(0, 90), max_size=30))
def test_no_minute_lets_more_pass_than_twice_the_rate(
    per_minute: int, pauses_s: list[float]
) -> None:
    rate, now, passed = Rate(per_minute), NOON, list[timedelta]()
    for pause_s in pauses_s:
        now += timedelta(seconds=pause_s)
        while rate.wait(1, now) == NOTHING:
            rate.take(1, now)
            passed.append(now - NOON)
    for at in passed:
        within = [each for each in passed if at <= each < at + MINUTE]
        assert len(within) <= 2 * per_minute


def test_who_waits_for_a_minute_has_all_again() -> None:
    rate = Rate(3)
    for _ in range(3):
        rate.take(1, NOON)
    assert rate.wait(1, NOON + MINUTE, 3) == NOTHING


def test_each_has_their_own() -> None:
    rate = Rate(1)
    rate.take(1, NOON)
    assert rate.wait(1, NOON) == MINUTE
    assert rate.wait(2, NOON) == NOTHING


def test_without_a_rate_everything_passes() -> None:
    rate = Rate(0)
    for _ in range(1_000):
        rate.take(1, NOON)
    assert rate.wait(1, NOON, 1_000) == NOTHING


def test_a_clock_that_is_put_back_costs_a_minute_at_most() -> None:
    rate, earlier = Rate(3), NOON - timedelta(days=365)
    for _ in range(3):
        rate.take(1, NOON)
    wait = rate.wait(1, earlier)
    assert wait == MINUTE / 3
    assert rate.wait(1, earlier + wait) == NOTHING
    assert rate.wait(1, earlier + MINUTE, 3) == NOTHING


def test_a_clock_that_is_put_back_keeps_nobody_in_memory() -> None:
    rate, earlier = Rate(1), NOON - timedelta(days=365)
    for key in range(1_000):
        rate.take(key, NOON)
    rate.take(1_000, earlier)
    rate.take(1_001, earlier + 2 * MINUTE)
    assert len(rate._full_at) <= 2


def test_those_who_have_waited_are_forgotten() -> None:
    rate = Rate(1)
    for key in range(5_000):
        rate.take(key, NOON + key * MINUTE)
    assert len(rate._full_at) <= 1_000
