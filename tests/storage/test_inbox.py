import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from bot.storage.claims import ClaimStore
from bot.storage.database import Database
from bot.storage.inbox import InboxStore, Left
from bot.storage.tables import InboxRow
from tests.storage.builders import NOW, question, rich_question


@pytest.fixture
def inbox(database: Database) -> InboxStore:
    return InboxStore(database)


async def test_a_question_is_accepted_once(inbox: InboxStore) -> None:
    assert await inbox.accept(question(), NOW)
    assert not await inbox.accept(question(text="again"), NOW)
    assert (await inbox.claim(100, NOW)) == question()


async def test_of_many_who_accept_the_same_question_one_wins(inbox: InboxStore) -> None:
    accepted = await asyncio.gather(*(inbox.accept(question(), NOW) for _ in range(20)))
    assert sorted(accepted) == [False] * 19 + [True]


async def test_a_question_that_is_begun_at_once_is_nobody_elses(
    inbox: InboxStore, database: Database
) -> None:
    assert await inbox.accept_begun(question(), NOW)
    assert await inbox.state(100) == "claimed"
    assert not await inbox.accept_begun(question(), NOW)
    assert not await inbox.accept(question(), NOW)
    assert await inbox.claim(100, NOW) is None
    await ClaimStore(database).renew()
    async with database.reading() as session:
        held = await session.scalar(text("SELECT lease_until > strftime('%s', 'now') FROM inbox"))
    assert held == 1


async def test_a_question_that_waits_is_not_begun_by_its_replay(inbox: InboxStore) -> None:
    await inbox.accept(question(), NOW)
    assert not await inbox.accept_begun(question(text="again"), NOW)
    assert await inbox.claim(100, NOW) == question()


async def test_a_death_over_a_question_begun_at_once_counts(
    inbox: InboxStore, database: Database
) -> None:
    await inbox.accept_begun(rich_question(100), NOW)
    database.boot_id += "+"
    assert await ClaimStore(database).take_over() == 1
    assert await inbox.unfinished() == [Left(rich_question(100), deaths=1, answered=False)]


async def test_a_question_comes_back_whole(inbox: InboxStore) -> None:
    await inbox.accept(rich_question(100), NOW)
    assert await inbox.unfinished() == [Left(rich_question(100), deaths=0, answered=False)]
    assert await inbox.claim(100, NOW) == rich_question(100)


async def test_of_many_who_claim_a_question_one_gets_it(inbox: InboxStore) -> None:
    await inbox.accept(question(), NOW)
    claims = await asyncio.gather(*(inbox.claim(100, NOW) for _ in range(20)))
    assert [claim for claim in claims if claim is not None] == [question()]
    assert await inbox.state(100) == "claimed"


async def test_an_edit_counts_until_the_question_is_begun(inbox: InboxStore) -> None:
    await inbox.accept(question(), NOW)
    assert await inbox.revise(question(text="Edited?"))
    assert await inbox.claim(100, NOW) == question(text="Edited?")
    assert not await inbox.revise(question(text="Too late?"))


async def test_a_deleted_question_is_dropped_until_it_is_begun(inbox: InboxStore) -> None:
    await inbox.accept(question(1), NOW)
    assert await inbox.cancel(1, "deleted")
    assert await inbox.claim(1, NOW) is None
    assert not await inbox.revise(question(1))
    await inbox.accept(question(2), NOW)
    await inbox.claim(2, NOW)
    assert not await inbox.cancel(2, "deleted")
    assert [await inbox.state(1), await inbox.state(2)] == ["cancelled", "claimed"]


async def test_of_many_edits_one_reopens_a_question_refused_for_that_reason(
    inbox: InboxStore,
) -> None:
    await inbox.accept(question(text=""), NOW)
    await inbox.finish(100, "refused", "empty", NOW)
    assert not await inbox.reopen(question(), {"unreadable"})
    reopened = await asyncio.gather(*(inbox.reopen(question(), {"empty"}) for _ in range(20)))
    assert sorted(reopened) == [False] * 19 + [True]
    assert await inbox.claim(100, NOW) == question()
    await inbox.finish(100, "answered", None, NOW)
    assert not await inbox.reopen(question(), {"empty"})


async def test_an_unknown_question_is_nobodys(inbox: InboxStore) -> None:
    assert await inbox.claim(1, NOW) is None
    assert not await inbox.revise(question(1))
    assert not await inbox.cancel(1, "deleted")
    assert not await inbox.reopen(question(1), {"empty"})
    assert await inbox.state(1) is None


async def test_the_first_end_of_a_question_counts(inbox: InboxStore) -> None:
    await inbox.accept(question(), NOW)
    await inbox.claim(100, NOW)
    await inbox.finish(100, "answered", None, NOW)
    await inbox.finish(100, "failed", "late", NOW)
    assert await inbox.state(100) == "answered"
    assert not await inbox.accept(question(), NOW)


async def test_nobody_is_told_of_a_failure_to_answer_what_was_answered_or_taken_back(
    inbox: InboxStore,
) -> None:
    for message_id in (1, 2, 3):
        await inbox.accept(question(message_id), NOW)
    await inbox.finish(1, "answered", None, NOW)
    await inbox.cancel(2, "deleted")
    await inbox.finish(3, "failed", "late", NOW)
    is_news = [await inbox.finish(each, "failed", "late", NOW) for each in (1, 2, 3, 4)]
    assert is_news == [False, False, True, True]


async def test_a_finished_question_leaves_no_content_behind(
    inbox: InboxStore, database: Database
) -> None:
    for message_id in (1, 2):
        await inbox.accept(question(message_id), NOW)
    await inbox.finish(1, "refused", "too_long", NOW)
    await inbox.cancel(2, "deleted")
    async with database.reading() as session:
        rows = await session.execute(text("SELECT body, reason FROM inbox ORDER BY message_id"))
        assert [tuple(row) for row in rows] == [(None, "too_long"), (None, "deleted")]


async def test_a_question_that_led_to_no_turn_keeps_what_it_was_to_continue(
    inbox: InboxStore,
) -> None:
    await inbox.accept(question(), NOW)
    assert await inbox.continued(100) is None
    await inbox.finish(100, "refused", "empty", NOW, continued=7)
    assert await inbox.continued(100) == 7
    assert await inbox.continued(101) is None
    assert await inbox.reopen(question(), {"empty"})
    assert await inbox.continued(100) is None


async def test_where_a_question_was_asked_is_kept(inbox: InboxStore) -> None:
    await inbox.accept(rich_question(100), NOW)
    await inbox.finish(100, "answered", None, NOW)
    assert await inbox.room_of(100) == 11
    assert await inbox.room_of(101) is None


async def test_unfinished_questions_come_oldest_first(inbox: InboxStore) -> None:
    for minutes in (20, 3, 1, 2):
        await inbox.accept(question(minutes, at=NOW - timedelta(minutes=minutes)), NOW)
    await inbox.claim(2, NOW)
    await inbox.finish(1, "answered", None, NOW)
    found = await inbox.unfinished()
    assert [left.question.message_id for left in found] == [20, 3, 2]


async def test_a_question_kept_by_another_version_does_not_stop_the_start(
    inbox: InboxStore, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    for message_id in (1, 2, 3):
        await inbox.accept(question(message_id), NOW)
    async with database.writing() as session:
        for message_id, body in ((1, b'{"message_id": 1}'), (2, b"\xff secret words")):
            await session.execute(
                update(InboxRow).where(InboxRow.message_id == message_id).values(body=body)
            )
    found = await inbox.unfinished()
    assert [left.question.message_id for left in found] == [3]
    assert "question 1 cannot be read" in caplog.text
    assert "secret" not in caplog.text
