"""`python -m bench.answers`: our own share of an answer, beside a naive bot that stores nothing.

Text in, five seconds of speech out as a card, over the stand-ins; the bots take turns in one run,
each in a process of its own. The API's own time, measured on its side, is taken off. The bounds
compare with `bench.naive`, which asks by the openai package as such bots do. `bench.bare` asks by
aiohttp alone: its figures stand beside as a reference without a bound, and show how much of the
naive bot's time is that package's. Exits with 1 when a figure is over its bound. Other programs on
the machine disturb all alike.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.side import Side, start

T = TypeVar("T")

WARM_UPS, SINGLES = 20, 200
IN_FLIGHT, BURSTS = 100, 5
PAUSE_S = 0.03
"""After each measurement: what a bot still does for its answer must not disturb the others."""


Sides = tuple[Side, Side, Side]
"""Ours, the naive one, the bare one."""


@dataclass(frozen=True, slots=True)
class Bots:
    """The same of each bot."""

    ours: float
    naive: float
    bare: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured of each bot, and the most that `measured` may be."""

    what: str
    each: Bots
    measured: float
    most: float

    @property
    def is_over(self) -> bool:
        return self.measured > self.most

    def __str__(self) -> str:
        verdict = "OVER" if self.is_over else "ok"
        return (
            f"{self.what:<48} {self.each.ours:8.1f} {self.each.naive:8.1f} {self.each.bare:8.1f} "
            f"{self.measured:8.2f} {self.most:8.2f}  {verdict}"
        )


HEADING = f"{'':<48} {'ours':>8} {'naive':>8} {'bare':>8} {'measured':>8} {'at most':>8}"


async def in_turn(
    sides: Sides, rounds: int, measure: Callable[[Side, int], Awaitable[T]]
) -> list[list[T]]:
    """Measure each in each round; who comes first changes, and each gets a pause."""
    found: list[list[T]] = [[] for _ in sides]
    for n in range(rounds):
        for turn in range(len(sides)):
            which = (n + turn) % len(sides)
            found[which].append(await measure(sides[which], n))
            await asyncio.sleep(PAUSE_S)
    return found


async def ask_once(side: Side, number: int) -> float:
    return await side.share_s(side.channels[number % len(side.channels)])


async def warm_up(sides: Sides) -> None:
    """Let everything be loaded and connected; a voice note from a DM starts our worker."""
    ours = sides[0]
    note = ours.asker.say(ours.asker.dm_channel, "Hello?")
    await ours.asker.answers(note, 2)
    await in_turn(sides, WARM_UPS, ask_once)
    for side in sides:
        side.answers.clear()
        side.incomplete = 0


async def one_by_one(sides: Sides) -> list[Figure]:
    before_s = [side.cpu_s() for side in sides]
    shares_s = await in_turn(sides, SINGLES, ask_once)
    cpu_ms = Bots(
        *((side.cpu_s() - s) * 1000 / SINGLES for side, s in zip(sides, before_s, strict=True))
    )
    share_ms = Bots(*(statistics.median(each) * 1000 for each in shares_s))
    return [
        Figure(
            "own share of an answer, median, ms (ratio)",
            share_ms,
            share_ms.ours / share_ms.naive,
            1.5,
        ),
        Figure("CPU per answer, ms (ratio)", cpu_ms, cpu_ms.ours / cpu_ms.naive, 1.2),
    ]


@dataclass(frozen=True, slots=True)
class Burst:
    answers_per_s: float
    stall_ms: float


async def ask_all_at_once(side: Side, _number: int) -> Burst:
    side.watch_loop()
    rate = await side.answers_per_s(IN_FLIGHT)
    return Burst(rate, await side.worst_stall_ms())


async def stall_when_idle(side: Side, _number: int) -> float:
    side.watch_loop()
    await asyncio.sleep(1)
    return await side.worst_stall_ms()


async def all_at_once(sides: Sides) -> list[Figure]:
    idle_ms = Bots(*(ms for [ms] in await in_turn(sides, 1, stall_when_idle)))
    bursts = await in_turn(sides, BURSTS, ask_all_at_once)
    rates = Bots(*(statistics.median(burst.answers_per_s for burst in each) for each in bursts))
    stalls = Bots(*(max(burst.stall_ms for burst in each) for each in bursts))
    questions = f"{IN_FLIGHT} in flight:"
    return [
        Figure(f"{questions} answers per s (naive / ours)", rates, rates.naive / rates.ours, 1),
        Figure(f"{questions} worst stall over idle, ms", stalls, stalls.ours - idle_ms.ours, 100),
    ]


async def measure(folder: Path) -> list[Figure]:
    async with AsyncExitStack() as stack:
        # One member asks it all, who has a quarter of the places.
        limits = {"MAX_IN_FLIGHT": str(4 * IN_FLIGHT), "MEMBER_RATE": "0", "SERVER_RATE": "0"}
        ours = await stack.enter_async_context(start("ours", folder, **limits))
        naive = await stack.enter_async_context(start("naive", folder))
        bare = await stack.enter_async_context(start("bare", folder))
        sides = (ours, naive, bare)
        await warm_up(sides)
        figures = [*await one_by_one(sides), *await all_at_once(sides)]
        twice = Bots(*(sum(len(times) - 1 for times in side.answers.values()) for side in sides))
        broken = Bots(*(side.incomplete for side in sides))
        memory = Bots(*(side.peak_mb() for side in sides))
    return [
        *figures,
        Figure("answered more than once", twice, twice.ours, 0),
        Figure("answers without words or sound", broken, broken.ours, 0),
        Figure("memory of bot and worker, peak, MB", memory, memory.ours, 250),
    ]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    print(HEADING)
    for figure in figures:
        print(figure)
    return 1 if any(figure.is_over for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
