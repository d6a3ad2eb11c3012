"""What a kill cut short: whatever it was, it reaches its end, once, and is paid for once."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from bot.domain.incoming import Address, Incoming
from bot.domain.prompt import Prompt
from bot.domain.reply import SpokenReply, Standing
from bot.domain.triggers import Verdict
from bot.domain.usage import Waste
from bot.errors import (
    BotError,
    ChatApiError,
    FilesForbidden,
    NoAccess,
    PartGone,
    SourceGone,
    VoiceForbidden,
)
from bot.i18n import say
from bot.services.intake import ANSWERED_AGE, MOST_DEATHS, MOST_DEATHS_ANSWERED, POISON, TOO_OLD
from bot.services.resuming import NONCE_WINDOW
from bot.services.shaping import FINISH_NOTES
from bot.storage import database as storage
from bot.storage import outage
from bot.storage.database import Database, open_database
from bot.tasks import spawn
from tests.conftest import url_of
from tests.fakes import DM, THREAD, RecordingOutlet, StoppedClock, asked
from tests.services.world import Services, build_services
from tests.storage.test_outage import disk_fails

ROOT = Path(__file__).parents[2]


class PowerCut(BaseException):
    """A kill in the middle of posting."""


async def ask_until(
    services: Services, question: Incoming, *before: BotError | None
) -> RecordingOutlet:
    """Ask, and be killed at the posting that follows so many others."""
    outlet = RecordingOutlet(refusals=[*before, PowerCut()])  # type: ignore[list-item]
    with pytest.raises(PowerCut):
        await services.ask(question, outlet)
    return outlet


async def resume(
    services: Services,
    standing: Sequence[Standing] | None = (),
    *,
    refusals: Sequence[BotError | None] = (),
) -> RecordingOutlet:
    """Begin anew, and answer what is left in a room where this stands; None hides the room."""
    [again] = (await services.recover()).young
    outlet = RecordingOutlet(2_000, refusals=refusals)
    outlet.standing_already = standing
    await services.replies.answer(again, outlet)
    return outlet


async def until(comes_true: Callable[[], bool]) -> None:
    """Wait for what sets no event of ours."""
    async with asyncio.timeout(20):
        while not comes_true():  # noqa: ASYNC110 - the log and a room set no event of ours
            await asyncio.sleep(0.01)


def stands(
    message_id: int, text: str = "", *, voice: bool = False, files: bool = False
) -> Standing:
    return Standing(message_id, text, has_files=files or voice, is_voice=voice)


async def test_a_question_cut_short_is_answered(services: Services) -> None:
    await services.accept(asked(1))
    await services.inbox.claim(1, services.clock())
    assert (await resume(services)).texts == ["answer 1"]


async def test_a_paid_answer_is_posted_whole_and_not_paid_again(services: Services) -> None:
    await ask_until(services, asked(1))
    [card] = (await resume(services)).posted
    assert card.text == "answer 1"
    assert card.sound is not None
    assert card.sound.data == b"sound of answer 1"
    assert len(services.speaker.heard) == 1
    assert (await services.recover()).young == []
    assert await services.outbox.find(1) is None


async def test_a_defect_over_its_replay_ends_no_question_whose_answer_is_yet_posted(
    services: Services,
) -> None:
    await ask_until(services, asked(1))
    await services.recover()
    assert not await services.intake.break_off(asked(1))
    assert await services.inbox.state(1) == "received"
    assert (await resume(services)).texts == ["answer 1"]


async def test_bubble_and_words_are_posted_after_a_kill_before_both(services: Services) -> None:
    await ask_until(services, asked(1, room=DM))
    bubble, words = (await resume(services)).posted
    assert bubble.clip is not None
    assert words.text == "answer 1"


async def test_a_kill_between_bubble_and_words_does_not_lose_the_words(
    services: Services,
) -> None:
    await ask_until(services, asked(1, room=DM), None)
    outlet = await resume(services, refusals=[SourceGone("deleted meanwhile", "")])
    assert [(each.part, each.text) for each in outlet.posted] == [(1, "answer 1")]


async def test_what_stands_unnoted_is_not_posted_again(services: Services) -> None:
    await ask_until(services, asked(1))
    notice = stands(900, "⏳ You are number 7.")
    outlet = await resume(services, [notice, stands(901, "answer 1", files=True)])
    assert outlet.posted == []
    assert await services.turns.parts(1) == [901]
    assert await services.inbox.state(1) == "answered"


async def test_a_bubble_that_stands_unnoted_is_not_posted_again_but_its_words_are(
    services: Services,
) -> None:
    await ask_until(services, asked(1, room=DM))
    outlet = await resume(services, [stands(900, voice=True)])
    assert [each.part for each in outlet.posted] == [1]


async def test_of_many_pages_only_those_are_posted_that_do_not_stand(services: Services) -> None:
    services.speaker.script = [services.speaker.say(("word " * 700).strip())]
    before = await ask_until(services, asked(1, room=DM), None, None)
    page = before.posted[-1]
    outlet = await resume(services, [stands(900, voice=True), stands(901, page.text)])
    assert [each.part for each in outlet.posted] == [2]


async def test_what_was_deleted_before_a_page_that_stands_is_not_posted_again(
    services: Services,
) -> None:
    services.speaker.script = [services.speaker.say(("word " * 1_000).strip())]
    before = await ask_until(services, asked(1, room=DM), None, None, None)
    *_, second_page = before.posted
    outlet = await resume(services, [stands(900, second_page.text)])
    assert [each.part for each in outlet.posted] == [3]


async def test_pages_that_took_the_place_of_files_all_come(services: Services) -> None:
    services.speaker.script = [services.speaker.say(("word " * 1_700).strip())]
    forbidden = FilesForbidden("files_forbidden", "")
    before = await ask_until(services, asked(1), forbidden, forbidden, None)
    [first] = before.posted
    rest = await resume(services, [stands(900, first.text)])
    assert [each.part for each in rest.posted] == [2, 3, 4, 5]
    said = " ".join([first.text, *rest.texts])
    assert said.split().count("word") == 1_700
    assert said.count("could not be posted") == 1
    assert await services.inbox.state(1) == "answered"


async def test_pages_below_a_bubble_that_took_the_place_of_a_file_all_come(
    services: Services,
) -> None:
    services.speaker.script = [services.speaker.say(("word " * 1_700).strip())]
    forbidden = FilesForbidden("files_forbidden", "")
    before = await ask_until(services, asked(1, room=DM), None, forbidden, None)
    _, first = before.posted
    rest = await resume(services, [stands(899, voice=True), stands(900, first.text)])
    assert [each.part for each in rest.posted] == [2, 3, 4, 5]
    assert " ".join([first.text, *rest.texts]).split().count("word") == 1_700
    assert "could not be posted" not in rest.texts[-1]


async def test_a_card_that_took_the_place_of_a_bubble_is_not_followed_by_one(
    services: Services,
) -> None:
    forbidden = VoiceForbidden("voice_forbidden", "")
    await ask_until(services, asked(1, room=DM), forbidden)
    assert (await resume(services, [stands(900, "answer 1", files=True)])).posted == []


async def test_a_message_that_somebody_deleted_is_never_posted_again(services: Services) -> None:
    await ask_until(services, asked(1, room=DM))
    outlet = await resume(services, refusals=[PartGone("part_gone", "")])
    assert [each.part for each in outlet.posted] == [1]
    assert await services.inbox.state(1) == "answered"


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param("UPDATE outbox SET sound = x'00'", id="spoilt on the disk"),
        pytest.param("UPDATE outbox SET shape = '{}'", id="of another version"),
        pytest.param("DELETE FROM outbox", id="of a version without"),
    ],
)
async def test_what_is_not_known_of_an_answer_any_more_is_told_and_its_words_come(
    services: Services, database: Database, meanwhile: str
) -> None:
    await ask_until(services, asked(1))
    async with database.writing() as session:
        await session.execute(text(meanwhile))
    [card] = (await resume(services)).posted
    assert card.sound is None
    assert card.text.startswith("answer 1\n")
    assert "I was interrupted" in card.text


async def test_what_an_earlier_version_had_begun_is_answered_after_the_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bot.db"
    monkeypatch.setenv("DATABASE_URL", url_of(path))
    await asyncio.to_thread(make_old_database, path)
    async with open_database(url_of(path)) as database:
        services = build_services(database)
        recovered = await services.recover()
        assert [each.message_id for each in recovered.young] == [1, 2]
        assert [each.message_id for each in recovered.answered] == [2]
        outlets = [RecordingOutlet(2_000), RecordingOutlet(3_000)]
        for question, outlet in zip(recovered.young, outlets, strict=True):
            await services.replies.answer(question, outlet)
        assert [each.text for each in outlets[0].posted] == ["answer 1"]
        [words] = outlets[1].posted
        assert words.text.startswith("said before\n")
        assert "I was interrupted" in words.text
        assert await services.turns.parts(2) == [700, 701]


def make_old_database(path: Path) -> None:
    """Leave what the version before had: a question, one with its answer, and one all posted."""
    command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "0006")
    turn = (
        "INSERT INTO turns (id, question_id, channel_id, room_id, member_id, member_name, asked_at,"
        " text, unkept_seconds, transcript, answer_seconds, voice, model) VALUES"
        " (?, ?, 10, 10, 7, 'Ada', '2026-11-21', 'Hm?', 0, 'said before', 1, 'alloy', 'm')"
    )
    question = (
        "INSERT INTO inbox (message_id, room_id, member_id, state, created_at, received_at,"
        " claimed_at, body) VALUES (?, 10, 7, 'claimed', ?, '2026-11-21', '2026-11-21', ?)"
    )
    now = StoppedClock()().replace(tzinfo=None).isoformat(" ")
    with closing(sqlite3.connect(path)) as old, old:
        for message_id in (1, 2):
            old.execute(question, (message_id, now, msgspec.json.encode(asked(message_id))))
        old.execute(turn, (1, 2))
        old.execute(turn, (2, 3))
        old.executemany(
            "INSERT INTO turn_parts (message_id, turn_id) VALUES (?, 2)", [(700,), (701,)]
        )


async def test_what_was_paid_for_while_the_disk_failed_is_posted_once_it_heals(
    services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outage, "TRY_EVERY_S", 0)
    monkeypatch.setattr(storage, "AGAIN_AFTER_S", 0.01)
    answer, disk = services.speaker.speak, ExitStack()

    async def answer_on_a_full_disk(
        prompt: Prompt, on_waste: Callable[[Waste], None]
    ) -> SpokenReply:
        disk.enter_context(disk_fails())
        return await answer(prompt, on_waste)

    monkeypatch.setattr(services.speaker, "speak", answer_on_a_full_disk)
    with disk:
        asking = spawn(services.ask(asked(1)), name="asking")
        await until(lambda: "to be written once that is possible" in caplog.text)
        assert not asking.done()
    assert (await asking).texts == ["answer 1"]
    assert await services.inbox.state(1) == "answered"
    assert len(services.speaker.heard) == 1


async def test_who_gets_no_answer_on_a_failing_disk_is_told_at_once_and_the_question_ends_later(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "TRY_EVERY_S", 0)
    monkeypatch.setattr(storage, "AGAIN_AFTER_S", 0.01)
    disk = ExitStack()

    async def fail_on_a_full_disk(*_: object) -> SpokenReply:
        disk.enter_context(disk_fails())
        raise ChatApiError("overloaded", "Too busy.")

    monkeypatch.setattr(services.speaker, "speak", fail_on_a_full_disk)
    outlet = RecordingOutlet()
    with disk:
        asking = spawn(services.ask(asked(1), outlet), name="asking")
        await until(lambda: bool(outlet.posted))
        assert not asking.done()
    await asking
    assert outlet.failures == ["Too busy."]
    assert await services.inbox.state(1) == "failed"


async def test_who_was_not_told_before_a_kill_is_told_after_it_unless_it_stands(
    services: Services,
) -> None:
    services.speaker.script = [ChatApiError("overloaded", "Too busy.")]
    await ask_until(services, asked(1))
    assert await services.inbox.state(1) == "failed"
    [(question, words)] = await services.replies.untold()
    outlet = RecordingOutlet()
    await services.replies.tell_late(question, words, outlet)
    assert outlet.failures == ["Too busy."]
    assert await services.replies.untold() == []
    again = RecordingOutlet()
    again.standing_already = [stands(900, "⚠️ Zu viel zu tun.")]
    await services.replies.tell_late(question, words, again)
    assert again.posted == []


async def ask_until_spoken(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask, and be killed when the answer in words is to be spoken by another model."""

    async def killed(*_: object, **__: object) -> None:
        raise PowerCut

    services.speaker.script = [services.speaker.say("in writing", sound=False)]
    with monkeypatch.context() as patch:
        patch.setattr(services.reciter, "synthesize", killed)
        with pytest.raises(PowerCut):
            await services.ask(asked(1))


async def test_a_text_that_was_to_be_spoken_by_another_model_is_spoken_after_the_kill(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask_until_spoken(services, monkeypatch)
    [card] = (await resume(services)).posted
    assert card.sound is not None
    assert len(services.speaker.heard) == 1


@pytest.mark.parametrize("reason", ["deleted", "shut"])
async def test_no_speech_is_paid_for_after_the_kill_where_nobody_will_hear_it(
    services: Services, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    await ask_until_spoken(services, monkeypatch)
    [again] = (await services.recover()).young
    outlet = RecordingOutlet()
    if reason == "deleted":
        await services.intake.cancel({1})
    else:
        outlet.closed = NoAccess("no_access", "I may not write there.")
    await services.replies.answer(again, outlet)
    assert services.reciter.read == []
    assert await services.inbox.state(1) == ("cancelled" if reason == "deleted" else "refused")


async def test_where_nobody_may_look_an_answer_is_posted_again_while_its_nonce_is_known(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    await ask_until(services, asked(1))
    services.clock.pass_time(NONCE_WINDOW / 2)
    assert (await resume(services, None)).texts == ["answer 1"]
    assert "posted again unseen" in caplog.text


async def test_where_nobody_may_look_an_answer_is_given_up_later_and_its_member_told(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    await ask_until(services, asked(1))
    services.clock.pass_time(NONCE_WINDOW)
    [notice] = (await resume(services, None)).texts
    assert "I may not look whether it stands here" in notice
    assert await services.inbox.state(1) == "failed"
    assert "is given up: whether its answer stands cannot be seen" in caplog.text


async def test_a_note_in_the_answer_survives_in_every_language(services: Services) -> None:
    services.speaker.script = [replace(services.speaker.say("cut"), finish="length")]
    await ask_until(services, asked(1))
    [again] = (await services.recover()).young
    outlet = RecordingOutlet(2_000)
    outlet.locale = "de"
    await services.replies.answer(again, outlet)
    cut = FINISH_NOTES["length"]
    assert say(cut, "de") != cut
    assert outlet.texts == [f"cut\n-# {say(cut, 'de')}"]


async def test_a_question_too_old_by_then_is_closed_once_that_is_said(services: Services) -> None:
    await services.accept(asked(1))
    services.clock.pass_time(timedelta(minutes=16))
    recovered = await services.recover()
    assert recovered.young == []
    [old] = recovered.too_old
    assert await services.inbox.state(1) == "received"
    await services.intake.close(old, TOO_OLD)
    assert await services.inbox.state(1) == "failed"


async def test_an_answer_left_behind_is_posted_although_its_question_is_too_old_by_then(
    services: Services,
) -> None:
    await ask_until(services, asked(1))
    services.clock.pass_time(ANSWERED_AGE - timedelta(seconds=1))
    assert (await resume(services)).texts == ["answer 1"]
    await ask_until(services, asked(2))
    services.clock.pass_time(ANSWERED_AGE + timedelta(seconds=1))
    [given_up] = (await services.recover()).too_old
    assert given_up.message_id == 2


async def test_an_answer_that_stands_is_not_called_too_old_and_its_conversation_goes_on(
    services: Services,
) -> None:
    await ask_until(services, asked(1))
    services.clock.pass_time(timedelta(hours=1))
    assert (await resume(services, [stands(900, "answer 1", files=True)])).posted == []
    assert await services.inbox.state(1) == "answered"
    assert await services.turns.of_message(900) is not None


async def test_a_question_that_kills_is_suspected_parked_and_then_closed(
    services: Services,
) -> None:
    for message_id in (1, 2):
        await services.accept(asked(message_id))
    found = []
    for _ in range(MOST_DEATHS):
        await services.inbox.claim(1, services.clock())
        recovered = await services.recover()
        found.append(
            [
                [each.message_id for each in kind]
                for kind in (
                    recovered.young,
                    recovered.suspects,
                    [question for question, deaths in recovered.poisoned if deaths == MOST_DEATHS],
                )
            ]
        )
    assert found == [[[1, 2], [], []], [[2], [1], []], [[2], [], [1]]]
    await services.intake.close(asked(1), POISON)
    assert await services.inbox.state(1) == "failed"
    assert (await services.recover()).poisoned == []


async def test_those_whose_answer_may_stand_are_named(services: Services) -> None:
    await ask_until(services, asked(1))
    await services.accept(asked(2))
    recovered = await services.recover()
    assert [each.message_id for each in recovered.answered] == [1]


async def test_an_answer_that_is_stored_is_tried_for_longer_than_a_question(
    services: Services,
) -> None:
    await ask_until(services, asked(1))
    for _ in range(MOST_DEATHS_ANSWERED - 1):
        recovered = await services.recover()
        assert recovered.poisoned == []
        await services.inbox.claim(1, services.clock())
    [(question, deaths)] = (await services.recover()).poisoned
    assert (question.message_id, deaths) == (1, MOST_DEATHS_ANSWERED)


async def test_a_defect_after_an_answer_was_stored_does_not_keep_it_from_being_posted(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlet = RecordingOutlet()

    async def fail_once(*_: object, **__: object) -> int:
        monkeypatch.undo()
        raise ZeroDivisionError

    monkeypatch.setattr(outlet, "post_text", fail_once)
    await services.ask(asked(1), outlet)
    [card] = outlet.posted
    assert card.sound is not None
    assert await services.inbox.state(1) == "answered"
    assert len(services.speaker.heard) == 1


async def test_who_goes_on_below_an_answer_that_is_still_being_taken_up_is_heard(
    services: Services,
) -> None:
    await ask_until(services, asked(1))
    [again] = (await services.recover()).young
    outlet = RecordingOutlet(2_000)
    outlet.standing_already = [stands(901, "answer 1", files=True)]
    thread = replace(THREAD, thread_id=901)
    below = asked(2, "and?", room=thread, address=Address.THREAD)
    taken_up = services.replies.expect(again)
    accepting = spawn(services.accept(below), name="accepting")
    await services.replies.answer(again, outlet)
    assert not accepting.done()
    taken_up()
    assert await accepting is Verdict.ANSWER
