import asyncio

from bot.services.turnstile import Turnstile


async def test_one_conversation_takes_turns_in_order_while_others_go_on() -> None:
    turnstile, log = Turnstile(8), list[str]()
    floor = asyncio.Event()

    async def speak(conversation: int, name: str, wait: bool) -> None:
        async with turnstile.turn(conversation):
            log.append(f"{name} begins")
            if wait:
                await floor.wait()
            log.append(f"{name} ends")

    async def let_go() -> None:
        floor.set()

    await asyncio.gather(speak(1, "a", True), speak(1, "b", False), speak(2, "c", False), let_go())
    assert log.index("a ends") < log.index("b begins")
    assert log.index("c ends") < log.index("a ends")


async def test_no_more_than_the_cap_are_inside_at_once() -> None:
    turnstile, inside, most = Turnstile(3), 0, 0

    async def speak(conversation: int) -> None:
        nonlocal inside, most
        async with turnstile.turn(conversation):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(speak(n) for n in range(20)))
    assert most == 3


async def test_draining_waits_for_those_inside_and_lets_nobody_begin() -> None:
    turnstile, entered, leave = Turnstile(3), asyncio.Event(), asyncio.Event()
    ended = []

    async def speak() -> None:
        async with turnstile.turn(1):
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
    async with turnstile.turn(1) as may_begin:
        assert not may_begin


async def test_those_whose_time_runs_out_are_cancelled_and_have_ended_after_draining() -> None:
    turnstile, entered = Turnstile(3), asyncio.Event()
    ended, begun = [], []

    async def speak() -> None:
        async with turnstile.turn(1):
            entered.set()
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                ended.append("speak")

    async def queue() -> None:
        async with turnstile.turn(1) as may_begin:
            begun.append(may_begin)

    async with asyncio.TaskGroup() as group:
        speaking, queueing = group.create_task(speak()), group.create_task(queue())
        await entered.wait()
        assert not await turnstile.drain(0)
        assert ended == ["speak"]
        await queueing
    assert speaking.cancelled()
    assert begun == [False]


async def test_an_empty_turnstile_keeps_nothing_of_old_conversations() -> None:
    turnstile = Turnstile(3)
    for conversation in range(10):
        async with turnstile.turn(conversation):
            pass
    assert not turnstile._queues
    assert not turnstile._waiting
