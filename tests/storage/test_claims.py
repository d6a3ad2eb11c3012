import pytest
from sqlalchemy import text

from bot.domain.outgoing import Outgoing
from bot.storage.claims import LEASE_S, ClaimStore
from bot.storage.database import Database
from bot.storage.inbox import InboxStore
from bot.storage.outbox import Overtaken
from bot.storage.turns import TurnStore
from tests.storage.builders import NOW, question, turn


@pytest.fixture
def inbox(database: Database) -> InboxStore:
    return InboxStore(database)


@pytest.fixture
def claims(database: Database) -> ClaimStore:
    return ClaimStore(database)


def begin_anew(database: Database) -> None:
    """Be the next run of the bot, after the last one died."""
    database.boot_id += "+"


async def deaths(inbox: InboxStore) -> dict[int, int]:
    return {left.question.message_id: left.deaths for left in await inbox.unfinished()}


async def test_what_a_dead_run_had_claimed_is_free_and_what_ours_has_is_not(
    database: Database, inbox: InboxStore, claims: ClaimStore
) -> None:
    for message_id in (1, 2, 3):
        await inbox.accept(question(message_id), NOW)
    await inbox.claim(1, NOW)
    assert await claims.take_over() == 0
    begin_anew(database)
    await inbox.claim(2, NOW)
    assert await claims.take_over() == 1
    assert await inbox.claim(1, NOW) == question(1)
    assert await inbox.claim(2, NOW) is None


async def test_a_death_counts_for_what_was_begun_and_an_end_in_order_for_nothing(
    database: Database, inbox: InboxStore, claims: ClaimStore
) -> None:
    for message_id in (1, 2):
        await inbox.accept(question(message_id), NOW)
    for expected in (1, 2, 3):
        await inbox.claim(1, NOW)
        begin_anew(database)
        await claims.take_over()
        await claims.take_over()
        assert await deaths(inbox) == {1: expected, 2: 0}
    await inbox.claim(2, NOW)
    await claims.give_back()
    begin_anew(database)
    assert await claims.take_over() == 0
    assert await deaths(inbox) == {1: 3, 2: 0}
    assert await inbox.claim(2, NOW) == question(2)


async def test_what_an_earlier_run_writes_late_does_not_land(
    database: Database, inbox: InboxStore, claims: ClaimStore
) -> None:
    await inbox.accept(question(), NOW)
    await inbox.claim(100, NOW)
    old = database.boot_id
    begin_anew(database)
    await claims.take_over()
    await inbox.claim(100, NOW)
    new, database.boot_id = database.boot_id, old
    await inbox.finish(100, "failed", "late", NOW)
    await claims.give_back()
    with pytest.raises(Overtaken):
        await TurnStore(database).record(turn(), Outgoing(b"{}", None, range(1, 2), NOW))
    assert await TurnStore(database).of_message(100) is None
    assert await inbox.state(100) == "claimed"
    database.boot_id = new
    await inbox.finish(100, "answered", None, NOW)
    assert await inbox.state(100) == "answered"


async def test_a_claim_is_a_lease_by_the_clock_of_the_database_until_it_is_given_back(
    database: Database, inbox: InboxStore, claims: ClaimStore
) -> None:
    async def left_s() -> int | None:
        asked = "SELECT lease_until - CAST(strftime('%s', 'now') AS INTEGER) FROM inbox"
        async with database.reading() as session:
            left: int | None = await session.scalar(text(asked))
            return left

    async def let_a_minute_pass() -> None:
        async with database.writing() as session:
            await session.execute(text("UPDATE inbox SET lease_until = lease_until - 60"))

    await inbox.accept(question(), NOW)
    assert await left_s() is None
    await inbox.claim(100, NOW)
    await let_a_minute_pass()
    assert await left_s() in range(LEASE_S - 65, LEASE_S - 58)
    await claims.renew()
    assert await left_s() in range(LEASE_S - 5, LEASE_S + 1)
    await claims.give_back()
    assert await left_s() is None
