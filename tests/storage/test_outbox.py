import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text

from bot.domain.outgoing import Outgoing, Part
from bot.domain.reply import Sound
from bot.storage.database import Database, open_database
from bot.storage.inbox import InboxStore
from bot.storage.outbox import OutboxStore
from bot.storage.turns import TurnStore
from tests.conftest import url_of
from tests.storage.builders import NOW, question, turn

SOUND = Sound(b"speech" * 10_000, "wav")


def answer(sound: Sound | None = SOUND, parts: range = range(3)) -> Outgoing:
    return Outgoing(b'{"form":"card"}', sound, parts, NOW)


@pytest_asyncio.fixture
async def claimed(database: Database) -> AsyncIterator[InboxStore]:
    """An inbox with a question that is being answered."""
    inbox = InboxStore(database)
    await inbox.accept(question(), NOW)
    await inbox.claim(100, NOW)
    yield inbox


@pytest.fixture
def outbox(database: Database) -> OutboxStore:
    return OutboxStore(database)


async def states(database: Database) -> dict[int, tuple[str, int | None]]:
    async with database.reading() as session:
        rows = await session.execute(text("SELECT part, state, message_id FROM turn_parts"))
        return {row.part: (row.state, row.message_id) for row in rows}


@pytest.mark.usefixtures("claimed")
async def test_an_answer_is_there_with_its_sound_as_soon_as_its_turn_is(
    database: Database, outbox: OutboxStore
) -> None:
    await TurnStore(database).record(turn(), answer())
    found = await outbox.find(100)
    assert found is not None
    assert (found.shape, found.sound, found.stored_at) == (b'{"form":"card"}', SOUND, NOW)
    assert not found.sound_lost
    assert await states(database) == dict.fromkeys(range(3), ("sending", None))
    assert await outbox.find(101) is None


@pytest.mark.usefixtures("claimed")
async def test_a_sound_that_has_changed_on_the_disk_counts_as_lost(
    database: Database, outbox: OutboxStore
) -> None:
    await TurnStore(database).record(turn(), answer())
    async with database.writing() as session:
        await session.execute(text("UPDATE outbox SET sound = zeroblob(length(sound))"))
    found = await outbox.find(100)
    assert found is not None
    assert found.sound is None
    assert found.sound_lost


@pytest.mark.usefixtures("claimed")
async def test_an_answer_without_sound_has_lost_none(
    database: Database, outbox: OutboxStore
) -> None:
    await TurnStore(database).record(turn(), answer(None))
    found = await outbox.find(100)
    assert found is not None
    assert (found.sound, found.sound_lost) == (None, False)


@pytest.mark.usefixtures("claimed")
async def test_a_sound_that_comes_later_takes_its_place_in_one_step(
    database: Database, outbox: OutboxStore
) -> None:
    turn_id = await TurnStore(database).record(turn(), answer(None, range(1, 2)))
    await outbox.reshape(100, turn_id, answer(), 2.5)
    found = await outbox.find(100)
    assert found is not None
    assert found.sound == SOUND
    assert sorted(await states(database)) == [0, 1, 2]
    [kept] = await TurnStore(database).ancestors(turn_id, 1)
    assert kept.answer_seconds == 2.5


async def test_the_end_of_a_question_forgets_its_answer_and_gives_up_what_was_not_sent(
    database: Database, outbox: OutboxStore, claimed: InboxStore
) -> None:
    turn_id = await TurnStore(database).record(turn(), answer())
    await outbox.note(turn_id, Part(0, 700))
    await outbox.note(turn_id, Part(1, None))
    await claimed.finish(100, "answered", None, NOW)
    assert await outbox.find(100) is None
    assert await states(database) == {
        0: ("sent", 700),
        1: ("gone", None),
        2: ("abandoned", None),
    }


@pytest.mark.usefixtures("claimed")
async def test_a_part_moves_once_and_one_that_nobody_planned_is_noted_too(
    database: Database, outbox: OutboxStore
) -> None:
    turn_id = await TurnStore(database).record(turn(), answer())
    for part in (Part(0, 700), Part(0, 701), Part(0, None), Part(1, None), Part(1, 702)):
        await outbox.note(turn_id, part)
    await outbox.note(turn_id, Part(7, 707))
    assert await outbox.settled(turn_id) == [Part(0, 700), Part(1, None), Part(7, 707)]
    assert await TurnStore(database).parts(turn_id) == [700, 707]


async def test_forgotten_sounds_leave_nothing_behind_and_no_growing_file(
    database_file: Path,
) -> None:
    sizes = []
    async with open_database(url_of(database_file)) as database:
        inbox, turns = InboxStore(database), TurnStore(database)
        for message_id in range(1, 41):
            await inbox.accept(question(message_id), NOW)
            await inbox.claim(message_id, NOW)
            await turns.record(turn(question_id=message_id), answer())
            await inbox.finish(message_id, "answered", None, NOW)
            await database.checkpoint()
            sizes.append(size_of(database_file))
    assert sizes[-1] - sizes[1] < 100_000
    assert b"speechspeech" not in await asyncio.to_thread(database_file.read_bytes)


def size_of(path: Path) -> int:
    return path.stat().st_size
