"""The machine's clock is put forward and back by a year, in the midst of what the bot does."""

import asyncio
import logging
import random
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from soak.month import Tally, Wall, simulation
from soak.simulated import Chances
from soak.stage import fast_disk, new_folder
from soak.trial import Outcome, Size, Trial
from soak.virtual import VirtualLoop, run_virtually

HOURS = {Size.SHORT: 10, Size.FULL: 400}
MESSAGES = 30
"""In one hour."""

JUMPS = {Size.SHORT: 10, Size.FULL: 1_000}
"""At least so many in each story that has them."""

MOST_MORE = 1.2
"""Times as much is refused or fails where the clock jumps, too."""

ENOUGH = 500
"""Refusals and failures for that to be more than chance."""

TIDY_EVERY = 6
"""Hours; as the bot does."""

_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class Told:
    """What came of some hours, and how often the clock jumped."""

    tally: Tally
    jumps: int

    @property
    def unanswered(self) -> int:
        """Count what was refused or failed."""
        return self.tally.ends["refused"] + self.tally.ends["failed"]


async def run(size: Size, seed: int) -> Outcome:
    """Let members talk with all that goes wrong, without the clock, and with nothing but that."""
    loop = asyncio.get_running_loop()
    plays = [
        partial(_play, size, seed, faults=faults, jumps=jumps)
        for faults, jumps in ((True, True), (True, False), (False, True))
    ]
    with ProcessPoolExecutor(2, get_context("spawn"), max_tasks_per_child=1) as pool:
        told = await asyncio.gather(*(loop.run_in_executor(pool, play) for play in plays))
    return judge(*told, least=JUMPS[size])


def judge(broken: Told, steady: Told, calm: Told, *, least: int) -> Outcome:
    """Hold what came of it against what is promised."""
    failures = [fault for told in (broken, steady, calm) for fault in told.tally.failures[:20]]
    if steady.unanswered >= ENOUGH and broken.unanswered > MOST_MORE * steady.unanswered:
        failures.append(f"{broken.unanswered} unanswered, {steady.unanswered} on a steady clock")
    if others := calm.tally.ends.keys() - {"answered", "cancelled"}:
        failures.append(f"without a fault questions were {', '.join(sorted(others))}")
    if calm.tally.calls > calm.tally.asked:
        failures.append(f"{calm.tally.calls} calls were paid for {calm.tally.asked} questions")
    if min(broken.jumps, calm.jumps) < least:
        failures.append(f"the clock jumped {broken.jumps} and {calm.jumps} times, not {least}")
    return Outcome(
        f"{_told(broken)}, with {broken.tally.starts} starts; the same on a steady clock: "
        f"{_ends(steady)}; without faults {_told(calm)}, by {calm.tally.calls} calls",
        tuple(failures),
    )


def _told(told: Told) -> str:
    return f"{told.jumps} jumps amid {told.tally.asked} questions: {_ends(told)}"


def _ends(told: Told) -> str:
    return ", ".join(f"{count} {end}" for end, count in told.tally.ends.most_common())


def _play(size: Size, seed: int, *, faults: bool, jumps: bool) -> Told:
    logging.disable(logging.CRITICAL)  # each fault of the simulated world would be told of
    dice = random.Random(seed)
    chances = Chances(dice) if faults else Chances(dice, model=0, posting=0, lost=0, stop=0)
    with TemporaryDirectory(prefix="soak-", dir=fast_disk()) as name:
        folder = new_folder(Path(name), "data")
        when = random.Random(seed) if jumps else None
        return run_virtually(
            partial(_talk, HOURS[size], random.Random(seed), chances, when, folder)
        )


async def _talk(
    hours: int,
    seeds: random.Random,
    chances: Chances,
    when: random.Random | None,
    folder: Path,
    loop: VirtualLoop,
) -> Told:
    wall = Wall(loop, when)
    async with simulation(folder, wall, chances) as simulated:
        for number in range(hours):
            await simulated.hour(seeds.randrange(_SEEDS), MESSAGES)
            if number % TIDY_EVERY == 0:
                await simulated.services.housekeeping.tidy()
    return Told(simulated.tally, wall.jumps)


TRIAL = Trial(
    "clock",
    "hours of talk on a virtual clock, in the midst of which the machine's is put forward and back "
    "by a year: with all faults and stops of `month`, and without any",
    "1,000 jumps each: every question has exactly one end and nothing stands twice; at most 1.2 "
    "times as many are refused or fail as on a steady clock; without faults all are answered, "
    "unless deleted before, and none is paid for twice",
    run,
)
