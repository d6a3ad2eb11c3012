"""What is taken in: edits that make a question whole, and what is written in threads."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from unittest.mock import AsyncMock

import pytest

from bot.domain.incoming import Address, FileKind, FileRef
from bot.domain.triggers import Verdict
from bot.errors import ChatApiError, DatabaseError
from bot.services import intake
from bot.services.deletions import KEPT
from bot.storage.database import Database
from bot.storage.untold import Untold, UntoldStore
from bot.tasks import spawn
from tests.fakes import BOB, NOON, THREAD, RecordingOutlet, asked
from tests.services.world import Services, history, said


async def test_in_a_thread_on_a_question_what_follows_waits_for_its_answer(
    services: Services,
) -> None:
    thread = replace(THREAD, thread_id=1)
    follows = asked(2, "two", room=thread, address=Address.THREAD)
    assert await services.accept(follows) is Verdict.IGNORE
    await services.accept(asked(1, "one"))
    assert await services.accept(follows) is Verdict.ANSWER
    await asyncio.gather(
        services.replies.answer(asked(1, "one"), RecordingOutlet(1_000)),
        services.replies.answer(follows, RecordingOutlet(2_000)),
    )
    assert said(services.speaker.heard[-1]) == ["[Ada] one", "[Ada] two"]


async def test_what_was_posted_while_the_turn_of_a_thread_was_looked_for_counts(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.ask(asked(1, "one"), RecordingOutlet(1_000))
    of_message, looks = services.turns.of_message, list[int | None]()
    begun = asyncio.Event()

    async def first_too_early(message_id: int) -> int | None:
        begun.set()
        looks.append(None if not looks else await of_message(message_id))
        return looks[-1]

    monkeypatch.setattr(services.turns, "of_message", first_too_early)
    follows = asked(2, "two", room=replace(THREAD, thread_id=1_000), address=Address.THREAD)
    with services.postings.into(THREAD.channel_id):
        judging = spawn(services.intake.judge(follows), name="judge")
        await asyncio.wait_for(begun.wait(), 20)
    assert await judging is Verdict.ANSWER
    assert len(looks) == 2


async def test_what_is_deleted_before_it_is_known_to_be_for_us_is_not_answered(
    services: Services,
) -> None:
    thread = replace(THREAD, thread_id=1)
    waiting = asked(2, "two", room=thread, address=Address.THREAD)
    with services.postings.into(thread.channel_id):
        judged = spawn(services.intake.judge(waiting), name="judge")
        await asyncio.sleep(0.1)
        assert not judged.done()
        await services.accept(asked(1, "one"))
        await services.intake.cancel([2])
    assert await judged is Verdict.IGNORE
    assert await services.intake.judge(asked(3, "three", room=thread)) is Verdict.ANSWER


async def test_what_is_deleted_while_it_is_being_stored_is_not_answered(
    services: Services,
) -> None:
    kept = spawn(services.intake.keep(asked(1)), name="keep")
    await asyncio.sleep(0)
    await services.intake.cancel([1])
    assert not await kept
    assert await services.inbox.state(1) == "cancelled"


async def test_of_several_deletions_all_count_at_once(services: Services) -> None:
    deleting = spawn(services.intake.cancel([1, 2, 3]), name="delete")
    await asyncio.sleep(0)
    assert not deleting.done()
    assert await services.intake.judge(asked(3)) is Verdict.IGNORE
    await deleting


async def test_of_what_is_deleted_only_the_newest_is_remembered(services: Services) -> None:
    await services.intake.cancel(range(1, KEPT + 1))
    await services.intake.cancel([KEPT + 1])
    verdicts = [await services.intake.judge(asked(n)) for n in (1, 2, KEPT + 1)]
    assert verdicts == [Verdict.ANSWER, Verdict.IGNORE, Verdict.IGNORE]


async def test_in_a_forum_post_only_what_addresses_us_is_answered(services: Services) -> None:
    post = replace(THREAD, thread_id=1)
    await services.ask(asked(1, "one", room=post))
    between_members = asked(2, "me too", room=post, address=Address.THREAD, member=BOB)
    assert await services.accept(between_members) is Verdict.IGNORE
    await services.ask(asked(3, "three", room=post))
    assert len(history(services.speaker.heard[-1])) == 2


async def test_an_edit_that_gives_an_empty_mention_words_is_answered_once(
    services: Services,
) -> None:
    await services.ask(asked(1, ""))
    assert not await services.intake.reopen(asked(1, ""))
    tries = [services.intake.reopen(asked(1, "now with words")) for _ in range(5)]
    assert sorted(await asyncio.gather(*tries)) == [False] * 4 + [True]
    await services.replies.answer(asked(1, "now with words"), RecordingOutlet())
    assert await services.inbox.state(1) == "answered"
    assert len(services.speaker.heard) == 1
    assert not await services.intake.reopen(asked(1, "and once more"))


async def test_an_edit_that_lets_us_read_a_withheld_message_is_answered(
    services: Services,
) -> None:
    withheld = replace(asked(1, ""), address=Address.ROLE_MENTION, content_visible=False)
    await services.accept(withheld)
    await services.replies.explain_silence(withheld, RecordingOutlet())
    assert not await services.intake.reopen(withheld)
    assert not await services.intake.reopen(asked(1, "to nobody", address=Address.NONE))
    assert await services.intake.reopen(asked(1, "now by name"))


async def test_what_was_refused_for_another_reason_or_long_ago_stays_so(
    services: Services,
) -> None:
    services.speaker.script = [ChatApiError("rate_limited", "The model is busy.")]
    await services.ask(asked(1))
    long = FileRef(1, FileKind.SOUND, "note.ogg", "note", 10, "audio/ogg", 200)
    await services.ask(asked(2, "", files=(long,)))
    await services.ask(asked(3, ""))
    services.clock.pass_time(timedelta(minutes=16))
    for number in (1, 2, 3):
        assert not await services.intake.reopen(asked(number, "edited"))


async def test_a_defect_ends_a_question_that_has_no_other_end(services: Services) -> None:
    assert await services.intake.break_off(asked(1))
    await services.accept(asked(2))
    assert await services.intake.break_off(asked(2))
    assert [await services.inbox.state(id_) for id_ in (1, 2)] == ["failed", "failed"]
    assert await services.accept(asked(1)) is Verdict.IGNORE


async def test_a_defect_ends_nothing_that_is_answered_or_being_answered(
    services: Services,
) -> None:
    await services.accept(asked(1))
    await services.inbox.claim(1, services.clock())
    assert not await services.intake.break_off(asked(1))
    await services.inbox.finish(1, "answered", None, services.clock())
    assert not await services.intake.break_off(asked(1))
    assert await services.inbox.state(1) == "answered"


async def test_a_defect_is_told_of_a_failure_that_was_not_told_yet_and_of_no_other(
    services: Services, database: Database
) -> None:
    untold = UntoldStore(database)
    services.speaker.script = [ChatApiError("rate_limited", "The model is busy.")]
    await services.ask(asked(1))
    assert await services.inbox.state(1) == "failed"
    assert not await services.intake.break_off(asked(1))
    await services.accept(asked(2))
    await services.inbox.finish(
        2, "failed", "busy", services.clock(), untold=Untold(asked(2), b'"busy"')
    )
    assert await services.intake.break_off(asked(2))
    await untold.forget(2)
    assert not await services.intake.break_off(asked(2))


async def test_what_its_repetition_brought_in_meanwhile_is_not_broken_off(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.accept(asked(1))
    monkeypatch.setattr(services.inbox, "state", AsyncMock(return_value=None))
    assert not await services.intake.break_off(asked(1))
    monkeypatch.undo()
    assert await services.inbox.state(1) == "received"
    assert await services.intake.break_off(asked(2))
    assert await services.accept(asked(2)) is Verdict.IGNORE


async def test_a_failure_that_could_not_be_stored_is_stored_once_the_disk_takes_it(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = AsyncMock(side_effect=DatabaseError("database_unavailable", "The disk is full."))
    monkeypatch.setattr(intake, "KEEP_AGAIN_AFTER_S", 0)
    monkeypatch.setattr(services.inbox, "accept_closed", full)
    with pytest.raises(DatabaseError):
        await services.intake.break_off(asked(1))
    async with asyncio.timeout(20):
        while full.await_count < 3:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0)
        monkeypatch.undo()
        while await services.inbox.state(1) is None:
            pass
    assert await services.inbox.state(1) == "failed"
    assert await services.accept(asked(1)) is Verdict.IGNORE


@pytest.mark.parametrize("newer_first", [True, False])
async def test_of_two_edits_at_once_the_newer_counts(services: Services, newer_first: bool) -> None:
    for number in range(1, 21):
        await services.accept(asked(number, "first"))
        edits = [(NOON, "second"), (NOON + timedelta(seconds=1), "third")]
        revisions = []
        for at, words in reversed(edits) if newer_first else edits:
            services.intake.note_edit(number, at)
            revisions.append(services.intake.revise(asked(number, words), at))
        assert all(await asyncio.gather(*revisions))
        question = await services.inbox.claim(number, services.clock())
        assert question is not None
        assert question.text == "third"
