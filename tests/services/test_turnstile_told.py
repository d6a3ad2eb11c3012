"""What members are told of the line: their place, and that they asked too often."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.access import Actor, Rights
from bot.domain.fairness import Asker
from bot.domain.incoming import Address, Caller, Member
from bot.domain.reply import Standing
from bot.domain.rooms import Place, Scope
from bot.errors import NoAccess, TooOften
from bot.services import patience, turnstile
from bot.services import waiting as waiting_notices
from bot.services.aloud import Aloud
from bot.services.closing import FORGOTTEN
from bot.services.commanded import Commanded
from bot.services.delivery import Delivery
from bot.services.previews import Listener, Previews
from bot.services.reading import Reading
from bot.services.waiting import (
    CROWDED,
    IN_A_ROOM,
    MARK,
    PLACE,
    PLACE_PART,
    TOLD_IN_A_ROOM,
    Notice,
)
from bot.storage.database import Database
from bot.storage.samples import SampleStore
from bot.storage.untold import Untold, UntoldStore
from bot.tasks import spawn
from tests.fakes import ADA, BOB, CHANNEL, DM, THREAD, RecordingOutlet, asked
from tests.services.world import RULES, Services, build_services

CALLER = Caller(CHANNEL, ADA)
MODERATOR = Actor(1, Rights(manage_channels=True))


class WatchedOutlet(RecordingOutlet):
    """A room that tells when something was posted, or refused."""

    def __init__(self, first_id: int = 1_000) -> None:
        super().__init__(first_id)
        self.changed = asyncio.Event()

    async def post_text(self, *args: object, **named: object) -> int:
        try:
            return await super().post_text(*args, **named)  # type: ignore[arg-type] # as it came
        finally:
            self.changed.set()

    def check_access(self) -> None:
        self.changed.set()
        super().check_access()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
def services(database: Database) -> Services:
    """Members may ask once a minute."""
    return build_services(database, member_rate=1)


async def use_up(services: Services, first_id: int = 1) -> asyncio.Task[None]:
    """Ada asks what the minute allows, and one more that waits; gives the one that waits."""
    await services.ask(asked(first_id))
    await services.accept(asked(first_id + 1))
    waiting = spawn(services.replies.answer(asked(first_id + 1), RecordingOutlet()), name="waits")
    await asyncio.sleep(0)
    return waiting


async def end(waiting: asyncio.Task[None]) -> None:
    waiting.cancel()
    await asyncio.wait((waiting,))


async def test_over_the_rate_a_question_waits_and_is_answered(services: Services) -> None:
    waiting = await use_up(services)
    services.clock.pass_time(timedelta(minutes=1))
    await services.ask(asked(3, member=BOB))
    await waiting
    assert len(services.speaker.heard) == 3


async def test_one_too_many_is_told_once_a_minute_and_marked_after(services: Services) -> None:
    waiting = await use_up(services)
    outlets = [await services.ask(asked(n)) for n in (3, 4, 5)]
    [sentence] = outlets[0].texts
    assert "ask again in 120 seconds" in sentence
    assert f"where I may, I mark it with {MARK}" in sentence
    assert [outlet.marked for outlet in outlets] == [[], [MARK], [MARK]]
    assert [outlet.posted for outlet in outlets[1:]] == [[], []]
    assert [await services.inbox.state(n) for n in (3, 4, 5)] == ["refused"] * 3
    services.clock.pass_time(timedelta(minutes=1))
    await services.ask(asked(6, member=BOB))
    await waiting
    assert len(services.speaker.heard) == 3


async def test_only_a_few_in_a_room_are_told_in_a_minute(services: Services) -> None:
    notices = services.replies._notices
    told = [notices.choose(member, CHANNEL.id) for member in range(TOLD_IN_A_ROOM + 2)]
    assert told == [Notice.WORDS] * TOLD_IN_A_ROOM + [Notice.MARK] * 2
    assert notices.choose(0, CHANNEL.id) is Notice.AGAIN
    assert notices.choose(TOLD_IN_A_ROOM, CHANNEL.id) is Notice.AGAIN
    assert notices.choose(100, DM.id) is Notice.WORDS
    services.clock.pass_time(timedelta(minutes=1))
    assert notices.choose(101, CHANNEL.id) is Notice.WORDS


@pytest.mark.parametrize("may_mark", [True, False])
async def test_who_is_told_by_a_mark_alone_is_told_in_words_where_it_cannot_be_made(
    services: Services, may_mark: bool
) -> None:
    for member in range(TOLD_IN_A_ROOM):
        services.replies._notices.choose(9_000 + member, CHANNEL.id)
    waiting = await use_up(services)
    outlet = RecordingOutlet()
    outlet.may_mark = may_mark
    await services.ask(asked(3), outlet)
    assert outlet.marked == ([MARK] if may_mark else [])
    assert outlet.texts == ([] if may_mark else [f"⚠️ {CROWDED}"])
    assert await UntoldStore(services.database).all() == []
    await end(waiting)


@pytest.mark.parametrize("may_mark", [True, False])
async def test_a_mark_that_a_kill_kept_from_being_made_is_made_by_the_next_start(
    services: Services, may_mark: bool
) -> None:
    await services.accept(asked(1))
    await services.closing.give_up(asked(1), "refused", "too_often", MARK)
    [(question, words)] = await services.replies.untold()
    outlet = RecordingOutlet()
    outlet.may_mark = may_mark
    await services.replies.tell_late(question, words, outlet)
    assert outlet.marked == ([MARK] if may_mark else [])
    assert outlet.texts == ([] if may_mark else [f"⚠️ {CROWDED}"])
    assert await services.replies.untold() == []


async def test_after_a_minute_it_is_told_again(services: Services) -> None:
    waiting = await use_up(services)
    await services.ask(asked(3))
    services.clock.pass_time(timedelta(seconds=59))
    assert (await services.ask(asked(4))).marked
    services.clock.pass_time(timedelta(seconds=1))
    await end(waiting)
    waiting = await use_up(services, 10)
    assert (await services.ask(asked(5))).texts
    await end(waiting)


async def test_others_are_not_told_what_one_asked_too_often(services: Services) -> None:
    waiting = await use_up(services)
    assert (await services.ask(asked(3))).texts
    assert (await services.ask(asked(4, member=BOB))).texts == ["answer 2"]
    await end(waiting)


async def test_another_bot_is_never_told(services: Services) -> None:
    await services.rooms.set(
        Place(Scope.CHANNEL, CHANNEL.channel_id, CHANNEL.guild_id), "bots", "answered", MODERATOR
    )
    waiting = await use_up(services)
    outlet = await services.ask(replace(asked(3), by_bot=True))
    assert (outlet.texts, outlet.marked) == ([], [MARK])
    await end(waiting)


async def test_where_nothing_is_answered_nobody_is_told_that_they_ask_too_often(
    services: Services,
) -> None:
    waiting = await use_up(services)
    here = Place(Scope.CHANNEL, CHANNEL.channel_id, CHANNEL.guild_id)
    await services.rooms.set(here, "answer", "denied", MODERATOR)
    outlet = await services.ask(asked(3))
    assert "I do not answer here" in outlet.texts[0]
    outlet = await services.ask(asked(4))
    assert (outlet.texts, outlet.marked) == ([], [])
    await end(waiting)


async def test_whoever_runs_the_bot_is_never_sent_away(services: Services) -> None:
    for number in range(1, 9):
        question = replace(asked(number), rights=Rights(owner=True))
        assert (await services.ask(question)).texts == [f"answer {number}"]


async def test_a_command_is_refused_before_anybody_sees_it(services: Services) -> None:
    waiting = await use_up(services)
    commanded = Commanded(services.rooms, services.intake, services.replies, services.turnstile)
    with pytest.raises(TooOften):
        await commanded.require(CALLER)
    await end(waiting)


async def test_a_command_is_told_each_time(services: Services) -> None:
    waiting = await use_up(services)
    for number in (3, 4):
        outlet = await services.ask(asked(number, address=Address.COMMAND))
        assert "ask again in 120 seconds" in outlet.texts[0]
        assert MARK not in outlet.texts[0]
    await end(waiting)


async def test_presses_menus_and_previews_count_as_well(
    services: Services, database: Database
) -> None:
    here = Place(Scope.CHANNEL, CHANNEL.channel_id, CHANNEL.guild_id)
    await services.rooms.set(here, "speak", "on_demand", MODERATOR)
    waiting = await use_up(services)
    aloud = Aloud((services.reciter,), services.speaker, RULES)
    models = (services.speaker, services.reciter)
    samples = SampleStore(database)
    previews = Previews(
        samples, services.rooms, aloud, models, services.transcoder, (), services.turnstile,
        services.clock,
    )  # fmt: skip
    reading = Reading(
        services.turns, services.rooms, aloud, Delivery(services.transcoder), services.turnstile,
        services.clock,
    )  # fmt: skip
    with pytest.raises(TooOften):
        await services.on_demand.speak(1, CALLER, RecordingOutlet())
    with pytest.raises(TooOften):
        await reading.read("Hello", 5, CALLER, RecordingOutlet())
    with pytest.raises(TooOften):
        await previews.sample("coral", Listener(CALLER, "en-US", 6))
    await previews.sample("coral", Listener(Caller(CHANNEL, BOB), "en-US", 7))
    assert (await previews.sample("coral", Listener(CALLER, "en-US", 8))).voice == "coral"
    assert [voice for _, voice in services.reciter.read] == ["coral"]
    await end(waiting)


@pytest.fixture
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "SHOWN_AFTER_S", 0)


@pytest.mark.usefixtures("told_at_once")
async def test_the_place_is_shown_until_the_answer_begins(database: Database) -> None:
    services = build_services(database)
    outlet = WatchedOutlet()
    question = asked(1, room=DM)
    async with services.turnstile.turn(Asker(ADA.id, None), DM.id):
        await services.accept(question)
        waiting = spawn(services.replies.answer(question, outlet), name="waits")
        await outlet.until(lambda: bool(outlet.posted))
        assert outlet.texts == ["⏳ You are next in line; I answer as soon as it is your turn."]
    await waiting
    assert "answer 1" in outlet.texts
    assert not any("in line" in text for text in outlet.texts)


@pytest.mark.usefixtures("told_at_once")
async def test_a_command_shows_no_place_because_discord_says_that_we_think(
    database: Database,
) -> None:
    services = build_services(database)
    outlet, question = WatchedOutlet(), asked(1, room=DM, address=Address.COMMAND)
    async with services.turnstile.turn(Asker(ADA.id, None), DM.id):
        await services.accept(question)
        waiting = spawn(services.replies.answer(question, outlet), name="waits")
        other = WatchedOutlet()
        await services.accept(asked(2, room=DM, member=BOB))
        beside = spawn(services.replies.answer(asked(2, room=DM, member=BOB), other), name="too")
        await other.until(lambda: bool(other.posted))
        assert outlet.posted == []
    await asyncio.gather(waiting, beside)


@pytest.mark.usefixtures("told_at_once")
async def test_a_room_is_not_filled_with_places(database: Database) -> None:
    services = build_services(database)
    questions = [asked(n, member=Member(200 + n, "Eve")) for n in range(1, 8)]
    questions += [asked(10 + n, member=Member(200 + n, "Eve"), room=THREAD) for n in (1, 2)]
    questions.append(asked(20, member=BOB, room=DM))
    outlets = {question.message_id: WatchedOutlet() for question in questions}
    for question in questions:
        await services.accept(question)
    async with AsyncExitStack() as held:
        for n in range(16):
            await held.enter_async_context(services.turnstile.turn(Asker(300 + n, n), n))
        answers = [services.replies.answer(each, outlets[each.message_id]) for each in questions]
        tasks = [spawn(answer, name="asks") for answer in answers]
        await outlets[20].until(lambda: bool(outlets[20].posted))
        shown = [id_ for id_, outlet in outlets.items() if outlet.posted]
        assert shown == [1, 2, IN_A_ROOM, 20]
    await asyncio.gather(*tasks)
    assert len(services.speaker.heard) == len(questions)


@pytest.mark.usefixtures("told_at_once")
async def test_a_place_that_cannot_be_shown_hinders_nothing(database: Database) -> None:
    services = build_services(database)
    outlet, question = WatchedOutlet(), asked(1, room=DM)
    outlet.closed = NoAccess("no_access", "I may not write here.")
    async with services.turnstile.turn(Asker(ADA.id, None), DM.id):
        await services.accept(question)
        waiting = spawn(services.replies.answer(question, outlet), name="waits")
        await outlet.until(outlet.changed.is_set)
        outlet.closed = None
    await waiting
    assert "answer 1" in outlet.texts


@pytest.mark.usefixtures("told_at_once")
async def test_a_place_that_discord_holds_back_holds_up_no_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_notices, "HELD_BACK_S", 0)
    let_go = asyncio.Event()

    class Slow(WatchedOutlet):
        async def post_text(self, text: str, *, part: int, **named: object) -> int:  # type: ignore[override] # as it came
            if part == PLACE_PART:
                self.changed.set()
                await let_go.wait()
            return await super().post_text(text, part=part, **named)

    services, outlet, question = build_services(database), Slow(), asked(1, room=DM)
    async with services.turnstile.turn(Asker(ADA.id, None), DM.id):
        await services.accept(question)
        waiting = spawn(services.replies.answer(question, outlet), name="waits")
        await outlet.until(outlet.changed.is_set)
    async with asyncio.timeout(5):
        await waiting
    assert "answer 1" in outlet.texts
    before = outlet.next_id
    let_go.set()  # it stands after all
    async with asyncio.timeout(5):
        while outlet.next_id == before or outlet.texts != ["answer 1"]:  # noqa: ASYNC110 - none tells
            await asyncio.sleep(0)


@pytest.mark.usefixtures("told_at_once")
async def test_at_a_stop_the_places_are_taken_back_and_the_questions_kept(
    database: Database,
) -> None:
    services = build_services(database)
    outlet, question = WatchedOutlet(), asked(1, room=DM)
    async with services.turnstile.turn(Asker(ADA.id, None), DM.id):
        await services.accept(question)
        waiting = spawn(services.replies.answer(question, outlet), name="waits")
        await outlet.until(lambda: bool(outlet.posted))
        draining = spawn(services.turnstile.drain(5), name="drain")
        await waiting
    assert await draining
    assert outlet.posted == []
    assert await services.inbox.state(1) == "received"


async def test_a_place_in_line_that_a_kill_left_standing_is_no_end(services: Services) -> None:
    await services.accept(asked(1))
    outlet = RecordingOutlet()
    outlet.standing_already = (Standing(1_000, PLACE.format(count=2), has_files=False),)
    await services.replies.give_up(asked(1), outlet, "stale", "I was away.")
    assert outlet.texts == ["⚠️ I was away."]
    assert await services.inbox.state(1) == "failed"


async def test_where_no_mark_can_be_made_one_line_a_minute_tells_the_whole_room(
    services: Services,
) -> None:
    outlets = [RecordingOutlet() for _ in range(3)]
    for number, outlet in enumerate(outlets, start=1):
        outlet.may_mark = False
        await services.accept(asked(number))
        if number == 3:
            services.clock.pass_time(timedelta(minutes=1))
        await services.closing.tell(asked(number), outlet, "refused", "too_often", MARK)
    assert [outlet.texts for outlet in outlets] == [[f"⚠️ {CROWDED}"], [], [f"⚠️ {CROWDED}"]]


async def test_what_no_room_could_be_told_of_a_crowd_is_told_once_discord_is_back(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PAUSES_S", ())
    monkeypatch.setattr(patience, "THEN_EVERY_S", 0)
    await services.accept(asked(1))
    outlet = WatchedOutlet()
    outlet.may_mark, outlet.is_out_of_reach = False, True
    await services.closing.tell(asked(1), outlet, "refused", "too_often", MARK)
    assert outlet.posted == []
    outlet.is_out_of_reach = False
    async with asyncio.timeout(20):
        while await UntoldStore(services.database).all():
            pass
    assert outlet.texts == [f"⚠️ {CROWDED}"]


async def test_words_that_another_version_kept_in_a_way_of_its_own_are_replaced(
    services: Services,
) -> None:
    await services.accept(asked(1))
    kept = Untold(asked(1), b'{"of": "later"}')
    await services.inbox.finish(1, "failed", "model_gone", services.clock(), untold=kept)
    assert [words for _, words in await services.replies.untold()] == [FORGOTTEN]
