from datetime import timedelta

import pytest

from bot.services.session_starts import SessionStarts
from bot.storage.database import Database
from bot.storage.keys import KeyStore
from tests.fakes import StoppedClock

NOTHING = timedelta()
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


async def begun(database: Database, clock: StoppedClock, count: int) -> SessionStarts:
    """One after the other, a minute apart, each by a process of its own."""
    for _ in range(count):
        assert await SessionStarts(KeyStore(database), 3, clock).take()
        clock.pass_time(MINUTE)
    return SessionStarts(KeyStore(database), 3, clock)


async def test_restarts_count_and_the_next_begins_an_hour_after_the_first(
    database: Database, clock: StoppedClock
) -> None:
    starts = await begun(database, clock, 3)
    assert await starts.pause() == 57 * MINUTE
    assert not await starts.take()
    clock.pass_time(57 * MINUTE)
    assert await starts.pause() == NOTHING
    assert await starts.take()
    assert await starts.pause() == MINUTE


async def test_few_starts_wait_for_nothing(database: Database, clock: StoppedClock) -> None:
    starts = await begun(database, clock, 2)
    await starts.wait()
    assert await starts.take()


async def test_in_no_hour_there_are_more_whatever_the_order(
    database: Database, clock: StoppedClock
) -> None:
    starts, taken = SessionStarts(KeyStore(database), 3, clock), []
    for _ in range(300):
        if await starts.take():
            taken.append(clock())
        clock.pass_time(timedelta(seconds=47))
    assert len(taken) > 9
    assert all(
        later - earlier >= timedelta(hours=1)
        for earlier, later in zip(taken, taken[3:], strict=False)
    )


async def test_a_clock_that_is_put_back_stops_nobody_for_good(
    database: Database, clock: StoppedClock
) -> None:
    starts = await begun(database, clock, 3)
    clock.pass_time(timedelta(days=-365))
    assert await starts.pause() == NOTHING
    assert await starts.take()


async def test_what_had_to_wait_is_not_counted(database: Database, clock: StoppedClock) -> None:
    starts = await begun(database, clock, 3)
    before = await KeyStore(database).get("session_starts")
    assert not await starts.take()
    assert await KeyStore(database).get("session_starts") == before
