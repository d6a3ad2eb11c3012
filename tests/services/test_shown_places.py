"""Places in line, over restarts."""

import asyncio

import pytest

from bot.services import turnstile
from bot.services.shown_places import ShownPlace, ShownPlaces
from bot.storage.database import Database
from bot.storage.keys import KeyStore
from bot.tasks import spawn
from tests.fakes import CHANNEL, asked
from tests.services.test_turnstile_told import WatchedOutlet
from tests.services.world import Services, build_services

HERE = ShownPlace(CHANNEL.id, 1_000)
THERE = ShownPlace(11, 12)


def next_start(database: Database) -> ShownPlaces:
    return ShownPlaces(KeyStore(database))


@pytest.fixture
def services(database: Database, monkeypatch: pytest.MonkeyPatch) -> Services:
    """Members may ask once a minute, and are told at once that they wait."""
    monkeypatch.setattr(turnstile, "SHOWN_AFTER_S", 0)
    return build_services(database, member_rate=1)


async def test_a_place_that_a_kill_leaves_standing_is_known_to_the_next_start(
    services: Services, database: Database
) -> None:
    await services.ask(asked(1))
    outlet = WatchedOutlet()
    await services.accept(asked(2))
    waiting = spawn(services.replies.answer(asked(2), outlet), name="waits")
    async with asyncio.timeout(5):
        while not (left := await next_start(database).left_over()):  # noqa: ASYNC110 - a file
            await asyncio.sleep(0)
    assert left == {HERE}
    waiting.cancel()
    await asyncio.wait((waiting,))


async def test_what_was_taken_back_is_not_left_over(database: Database) -> None:
    shown = next_start(database)
    await shown.add(HERE)
    await shown.add(THERE)
    await shown.remove(HERE)
    assert await next_start(database).left_over() == {THERE}


async def test_what_is_left_over_is_known_until_it_is_gone(database: Database) -> None:
    await next_start(database).add(HERE)
    shown = next_start(database)
    assert await shown.left_over() == {HERE}
    await shown.add(THERE)
    assert await next_start(database).left_over() == {HERE, THERE}
    await shown.remove(HERE)
    assert await next_start(database).left_over() == {THERE}
