import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.domain.personas import Library, Persona
from bot.domain.room_settings import Stored
from bot.domain.rooms import Place, Room, Scope
from bot.storage import rooms as rooms_module
from bot.storage.changes import KEPT_PER_PLACE, ChangeStore, Undone
from bot.storage.database import Database
from bot.storage.keys import KeyStore
from bot.storage.personas import PersonaStore
from bot.storage.rooms import RoomStore
from tests.storage.builders import NOW

ADA, BOB = 7, 8
THREAD_ROOM = Room(channel_id=10, guild_id=1, thread_id=11, category_id=5)
MEMBER = Place(Scope.MEMBER, ADA, None)
THREAD, CHANNEL = Place(Scope.THREAD, 11, 1), Place(Scope.CHANNEL, 10, 1)
CATEGORY, SERVER = Place(Scope.CATEGORY, 5, 1), Place(Scope.SERVER, 1, 1)
DM = Place(Scope.CHANNEL, 99, None)
SHIP, CASTLE = Library(1, 1), Library(2, 2)
PIRATE = Persona("Pirate", "You sail.", "echo")


@pytest.fixture
def rooms(database: Database) -> RoomStore:
    return RoomStore(database)


@pytest.fixture
def changes(database: Database) -> ChangeStore:
    return ChangeStore(database)


@pytest.fixture
def personas(database: Database) -> PersonaStore:
    return PersonaStore(database)


async def test_nothing_is_in_force_until_something_is_set(rooms: RoomStore) -> None:
    kept = await rooms.in_force(THREAD_ROOM, ADA)
    assert (kept.settings, kept.personas) == ((), ())


async def test_a_read_gives_what_is_set_for_the_room_what_it_inherits_from_and_the_member(
    rooms: RoomStore, changes: ChangeStore
) -> None:
    here = (MEMBER, THREAD, CHANNEL, CATEGORY, SERVER)
    elsewhere = (
        Place(Scope.MEMBER, BOB, None),
        Place(Scope.CHANNEL, 12, 1),
        Place(Scope.THREAD, 10, 1),
        Place(Scope.CHANNEL, 11, 1),
        Place(Scope.SERVER, 2, 2),
    )
    for place in (*here, *elsewhere):
        await changes.change(place, "voice", f"{place.scope} {place.id}", ADA, NOW)
        await changes.change(place, "speed", "1.5", ADA, NOW)
    kept = await rooms.in_force(THREAD_ROOM, ADA)
    assert set(kept.settings) == {
        stored
        for place in here
        for stored in (
            Stored(place.scope, place.id, "voice", f"{place.scope} {place.id}"),
            Stored(place.scope, place.id, "speed", "1.5"),
        )
    }


async def test_a_read_brings_the_persona_that_is_chosen_along(
    rooms: RoomStore, changes: ChangeStore, personas: PersonaStore
) -> None:
    await personas.add(SHIP, PIRATE, ADA, NOW, most=3)
    await personas.add(CASTLE, Persona("Pirate", "Of another server."), ADA, NOW, most=3)
    await personas.add(Library(ADA, None), Persona("Pirate", "Of a DM."), ADA, NOW, most=3)
    for place in (SERVER, DM, Place(Scope.CHANNEL, 10, 1)):
        await changes.change(place, "persona", "Pirate", ADA, NOW)
    await changes.change(CATEGORY, "persona", "Removed", ADA, NOW)
    assert set((await rooms.in_force(THREAD_ROOM, ADA)).personas) == {PIRATE}
    assert (await rooms.in_force(Room(99), ADA)).personas == (Persona("Pirate", "Of a DM."),)


async def test_the_read_is_one_query_that_looks_nothing_through(database_file: Path) -> None:
    sql = rooms_module._IN_FORCE.sql
    with closing(sqlite3.connect(database_file)) as database:
        plan = database.execute(f"EXPLAIN QUERY PLAN {sql}", rooms_module._IN_FORCE._defaults)
        steps = [row[3] for row in plan]
    assert {step for step in steps if "SCAN" in step} <= {"SCAN 5 CONSTANT ROWS", "SCAN here"}
    assert "SEARCH room_settings USING PRIMARY KEY (scope=? AND place_id=?)" in steps
    assert any(step.startswith("SEARCH personas USING INDEX") for step in steps)


async def test_what_somebody_writes_into_the_database_counts_at_the_next_read(
    rooms: RoomStore, changes: ChangeStore, database_file: Path
) -> None:
    await changes.change(CHANNEL, "voice", "ash", ADA, NOW)
    assert [s.value for s in (await rooms.in_force(Room(10, 1), ADA)).settings] == ["ash"]
    with closing(sqlite3.connect(database_file, timeout=5)) as other, other:
        other.execute("UPDATE room_settings SET value = 'sage'")
    assert [s.value for s in (await rooms.in_force(Room(10, 1), ADA)).settings] == ["sage"]
    assert await rooms.settings_of(CHANNEL) == {"voice": "sage"}


async def test_a_later_choice_takes_the_place_of_an_earlier_one(
    rooms: RoomStore, changes: ChangeStore, database: Database
) -> None:
    await changes.change(CHANNEL, "voice", "ash", ADA, NOW)
    change = await changes.change(CHANNEL, "voice", "coral", BOB, NOW)
    assert change is not None
    assert (change.before, change.after, change.by) == ("ash", "coral", BOB)
    assert await rooms.settings_of(CHANNEL) == {"voice": "coral"}
    async with database.reading() as session:
        assert (await session.execute(text("SELECT set_by FROM room_settings"))).scalar() == BOB


async def test_setting_what_is_set_already_is_no_change(changes: ChangeStore) -> None:
    assert await changes.change(CHANNEL, "voice", None, ADA, NOW) is None
    await changes.change(CHANNEL, "voice", "ash", ADA, NOW)
    assert await changes.change(CHANNEL, "voice", "ash", BOB, NOW) is None
    assert len(await changes.changes_of(CHANNEL)) == 1


async def test_changes_are_undone_newest_first_until_none_is_left(
    rooms: RoomStore, changes: ChangeStore
) -> None:
    for value in ("ash", "coral", None):
        await changes.change(CHANNEL, "voice", value, ADA, NOW)
    await changes.change(SERVER, "voice", "echo", ADA, NOW)
    seen = []
    while not isinstance(await changes.undo(CHANNEL, None, BOB, NOW), Undone):
        seen.append((await rooms.settings_of(CHANNEL)).get("voice"))
    assert seen == ["coral", "ash", None]
    assert await rooms.settings_of(SERVER) == {"voice": "echo"}


async def test_what_was_changed_again_since_is_not_undone(
    rooms: RoomStore, changes: ChangeStore
) -> None:
    first = await changes.change(CHANNEL, "voice", "ash", ADA, NOW)
    await changes.change(CHANNEL, "voice", "coral", BOB, NOW)
    assert first is not None
    assert await changes.undo(CHANNEL, first.id, ADA, NOW) is Undone.OVERTAKEN
    assert await rooms.settings_of(CHANNEL) == {"voice": "coral"}


async def test_a_change_by_hand_in_the_database_overtakes_one_that_could_be_undone(
    rooms: RoomStore, changes: ChangeStore, database: Database
) -> None:
    await changes.change(CHANNEL, "voice", "ash", ADA, NOW)
    async with database.writing() as session:
        await session.execute(text("UPDATE room_settings SET value = 'sage'"))
    assert await changes.undo(CHANNEL, None, ADA, NOW) is Undone.OVERTAKEN
    assert await rooms.settings_of(CHANNEL) == {"voice": "sage"}
    assert await changes.undo(CHANNEL, None, ADA, NOW) is Undone.NOTHING


async def test_a_change_of_another_place_is_not_undone_by_its_id(changes: ChangeStore) -> None:
    change = await changes.change(SERVER, "voice", "ash", ADA, NOW)
    assert change is not None
    assert await changes.undo(CHANNEL, change.id, ADA, NOW) is Undone.NOTHING


async def test_of_two_who_undo_the_same_change_one_does(changes: ChangeStore) -> None:
    change = await changes.change(CHANNEL, "voice", "ash", ADA, NOW)
    assert change is not None
    outcomes = await asyncio.gather(
        *(changes.undo(CHANNEL, change.id, by, NOW) for by in (ADA, BOB))
    )
    assert [outcome for outcome in outcomes if outcome is not Undone.NOTHING] == [change]


async def test_a_whole_place_is_reset_and_each_change_can_be_undone(
    rooms: RoomStore, changes: ChangeStore
) -> None:
    await changes.change(CHANNEL, "voice", "ash", ADA, NOW)
    await changes.change(CHANNEL, "speed", "1.5", ADA, NOW)
    await changes.change(SERVER, "voice", "echo", ADA, NOW)
    assert {change.name for change in await changes.reset_all(CHANNEL, ADA, NOW)} == {
        "voice",
        "speed",
    }
    assert await rooms.settings_of(CHANNEL) == {}
    await changes.undo(CHANNEL, None, ADA, NOW)
    await changes.undo(CHANNEL, None, ADA, NOW)
    assert await rooms.settings_of(CHANNEL) == {"voice": "ash", "speed": "1.5"}
    assert await rooms.settings_of(SERVER) == {"voice": "echo"}


async def test_only_the_newest_changes_of_a_place_are_remembered(changes: ChangeStore) -> None:
    await changes.change(SERVER, "voice", "echo", ADA, NOW)
    for number in range(KEPT_PER_PLACE + 5):
        await changes.change(CHANNEL, "seed", str(number), ADA, NOW)
    kept = await changes.changes_of(CHANNEL)
    assert [change.after for change in kept] == [str(n) for n in range(24, 4, -1)]
    assert len(await changes.changes_of(SERVER)) == 1


async def test_names_of_personas_are_taken_in_any_case_and_not_more_are_kept_than_allowed(
    personas: PersonaStore,
) -> None:
    assert await personas.add(SHIP, PIRATE, ADA, NOW, most=2) == "added"
    assert await personas.add(SHIP, Persona("PIRATE", "x"), ADA, NOW, most=2) == "taken"
    assert await personas.add(SHIP, Persona("Cook", "x"), ADA, NOW, most=2) == "added"
    assert await personas.add(SHIP, Persona("Parrot", "x"), ADA, NOW, most=2) == "full"
    assert await personas.add(CASTLE, Persona("Parrot", "x"), ADA, NOW, most=2) == "added"
    assert await personas.all(SHIP) == [Persona("Cook", "x"), PIRATE]


async def test_personas_are_changed_and_removed_where_they_are(personas: PersonaStore) -> None:
    await personas.add(SHIP, PIRATE, ADA, NOW, most=2)
    better = Persona("Pirate", "You sail far.", None)
    assert await personas.replace(SHIP, better, BOB, NOW)
    assert not await personas.replace(CASTLE, better, BOB, NOW)
    assert await personas.all(SHIP) == [better]
    assert not await personas.remove(CASTLE, "Pirate")
    assert await personas.remove(SHIP, "Pirate")
    assert not await personas.remove(SHIP, "Pirate")


async def test_a_key_is_made_once_and_kept(database: Database) -> None:
    keys = KeyStore(database)
    made = iter([b"first", b"second", b"third"])
    given = await asyncio.gather(
        *(keys.get_or_make("components", lambda: next(made)) for _ in "ab")
    )
    assert given == [b"first", b"first"]
    assert await keys.get_or_make("another", lambda: next(made)) == b"second"


async def test_a_notice_is_said_once_in_each_room(rooms: RoomStore) -> None:
    said = await asyncio.gather(*(rooms.say_once(10, "how_to", NOW) for _ in range(10)))
    assert sorted(said) == [False] * 9 + [True]
    assert await rooms.say_once(11, "how_to", NOW)
    assert await rooms.say_once(10, "another", NOW)
