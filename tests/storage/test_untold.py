"""Askers who are still to be told why they get no answer."""

from datetime import timedelta

import pytest

from bot.storage.database import Database
from bot.storage.inbox import InboxStore
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
