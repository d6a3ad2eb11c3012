"""While Discord is not to be had nothing paid for is thrown away, and nobody is left in silence."""

import asyncio
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock

import pytest

from bot.domain.reply import Standing
from bot.domain.rooms import Room
from bot.errors import DatabaseError, NoAccess, SourceGone, Unreachable
from bot.services import patience
from bot.services.locales import Locales
from bot.storage.locales import LocaleStore
from bot.storage.untold import UntoldStore
from tests.fakes import CHANNEL, DM, RecordingOutlet, asked
from tests.services.world import Services

NOT_NOW = Unreachable("discord_unreachable", "Discord did not take my answer.")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSES_S", ())
    monkeypatch.setattr(patience, "THEN_EVERY_S", 0)
    monkeypatch.setattr(patience, "TIMES", 10**9)


async def until(comes_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not comes_true():  # noqa: ASYNC110 - no event of ours tells
            await asyncio.sleep(0)


async def settled(services: Services, state: str) -> None:
    async with asyncio.timeout(20):
        while await services.inbox.state(1) != state:
            pass


async def word_of_it() -> None:
    """Wait until it was tried to tell the asker that the answer is put off."""
    telling = [task for task in asyncio.all_tasks() if task.get_name().startswith("word of")]
    await asyncio.gather(*telling)


@pytest.mark.parametrize("room", [CHANNEL, DM])
async def test_an_answer_that_is_paid_for_comes_once_discord_is_back(
    services: Services, room: Room
) -> None:
    outlet = RecordingOutlet()
    outlet.is_out_of_reach = True
    await services.ask(asked(1, room=room), outlet)
    assert await services.inbox.state(1) == "claimed"
    assert await services.outbox.find(1) is not None
    await word_of_it()
    outlet.is_out_of_reach = False
    await settled(services, "answered")
    assert len(outlet.posted) == (2 if room.is_dm else 1)
    assert len(services.speaker.heard) == 1
    assert outlet.whispered == []


async def test_what_stood_all_the_same_is_not_posted_once_more(services: Services) -> None:
    outlet = RecordingOutlet()
    outlet.is_out_of_reach = True
    await services.ask(asked(1), outlet)
    outlet.standing_already = (Standing(1_000, "answer 1", has_files=True),)
    outlet.is_out_of_reach = False
    await settled(services, "answered")
    assert outlet.posted == []


async def test_where_only_the_room_takes_nothing_its_asker_is_told_alone_and_answered_later(
    services: Services,
) -> None:
    outlet = RecordingOutlet(refusals=[NOT_NOW] * 5)
    await services.ask(asked(1), outlet)
    await word_of_it()
    await settled(services, "answered")
    [notice] = outlet.whispered
    assert "It comes as soon as Discord does" in notice
    assert len(outlet.posted) == 1
    assert len(services.speaker.heard) == 1


async def test_a_failing_disk_puts_off_but_drops_nothing(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = RecordingOutlet(refusals=[NOT_NOW] * 2)
    failing = AsyncMock(side_effect=DatabaseError("database_unavailable", "Not now."))
    await services.ask(asked(1), outlet)
    monkeypatch.setattr(services.outbox, "settled", failing)
    await until(lambda: failing.await_count > 2)
    monkeypatch.undo()
    await settled(services, "answered")
    assert len(outlet.posted) == 1


async def test_a_disk_that_fails_after_an_answer_is_stored_does_not_drop_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = RecordingOutlet(refusals=[NOT_NOW])
    failing = AsyncMock(side_effect=DatabaseError("database_unavailable", "Not now."))
    monkeypatch.setattr(services.outbox, "settled", failing)
    await services.ask(asked(1), outlet)
    await until(lambda: failing.await_count > 1)
    monkeypatch.undo()
    await settled(services, "answered")
    assert len(outlet.posted) == 1
    assert outlet.whispered == []


async def test_who_was_answered_after_an_edit_is_not_told_why_there_was_no_answer(
    services: Services,
) -> None:
    untold = UntoldStore(services.database)
    outlet = RecordingOutlet()
    outlet.is_out_of_reach = True
    await services.ask(asked(1, ""), outlet)
    assert await services.intake.reopen(asked(1, "mended"))
    mended = RecordingOutlet()
    await services.replies.answer(asked(1, "mended"), mended)
    outlet.is_out_of_reach = False
    async with asyncio.timeout(20):
        while await untold.all():
            pass
    assert outlet.posted == []
    assert "answer 1" in mended.texts[0]


async def test_an_answer_whose_question_is_deleted_meanwhile_is_dropped(
    services: Services,
) -> None:
    outlet = RecordingOutlet(refusals=[SourceGone("source_deleted", "")])
    outlet.is_out_of_reach = True
    await services.ask(asked(1), outlet)
    outlet.is_out_of_reach = False
    await settled(services, "cancelled")
    assert outlet.posted == []


async def test_an_answer_whose_question_was_deleted_meanwhile_is_dropped_in_a_thread_too(
    services: Services,
) -> None:
    outlet = RecordingOutlet()  # in a thread nothing is replied to, so nothing is refused
    outlet.is_out_of_reach = True
    await services.ask(asked(1), outlet)
    await services.intake.cancel([1])
    outlet.is_out_of_reach = False
    await settled(services, "cancelled")
    assert outlet.posted == []


async def test_of_a_deleted_question_no_failure_is_told(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail_then(*_: object) -> None:
        await services.intake.cancel([1])
        raise ZeroDivisionError

    monkeypatch.setattr(services.speaker, "speak", fail_then)
    outlet = await services.ask(asked(1))
    assert outlet.posted == []
    assert await services.inbox.state(1) == "cancelled"


async def test_a_stop_during_an_outage_leaves_the_answer_to_the_next_start(
    services: Services,
) -> None:
    outlet = RecordingOutlet()
    outlet.is_out_of_reach = True
    await services.ask(asked(1), outlet)
    [left] = (await services.recover()).answered
    assert left.message_id == 1


async def test_why_there_is_no_answer_is_said_once_discord_is_back(services: Services) -> None:
    untold = UntoldStore(services.database)
    outlet = RecordingOutlet()
    outlet.is_out_of_reach = True
    await services.ask(asked(1, ""), outlet)
    assert await services.inbox.state(1) == "refused"
    assert len(await untold.all()) == 1
    outlet.is_out_of_reach = False
    await until(lambda: bool(outlet.posted))
    async with asyncio.timeout(20):
        while await untold.all():
            pass
    assert len(outlet.posted) == 1


async def test_why_is_said_later_too_where_the_disk_fails_at_the_same_time(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = RecordingOutlet()
    outlet.is_out_of_reach = True
    finish = services.inbox.finish
    times = 0

    async def fail_once(*args: Any, **named: Any) -> bool:  # noqa: ANN401 - passed on as it comes
        nonlocal times
        times += 1
        if times == 1:
            raise DatabaseError("database_unavailable", "The disk is full.")
        return await finish(*args, **named)

    monkeypatch.setattr(services.inbox, "finish", fail_once)
    await services.ask(asked(1, ""), outlet)
    assert await services.inbox.state(1) == "refused"
    outlet.is_out_of_reach = False
    await until(lambda: bool(outlet.posted))
    assert times == 2


@pytest.mark.parametrize("can_be_read", [True, False])
async def test_who_was_answered_is_told_of_no_failure_while_the_disk_fails(
    services: Services, monkeypatch: pytest.MonkeyPatch, can_be_read: bool
) -> None:
    outlet, late = RecordingOutlet(), RecordingOutlet()
    failing = DatabaseError("database_unavailable", "The disk is full.")
    await services.ask(asked(1), outlet)
    monkeypatch.setattr(services.inbox, "finish", AsyncMock(side_effect=[failing, False]))
    if not can_be_read:
        monkeypatch.setattr(services.inbox, "state", AsyncMock(side_effect=failing))
    await services.closing.tell(asked(1), late, "failed", "interrupted", "I was interrupted.")
    assert len(late.texts) == (0 if can_be_read else 1)


async def test_what_a_question_was_to_continue_keeps_none_open_that_was_told_of_its_end(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.accept(asked(1, room=DM))
    failing = AsyncMock(side_effect=DatabaseError("database_unavailable", "The disk is full."))
    monkeypatch.setattr(services.turns, "latest_in", failing)
    outlet = RecordingOutlet()
    await services.closing.tell(asked(1, room=DM), outlet, "failed", "interrupted", "I am sorry.")
    assert failing.await_count == 2
    assert outlet.texts == ["⚠️ I am sorry."]
    assert await services.inbox.state(1) == "failed"


async def test_who_can_be_told_nothing_sees_a_mark_at_least(services: Services) -> None:
    outlet = RecordingOutlet()
    outlet.takes_whispers = False
    outlet.closed = NoAccess("room_closed", "I may not write there.")
    await services.ask(asked(1), outlet)
    assert (outlet.posted, outlet.whispered, outlet.marked) == ([], [], ["⚠️"])
    assert await services.inbox.state(1) == "refused"


async def test_while_a_members_language_cannot_be_looked_up_they_are_spoken_to_all_the_same(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocaleStore(services.database)
    failing = AsyncMock(side_effect=DatabaseError("database_unavailable", "The disk is full."))
    monkeypatch.setattr(store, "get", failing)
    assert await Locales(store).of(1) is None
