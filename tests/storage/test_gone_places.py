from collections.abc import Collection
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.domain.personas import Library, Persona
from bot.domain.rooms import Place, Scope
from bot.storage.changes import ChangeStore
from bot.storage.database import Database
from bot.storage.gone_places import GonePlaceStore
from bot.storage.personas import PersonaStore
from bot.storage.rooms import RoomStore
from bot.storage.tables import GonePlaceRow, NoticeRow, SettingChangeRow
from tests.storage.builders import NOW

LATER = NOW + timedelta(days=1)
MEMBER, DM = Place(Scope.MEMBER, 7, None), Place(Scope.CHANNEL, 99, None)
THREAD, CHANNEL = Place(Scope.THREAD, 11, 1), Place(Scope.CHANNEL, 10, 1)
CATEGORY, SERVER = Place(Scope.CATEGORY, 5, 1), Place(Scope.SERVER, 1, 1)
OTHER_SERVER, OTHER_CHANNEL = Place(Scope.SERVER, 2, 2), Place(Scope.CHANNEL, 20, 2)
PLACES = (MEMBER, DM, THREAD, CHANNEL, CATEGORY, SERVER, OTHER_SERVER, OTHER_CHANNEL)
PIRATE = Persona("Pirate", "You sail.")
SHIP, OTHER_SHIP, OWN = Library(1, 1), Library(2, 2), Library(7, None)


class World:
    """Every place with a setting, a change, a notice and personas."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.rooms, self.changes = RoomStore(database), ChangeStore(database)
        self.personas, self.gone = PersonaStore(database), GonePlaceStore(database)

    async def furnish(self) -> None:
        for place in PLACES:
            await self.changes.change(place, "voice", "ash", 7, NOW)
            await self.rooms.say_once(place.id, "x", NOW)
        for library in (SHIP, OTHER_SHIP, OWN):
            await self.personas.add(library, PIRATE, 7, NOW, most=1)

    async def kept(self) -> set[Place]:
        return {place for place in PLACES if await self.rooms.settings_of(place)}

    async def count(self, row: type[SettingChangeRow | NoticeRow | GonePlaceRow]) -> int:
        async with self.database.reading() as session:
            return await session.scalar(select(func.count()).select_from(row)) or 0


@pytest_asyncio.fixture
async def world(database: Database) -> World:
    world = World(database)
    await world.furnish()
    return world


def but(*gone: Place) -> Collection[Place]:
    return set(PLACES) - set(gone)


@pytest.mark.parametrize("place", [THREAD, CHANNEL, CATEGORY])
async def test_what_was_set_for_a_deleted_room_is_forgotten_and_nothing_else(
    world: World, place: Place
) -> None:
    await world.gone.leave([(place.scope, place.id)], NOW)
    assert await world.gone.purge(NOW) == 0
    assert await world.kept() == but()
    assert await world.gone.purge(LATER) == 1
    assert await world.kept() == but(place)
    assert await world.count(SettingChangeRow) == len(PLACES) - 1
    assert await world.count(NoticeRow) == len(PLACES) - (place is not CATEGORY)
    assert await world.count(GonePlaceRow) == 0
    assert await world.personas.all(SHIP) == [PIRATE]


async def test_what_was_set_in_a_server_that_we_left_is_forgotten_with_its_personas(
    world: World,
) -> None:
    await world.gone.leave([(Scope.SERVER, 1)], NOW)
    await world.gone.purge(LATER)
    assert await world.kept() == {MEMBER, DM, OTHER_SERVER, OTHER_CHANNEL}
    assert await world.count(SettingChangeRow) == 4
    assert await world.personas.all(SHIP) == []
    assert await world.personas.all(OTHER_SHIP) == await world.personas.all(OWN) == [PIRATE]


async def test_a_server_that_we_enter_again_in_time_is_as_it_was(world: World) -> None:
    await world.gone.leave([(Scope.SERVER, 1)], NOW)
    await world.gone.come_back([(Scope.SERVER, 1)])
    assert await world.gone.purge(LATER) == 0
    assert await world.kept() == but()


async def test_a_place_is_gone_since_it_was_first_seen_gone(world: World) -> None:
    await world.gone.leave([(Scope.SERVER, 1)], NOW)
    await world.gone.leave([(Scope.SERVER, 1), (Scope.CHANNEL, 20)], LATER)
    assert await world.gone.purge(NOW + timedelta(seconds=1)) == 1


async def test_stock_is_taken_of_what_happened_while_nobody_listened(world: World) -> None:
    assert await world.gone.take_stock({1: {5, 10}, 2: {20}}, NOW) == 0
    assert await world.gone.take_stock({1: {5}}, NOW) == 2
    await world.gone.purge(LATER)
    assert await world.kept() == but(CHANNEL, OTHER_SERVER, OTHER_CHANNEL)
    assert await world.personas.all(OTHER_SHIP) == []


async def test_a_server_of_which_only_personas_are_kept_counts_too(world: World) -> None:
    library = Library(3, 3)
    await world.personas.add(library, PIRATE, 7, NOW, most=1)
    await world.gone.take_stock({1: {5, 10}, 2: {20}}, NOW)
    await world.gone.purge(LATER)
    assert await world.personas.all(library) == []
    assert await world.kept() == but()


async def test_a_server_that_discord_cannot_show_just_now_loses_nothing(world: World) -> None:
    assert await world.gone.take_stock({1: None, 2: None}, NOW) == 0


async def test_what_is_there_again_is_not_gone_any_more(world: World) -> None:
    await world.gone.take_stock({1: {5}}, NOW)
    assert await world.count(GonePlaceRow) == 2
    await world.gone.take_stock({1: {5, 10}, 2: {20}}, NOW)
    assert await world.count(GonePlaceRow) == 0
