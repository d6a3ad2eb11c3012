"""What was changed between a stop and the next start makes nobody hear an answer twice, or half."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.domain.reply import Standing
from bot.domain.setting_words import Transcribe
from bot.errors import BotError, NoAccess, SourceGone
from bot.services.intake import POISON
from bot.storage.database import Database
from bot.tasks import spawn
from tests.fakes import DM, RecordingOutlet, asked
from tests.services.test_resuming import ask_until, resume, stands, until
from tests.services.test_room_rules import choose, spoken
from tests.services.world import Services, build_services

SHUT = NoAccess("no_access", "I may not write there.")


async def give_up(services: Services, *standing: Standing) -> RecordingOutlet:
    """Give up the one question that is left, in a room where this stands."""
    outlet = RecordingOutlet(2_000)
    outlet.standing_already = standing
    await services.recover()
    await services.replies.give_up(asked(1), outlet, POISON, "I broke down.")
    return outlet


async def resume_in(services: Services, outlet: RecordingOutlet) -> None:
    [again] = (await services.recover()).young
    await services.replies.answer(again, outlet)


async def test_in_a_room_shut_meanwhile_an_answer_that_stands_is_not_refused_as_well(
    services: Services,
) -> None:
    await ask_until(services, asked(1))
    outlet = RecordingOutlet()
    outlet.closed, outlet.standing_already = SHUT, [stands(901, "answer 1", files=True)]
    await resume_in(services, outlet)
    assert (outlet.posted, outlet.whispered) == ([], [])
    assert await services.inbox.state(1) == "answered"


async def test_the_rest_of_an_answer_comes_though_its_question_is_gone_and_opens_no_thread(
    services: Services,
) -> None:
    class Gone(RecordingOutlet):
        async def open_thread(self, title: str) -> None:
            raise SourceGone("source_deleted", "The question was deleted.")

    services.speaker.script = [services.speaker.say(("word " * 700).strip())]
    await ask_until(services, asked(1), None)
    await choose(services, threads="on")
    outlet = Gone(refusals=[SourceGone("source_deleted", "")])
    outlet.standing_already = [stands(900, files=True)]
    await resume_in(services, outlet)
    assert [each.part for each in outlet.posted] == [2]
    assert await services.inbox.state(1) == "answered"


@pytest.mark.parametrize("small_print", ["", "\n-# ✂️ Der Rest wurde abgeschnitten."])
@pytest.mark.parametrize("heard", ["", "> 🗣️ clip\n"])
async def test_words_are_known_again_whatever_is_said_above_and_below_them(
    database: Database, heard: str, small_print: str
) -> None:
    always = build_services(database, transcribe=Transcribe.ALWAYS)
    await ask_until(always, spoken(always, 1), None)
    never = build_services(database, transcribe=Transcribe.OFF)
    words = stands(901, f"{heard}answer 1{small_print}")
    assert (await resume(never, [stands(900, voice=True), words])).posted == []
    assert await never.inbox.state(1) == "answered"


async def test_a_bubble_that_stands_gets_its_words_though_its_question_is_given_up(
    services: Services,
) -> None:
    await ask_until(services, asked(1, room=DM))
    assert (await give_up(services, stands(900, voice=True))).texts == ["answer 1"]
    assert await services.inbox.state(1) == "answered"


@pytest.mark.parametrize(
    ("standing", "refusals", "state"),
    [
        ([stands(901, "answer 1", files=True)], [], "answered"),
        ([stands(900, voice=True)], [SHUT], "failed"),
    ],
)
async def test_of_a_given_up_answer_that_stands_no_failure_is_told(
    services: Services, standing: Sequence[Standing], refusals: Sequence[BotError], state: str
) -> None:
    await ask_until(services, asked(1, room=DM))
    await services.recover()
    outlet = RecordingOutlet(2_000, refusals=refusals)
    outlet.standing_already = standing
    await services.replies.give_up(asked(1), outlet, POISON, "I broke down.")
    assert (outlet.posted, outlet.whispered) == ([], [])
    assert await services.inbox.state(1) == state


async def test_a_stored_answer_of_which_nothing_stands_is_given_up_in_words(
    services: Services,
) -> None:
    await ask_until(services, asked(1))
    assert (await give_up(services)).texts == ["⚠️ I broke down."]
    assert await services.inbox.state(1) == "failed"


@pytest.mark.parametrize("loose", ["> what else?", "⏳ You are next in line."])
async def test_where_no_answer_is_stored_nothing_that_stands_is_taken_for_one(
    services: Services, loose: str
) -> None:
    await services.accept(asked(1))
    assert (await give_up(services, stands(900, loose))).texts == ["⚠️ I broke down."]


async def test_an_edit_between_a_stop_and_its_turn_comes_too_late(services: Services) -> None:
    await ask_until(services, asked(1))
    [again] = (await services.recover()).young
    assert not await services.intake.revise(asked(1, ""), services.clock())
    outlet = RecordingOutlet()
    await services.replies.answer(again, outlet)
    assert outlet.texts == ["answer 1"]


@pytest.mark.parametrize(
    ("standing", "texts", "state"),
    [([stands(900, voice=True)], ["answer 1"], "answered"), ([], [], "cancelled")],
)
async def test_a_question_deleted_between_a_stop_and_its_turn_gets_the_rest_of_what_stands(
    services: Services, standing: Sequence[Standing], texts: list[str], state: str
) -> None:
    await ask_until(services, asked(1, room=DM))
    [again] = (await services.recover()).young
    await services.intake.cancel({1})
    outlet = RecordingOutlet()
    outlet.standing_already = standing
    await services.replies.answer(again, outlet)
    assert outlet.texts == texts
    assert await services.inbox.state(1) == state
    assert await services.outbox.find(1) is None


async def test_who_asked_too_much_since_still_gets_what_is_paid_for(database: Database) -> None:
    free = build_services(database)
    for number in (1, 2, 3):
        await ask_until(free, asked(number))
    strict = build_services(database, member_rate=1)
    outlets = [RecordingOutlet(2_000 * number) for number in (1, 2, 3)]
    left = zip((await strict.recover()).young, outlets, strict=True)
    answering = [spawn(strict.replies.answer(*each), name="answering") for each in left]
    await until(lambda: bool(outlets[2].posted))  # it was one too many, and did not wait
    assert outlets[2].texts == ["answer 3"]
    assert not outlets[1].posted
    await asyncio.gather(answering[0], answering[2])
    answering[1].cancel()
