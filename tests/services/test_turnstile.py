import asyncio
from datetime import timedelta

import pytest

from bot.app.clock import now
from bot.domain.fairness import Asker
from bot.errors import TooOften
from bot.services import turnstile as module
from bot.services.turnstile import Turnstile
from bot.tasks import spawn
from tests.fakes import StoppedClock

ADA, BOB, EVE = Asker(101, 1), Asker(102, 1), Asker(103, 2)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


async def test_one_conversation_takes_turns_in_order_while_others_go_on(
    clock: StoppedClock,
) -> None:
    turnstile, log = Turnstile(8, clock), list[str]()
    floor = asyncio.Event()

    async def speak(conversation: int, name: str, wait: bool) -> None:
        async with turnstile.turn(ADA, conversation):
            log.append(f"{name} begins")
            if wait:
                await floor.wait()
            log.append(f"{name} ends")

    async def let_go() -> None:
        floor.set()

    await asyncio.gather(speak(1, "a", True), speak(1, "b", False), speak(2, "c", False), let_go())
    assert log.index("a ends") < log.index("b begins")
    assert log.index("c ends") < log.index("a ends")


async def test_who_is_inside_and_who_waits_is_told_apart(clock: StoppedClock) -> None:
    turnstile, floor = Turnstile(8, clock), asyncio.Event()
    assert (turnstile.in_flight, turnstile.waiting) == (0, 0)

    async def speak(conversation: int) -> None:
        async with turnstile.turn(ADA, conversation):
            await floor.wait()

    async def look_and_let_go() -> None:
        assert (turnstile.in_flight, turnstile.waiting) == (2, 1)
        floor.set()

    await asyncio.gather(speak(1), speak(1), speak(2), look_and_let_go())
    assert (turnstile.in_flight, turnstile.waiting) == (0, 0)


async def test_no_more_than_the_cap_are_inside_at_once(clock: StoppedClock) -> None:
    turnstile, inside, most = Turnstile(3, clock), 0, 0

    async def speak(number: int) -> None:
        nonlocal inside, most
        async with turnstile.turn(Asker(number, number), number):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(speak(n) for n in range(20)))
    assert most == 3


async def test_who_gives_up_waiting_keeps_nobody_else_from_a_turn(clock: StoppedClock) -> None:
    turnstile, served = Turnstile(1, clock), list[str]()

    async def speak(name: str, asker: Asker) -> None:
        async with turnstile.turn(asker, asker.member_id):
            served.append(name)

    async with asyncio.TaskGroup() as group, turnstile.turn(EVE, 1):
        gives_up = group.create_task(speak("gives up", ADA))
        group.create_task(speak("waits", BOB))
        await asyncio.sleep(0)
        gives_up.cancel()
    assert served == ["waits"]


async def test_who_is_cancelled_in_the_moment_of_being_called_frees_the_place(
    clock: StoppedClock,
) -> None:
    turnstile, served = Turnstile(1, clock), list[str]()

    async def speak(name: str, asker: Asker) -> None:
        async with turnstile.turn(asker, asker.member_id):
            served.append(name)

    async with asyncio.TaskGroup() as group:
        async with turnstile.turn(EVE, 1):
            called = group.create_task(speak("called", ADA))
            group.create_task(speak("waits", BOB))
            await asyncio.sleep(0)
        called.cancel()
    assert served == ["waits"]


async def test_over_the_rate_a_turn_waits_until_the_minute_lets_it_in(clock: StoppedClock) -> None:
    turnstile, served = Turnstile(8, clock, member_rate=1), list[int]()

    async def speak(number: int) -> None:
        async with turnstile.turn(ADA, number):
            served.append(number)

    async with asyncio.TaskGroup() as group:
        group.create_task(speak(1))
        group.create_task(speak(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert served == [1]
        clock.pass_time(timedelta(minutes=1))
        async with turnstile.turn(BOB, 3):
            pass
    assert served == [1, 2]


async def test_a_rate_lets_the_next_one_in_without_anybody_coming_or_going() -> None:
    turnstile = Turnstile(8, now, member_rate=1000)
    async with asyncio.timeout(5):
        for number in range(1001):
            assert await enter(turnstile, ADA, number)


async def test_one_too_many_is_sent_away_and_leaves_the_line_as_it_was(
    clock: StoppedClock,
) -> None:
    turnstile = Turnstile(8, clock, member_rate=1)
    async with turnstile.turn(ADA, 1):
        waiting = spawn(enter(turnstile, ADA, 2), name="waits")
        await asyncio.sleep(0)
        with pytest.raises(TooOften) as refusal:
            turnstile.require(ADA)
        with pytest.raises(TooOften):
            await enter(turnstile, ADA, 3)
    assert refusal.value.code == "too_often"
    assert "ask again in 120 seconds" in refusal.value.sentence
    turnstile.require(BOB)
    clock.pass_time(timedelta(minutes=1))
    await enter(turnstile, BOB, 4)
    assert await waiting


async def test_who_waits_long_is_told_their_place_once(
    clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHOWN_AFTER_S", 0.01)
    turnstile, shown, all_told = Turnstile(1, clock), list[tuple[str, int]](), asyncio.Event()

    async def wait(name: str, asker: Asker) -> None:
        async def show(place: int) -> None:
            shown.append((name, place))
            if len(shown) == 3:
                all_told.set()

        async with turnstile.turn(asker, asker.member_id, show):
            pass

    async with asyncio.TaskGroup() as group, turnstile.turn(Asker(104, 3), 4):
        for name, asker in (("a", ADA), ("b", BOB), ("e", EVE)):
            group.create_task(wait(name, asker))
        async with asyncio.timeout(5):
            await all_told.wait()
    assert sorted(shown) == [("a", 1), ("b", 3), ("e", 2)]


async def test_who_need_not_wait_is_told_no_place(
    clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHOWN_AFTER_S", 0)
    turnstile, shown = Turnstile(1, clock), list[int]()

    async def show(place: int) -> None:
        shown.append(place)

    async with turnstile.turn(ADA, 1, show):
        pass
    assert shown == []


async def test_draining_waits_for_those_inside_and_lets_nobody_begin(clock: StoppedClock) -> None:
    turnstile, entered, leave = Turnstile(3, clock), asyncio.Event(), asyncio.Event()
    ended = []

    async def speak() -> None:
        async with turnstile.turn(ADA, 1):
            entered.set()
            await leave.wait()
            ended.append("speak")

    async with asyncio.TaskGroup() as group:
        group.create_task(speak())
        await entered.wait()
        draining = group.create_task(turnstile.drain(5))
        await asyncio.sleep(0)
        leave.set()
        assert await draining
    assert ended == ["speak"]
    assert not await enter(turnstile, ADA, 1)


async def test_those_whose_time_runs_out_are_cancelled_and_have_ended_after_draining(
    clock: StoppedClock,
) -> None:
    turnstile, entered = Turnstile(3, clock), asyncio.Event()
    ended, begun = [], []

    async def speak() -> None:
        async with turnstile.turn(ADA, 1):
            entered.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                ended.append("speak")

    async def queue() -> None:
        begun.append(await enter(turnstile, ADA, 1))

    async with asyncio.TaskGroup() as group:
        speaking, queueing = group.create_task(speak()), group.create_task(queue())
        await entered.wait()
        assert not await turnstile.drain(0)
        assert ended == ["speak"]
        await queueing
    assert speaking.cancelled()
    assert begun == [False]


async def test_draining_waits_for_what_those_in_line_still_have_to_do(
    clock: StoppedClock,
) -> None:
    turnstile, cleared = Turnstile(1, clock), list[bool]()

    async def queue() -> None:
        async with turnstile.turn(BOB, 2) as may_begin:
            await asyncio.sleep(0)
            cleared.append(may_begin)

    async def hold() -> None:
        async with turnstile.turn(ADA, 1):
            await leave.wait()

    leave = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(hold())
        await asyncio.sleep(0)
        group.create_task(queue())
        await asyncio.sleep(0)
        leave.set()
        assert await turnstile.drain(5)
        assert cleared == [False]


async def enter(turnstile: Turnstile, asker: Asker, conversation: int) -> bool:
    async with turnstile.turn(asker, conversation) as may_begin:
        return may_begin
