"""What stands in the row of a question at each step, and who is told of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.rooms import Room
from bot.storage.database import Database
from bot.storage.inbox import FinalState, InboxStore
from tests.storage.builders import DM, NOW, question

LATER, MUCH_LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)


class Told:
    """Remembers what it is told."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, str]] = []

    def begun(self, message_id: int) -> None:
        self.heard.append((message_id, "begun"))

    def ended(self, message_id: int, state: FinalState, at: float) -> None:
        self.heard.append((message_id, state))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def inbox(database: Database, told: Told) -> InboxStore:
    return InboxStore(database, told)


async def row(database: Database, message_id: int = 100) -> dict[str, Any]:
    async with database.reading() as session:
        asked = text("select * from inbox where message_id = :id").bindparams(id=message_id)
        return dict((await session.execute(asked)).mappings().one())


def when(moment: object) -> str:
    return str(moment)[:19].replace("T", " ")


async def test_a_new_question_says_where_and_when_it_was_asked_and_by_whom(
    inbox: InboxStore, database: Database
) -> None:
    await inbox.accept(question(), LATER)
    stands = await row(database)
    assert (stands["guild_id"], stands["room_id"], stands["member_id"]) == (1, 10, 7)
    assert (stands["state"], stands["deaths"], stands["reason"]) == ("received", 0, None)
    assert (when(stands["created_at"]), when(stands["received_at"])) == (when(NOW), when(LATER))
    assert (stands["claimed_at"], stands["finished_at"], stands["boot_id"]) == (None, None, None)


async def test_a_claim_says_when_and_by_which_run(inbox: InboxStore, database: Database) -> None:
    await inbox.accept(question(), NOW)
    await inbox.claim(100, LATER)
    stands = await row(database)
    assert (stands["state"], when(stands["claimed_at"])) == ("claimed", when(LATER))
    assert stands["boot_id"] == database.boot_id
    assert stands["lease_until"] > 0


async def test_the_end_says_when_and_why_and_keeps_nothing_of_the_words(
    inbox: InboxStore, database: Database
) -> None:
    await inbox.accept(question(), NOW)
    await inbox.claim(100, LATER)
    await inbox.finish(100, "failed", "model_gone", MUCH_LATER, continued=None)
    stands = await row(database)
    assert (stands["state"], stands["reason"]) == ("failed", "model_gone")
    assert when(stands["finished_at"]) == when(MUCH_LATER)
    assert (stands["body"], stands["boot_id"], stands["lease_until"]) == (None, None, None)


async def test_what_came_too_late_is_closed_at_once_and_never_opened(
    inbox: InboxStore, database: Database
) -> None:
    assert await inbox.accept_closed(question(), "stale", LATER)
    stands = await row(database)
    assert (stands["state"], stands["reason"], stands["body"]) == ("failed", "stale", None)
    assert when(stands["finished_at"]) == when(LATER)
    assert not await inbox.accept(question(), LATER)
    assert await inbox.claim(100, LATER) is None
    await inbox.accept(question(101), NOW)
    assert not await inbox.accept_closed(question(101), "stale", LATER)
    assert await inbox.state(101) == "received"


async def test_what_is_received_again_has_no_end_any_more(
    inbox: InboxStore, database: Database
) -> None:
    await inbox.accept(question(text=""), NOW)
    await inbox.claim(100, NOW)
    await inbox.finish(100, "refused", "empty", LATER)
    await inbox.reopen(question(), {"empty"})
    stands = await row(database)
    kept = [stands[name] for name in ("reason", "claimed_at", "finished_at", "continued_id")]
    assert (stands["state"], kept) == ("received", [None] * 4)


async def test_a_dropped_question_says_why_and_keeps_nothing_of_the_words(
    inbox: InboxStore, database: Database
) -> None:
    await inbox.accept(question(), NOW)
    await inbox.cancel(100, "deleted")
    stands = await row(database)
    assert (stands["state"], stands["reason"], stands["body"]) == ("cancelled", "deleted", None)


async def test_whoever_watches_is_told_of_each_step_once(inbox: InboxStore, told: Told) -> None:
    for id_ in (1, 2):
        await inbox.accept(question(id_), NOW)
    for _ in range(2):
        await inbox.claim(1, NOW)
        await inbox.cancel(2, "deleted")
        await inbox.finish(1, "answered", None, NOW)
    assert told.heard == [(1, "begun"), (2, "cancelled"), (1, "answered")]


async def test_the_newest_question_tells_when_it_was_written_not_received(
    inbox: InboxStore,
) -> None:
    assert await inbox.newest() is None
    await inbox.accept(question(1, at=LATER), MUCH_LATER)
    await inbox.accept(question(2, at=NOW), MUCH_LATER)
    assert await inbox.newest() == LATER


async def test_a_room_is_known_by_its_question(inbox: InboxStore) -> None:
    await inbox.accept(question(1, room=DM), NOW)
    assert [await inbox.room_of(1), await inbox.room_of(2)] == [DM.id, None]


async def test_dms_come_with_the_newest_first_and_not_more_than_asked_for(
    inbox: InboxStore,
) -> None:
    for id_, room_id, at in ((1, 31, NOW), (2, 32, LATER), (3, 33, MUCH_LATER), (4, 31, NOW)):
        await inbox.accept(question(id_, room=Room(room_id), at=at), MUCH_LATER)
    await inbox.accept(question(5), MUCH_LATER)
    assert await inbox.private_rooms(NOW, 5) == [33, 32, 31]
    assert await inbox.private_rooms(NOW, 2) == [33, 32]
    assert await inbox.private_rooms(LATER, 5) == [33, 32]
