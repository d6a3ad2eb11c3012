"""Askers who are still to be told why they get no answer."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.storage.database import Database
from bot.storage.inbox import InboxStore
from bot.storage.tables import UntoldRow
from bot.storage.untold import Untold, UntoldStore
from tests.storage.builders import NOW, question, rich_question

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def inbox(database: Database) -> InboxStore:
    return InboxStore(database)


@pytest.fixture
def untold(database: Database) -> UntoldStore:
    return UntoldStore(database)


async def test_what_is_to_be_said_is_kept_with_the_end_until_it_is_said(
    inbox: InboxStore, untold: UntoldStore
) -> None:
    first, second = Untold(rich_question(2), b"one"), Untold(question(1), b"two")
    for each, at in ((second, LATER), (first, NOW)):
        await inbox.accept(each.question, NOW)
        await inbox.finish(each.question.message_id, "failed", "model_gone", at, untold=each)
    assert await untold.all() == [first, second]
    await untold.forget(2)
    assert await untold.all() == [second]


async def test_nobody_is_told_of_an_end_that_was_not_theirs(
    inbox: InboxStore, untold: UntoldStore
) -> None:
    await inbox.accept(question(1), NOW)
    await inbox.finish(1, "answered", None, NOW)
    await inbox.finish(1, "failed", "model_gone", NOW, untold=Untold(question(1), b"words"))
    await inbox.finish(2, "failed", "model_gone", NOW, untold=Untold(question(2), b"words"))
    assert await untold.all() == []
    assert await inbox.state(1) == "answered"


async def test_what_is_said_once_in_a_room_is_kept_until_it_is_said_and_not_again(
    inbox: InboxStore, untold: UntoldStore
) -> None:
    for number in (1, 2, 3):
        await inbox.accept(question(number), NOW)
    first, second = (Untold(question(number), b"denied", once="denied 7") for number in (1, 2))
    other = Untold(question(3), b"denied", once="denied 8")
    assert await inbox.finish(1, "refused", "denied", NOW, untold=first)
    assert not await inbox.finish(2, "refused", "denied", NOW, untold=second)
    assert await inbox.finish(3, "refused", "denied", NOW, untold=other)
    assert [each.question.message_id for each in await untold.all()] == [1, 3]
    assert [await inbox.state(number) for number in (1, 2, 3)] == ["refused"] * 3


@pytest.mark.parametrize(
    ("passed", "is_said"),
    [
        (timedelta(hours=23), False),
        (timedelta(hours=25), True),
        (timedelta(days=-365), True),  # the machine's clock was put back
    ],
)
async def test_what_is_said_once_in_a_room_is_said_again_after_a_day(
    inbox: InboxStore, untold: UntoldStore, passed: timedelta, is_said: bool
) -> None:
    for number in (1, 2, 3):
        await inbox.accept(question(number), NOW)
    first, second, third = (
        Untold(question(number), b"denied", once="denied 7") for number in (1, 2, 3)
    )
    assert await inbox.finish(1, "refused", "denied", NOW, untold=first)
    assert await inbox.finish(2, "refused", "denied", NOW + passed, untold=second) is is_said
    again = await inbox.finish(3, "refused", "denied", NOW + passed, untold=third)
    assert again is False
    assert len(await untold.all()) == 1 + is_said


async def test_what_another_version_kept_in_a_way_of_its_own_keeps_nobody_from_starting(
    inbox: InboxStore, untold: UntoldStore, database: Database
) -> None:
    for number in (1, 2):
        await inbox.accept(question(number), NOW)
        words = Untold(question(number), b'"words"')
        await inbox.finish(number, "failed", "model_gone", NOW, untold=words)
    async with database.writing() as session:
        changed = (
            update(UntoldRow).where(UntoldRow.question_id == 1).values(body=b'{"of": "later"}')
        )
        await session.execute(changed)
    assert [each.question.message_id for each in await untold.all()] == [2]
