"""What whoever runs the bot is told, and how often."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import DatabaseError
from bot.services.alarms import AGAIN, EVERY, Alarms
from bot.storage.database import Database
from bot.storage.keys import KeyStore
from tests.fakes import StoppedClock

SECOND = timedelta(seconds=1)


class Told:
    """Whoever runs the bot, and whether they can be reached."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.tries = 0
        self.reachable = True

    async def tell(self, sentence: str) -> bool:
        self.tries += 1
        if self.reachable:
            self.heard.append(sentence)
        return self.reachable


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def told() -> Told:
    return Told()


async def ended() -> None:
    """Wait until all that rang was told."""
    while rung := [task for task in asyncio.all_tasks() if task.get_name() == "alarm"]:
        await asyncio.wait(rung)


async def begun(database: Database, clock: StoppedClock, told: Told) -> Alarms:
    """Begin as after a restart."""
    alarms = Alarms(clock, KeyStore(database))
    alarms.attach(told.tell)
    return alarms


async def test_each_kind_is_told_once_an_hour_however_often_the_bot_begins_anew(
    database: Database, clock: StoppedClock, told: Told
) -> None:
    for _ in range(20):
        alarms = await begun(database, clock, told)
        for kind in ("quota", "key"):
            alarms.ring(kind, f"The {kind} again.")
            alarms.ring(kind, f"The {kind} again.")
        await ended()
        clock.pass_time(timedelta(minutes=2))
    assert sorted(told.heard) == ["The key again.", "The quota again."]
    clock.pass_time(EVERY)
    (await begun(database, clock, told)).ring("quota", "The quota again.")
    await ended()
    assert len(told.heard) == 3


async def test_a_first_look_that_is_slow_takes_nothing_for_told(
    database: Database, clock: StoppedClock, told: Told
) -> None:
    class Slow(KeyStore):
        """All looks but the first come after something was kept."""

        is_first = True
        kept = asyncio.Event()

        async def get(self, name: str) -> bytes | None:
            if not self.is_first:
                await self.kept.wait()
            self.is_first = False
            return await super().get(name)

        async def put(self, name: str, value: bytes) -> None:
            await super().put(name, value)
            self.kept.set()

    alarms = Alarms(clock, Slow(database))
    alarms.attach(told.tell)
    for kind in ("quota", "key", "disk"):
        alarms.ring(kind, kind)
    await ended()
    assert sorted(told.heard) == ["disk", "key", "quota"]


async def test_what_rings_before_anybody_can_tell_waits(
    database: Database, clock: StoppedClock, told: Told
) -> None:
    (await begun(database, clock, told)).ring("quota", "Before.")
    await ended()
    alarms = Alarms(clock, KeyStore(database))
    alarms.ring("quota", "Told before.")
    alarms.ring("key", "New.")
    await ended()
    assert told.heard == ["Before."]
    alarms.attach(told.tell)
    await ended()
    assert told.heard == ["Before.", "New."]


async def test_where_nobody_could_be_told_it_is_tried_again_soon_and_not_at_once(
    database: Database, clock: StoppedClock, told: Told
) -> None:
    alarms, told.reachable = await begun(database, clock, told), False
    for _ in range(10):
        alarms.ring("quota", "Empty.")
        await ended()
    assert told.tries == 1
    told.reachable = True
    (await begun(database, clock, told)).ring("quota", "Empty.")
    await ended()
    assert told.heard == ["Empty."]
    clock.pass_time(AGAIN + SECOND)
    alarms.ring("quota", "Empty.")
    await ended()
    assert told.tries == 3


async def test_a_database_that_fails_silences_no_alarm(
    database: Database, clock: StoppedClock, told: Told
) -> None:
    class Broken(KeyStore):
        async def get(self, _name: str) -> bytes | None:
            raise DatabaseError("disk_full", "The disk is full.")

        async def put(self, _name: str, _value: bytes) -> None:
            raise DatabaseError("disk_full", "The disk is full.")

    alarms = Alarms(clock, Broken(database))
    alarms.attach(told.tell)
    for _ in range(2):
        alarms.ring("disk", "The disk is full.")
        await ended()
    assert told.heard == ["The disk is full."]
