import asyncio

import pytest
from sqlalchemy import text

from bot.domain.rooms import Room, Scope
from bot.storage.database import Database
from bot.storage.rooms import RoomStore
from tests.storage.builders import NOW

THREAD = Room(channel_id=10, guild_id=1, thread_id=11, category_id=5)


@pytest.fixture
def rooms(database: Database) -> RoomStore:
    return RoomStore(database)


async def test_a_room_has_no_voice_until_one_is_chosen(rooms: RoomStore) -> None:
    assert await rooms.voices(THREAD) == {}


async def test_the_voices_of_a_room_and_of_what_it_inherits_from_are_given(
    rooms: RoomStore,
) -> None:
    for scope, place_id, voice in (
        (Scope.THREAD, 11, "ash"),
        (Scope.CHANNEL, 10, "coral"),
        (Scope.CATEGORY, 5, "sage"),
        (Scope.SERVER, 1, "echo"),
        (Scope.CHANNEL, 12, "onyx"),
        (Scope.THREAD, 10, "nova"),
    ):
        await rooms.set_voice(scope, place_id, 1, voice, 7, NOW)
    assert await rooms.voices(THREAD) == {
        (Scope.THREAD, 11): "ash",
        (Scope.CHANNEL, 10): "coral",
        (Scope.CATEGORY, 5): "sage",
        (Scope.SERVER, 1): "echo",
    }


async def test_a_later_choice_takes_the_place_of_an_earlier_one(
    rooms: RoomStore, database: Database
) -> None:
    await rooms.set_voice(Scope.CHANNEL, 10, 1, "ash", 7, NOW)
    await rooms.set_voice(Scope.CHANNEL, 10, 1, "coral", 8, NOW)
    assert await rooms.voices(Room(10, 1)) == {(Scope.CHANNEL, 10): "coral"}
    async with database.reading() as session:
        assert (await session.execute(text("SELECT set_by FROM room_voices"))).scalar() == 8


async def test_a_dm_has_a_voice_of_its_own(rooms: RoomStore) -> None:
    await rooms.set_voice(Scope.CHANNEL, 99, None, "ash", 7, NOW)
    assert await rooms.voices(Room(99)) == {(Scope.CHANNEL, 99): "ash"}


async def test_a_reset_room_inherits_again(rooms: RoomStore) -> None:
    await rooms.set_voice(Scope.CHANNEL, 10, 1, "ash", 7, NOW)
    assert await rooms.reset_voice(Scope.CHANNEL, 10)
    assert not await rooms.reset_voice(Scope.CHANNEL, 10)
    assert await rooms.voices(Room(10, 1)) == {}


async def test_a_notice_is_said_once_in_each_room(rooms: RoomStore) -> None:
    said = await asyncio.gather(*(rooms.say_once(10, "how_to", NOW) for _ in range(10)))
    assert sorted(said) == [False] * 9 + [True]
    assert await rooms.say_once(11, "how_to", NOW)
    assert await rooms.say_once(10, "another", NOW)
