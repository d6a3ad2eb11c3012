"""Simulated hours of talk by the thousand, with faults, edits, deletions and stops by chance."""

import asyncio
import gc
import logging
import random
import statistics
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from soak.month import Simulation, Tally, Wall, simulation
from soak.simulated import Chances
from soak.stage import fast_disk, new_folder
from soak.trial import Outcome, Size, Trial
from soak.virtual import VirtualLoop, run_virtually

HOURS = {Size.SHORT: 1_000, Size.FULL: 20_000}
MESSAGES = {Size.SHORT: 3, Size.FULL: 50}
"""In one hour."""

PROCESSES = {Size.SHORT: 1, Size.FULL: 2}
"""The same everywhere, so that a seed gives the same hours on any machine."""

LONGEST_S = 7_200.0
"""Of real time: two idle cores take about half of it. What is not done by then has failed."""

TIDY_EVERY = 6
"""Hours; as the bot does."""

FORGET_EVERY = 48
"""Hours: the bot keeps conversations for ever, and this disk is small."""

WARM_UP = 0.2
ENOUGH_FOR_A_SLOPE = 10_000
MOST_GROWTH_MB = 1.0
"""In 100,000 messages."""

_SEEDS = 2**31
_MB = 2**20


@dataclass(slots=True)
class Watch:
    """What the process holds, now and then."""

    process: psutil.Process = field(default_factory=psutil.Process)
    samples: list[tuple[int, float]] = field(default_factory=list)
    before: tuple[int, int, int] | None = None
    after: tuple[int, int, int] = (0, 0, 0)

    def held(self) -> tuple[int, int, int]:
        """Count tasks, open files and threads."""
        return len(asyncio.all_tasks()), self.process.num_fds(), threading.active_count()

    def sample(self, asked: int) -> None:
        """Note the memory after so many messages."""
        gc.collect()
        self.samples.append((asked, self.process.memory_info().rss / _MB))

    @property
    def growth_mb(self) -> float | None:
        """In 100,000 messages, after a while; None where there were too few."""
        if not self.samples or self.samples[-1][0] < ENOUGH_FOR_A_SLOPE:
            return None
        warm = self.samples[round(WARM_UP * len(self.samples)) :]
        xs, ys = zip(*warm, strict=True)
        return statistics.linear_regression(xs, ys).slope * 100_000

    def leaks(self) -> list[str]:
        """Name what became more."""
        if self.before is None:
            return []
        pairs = zip(("tasks", "files", "threads"), self.before, self.after, strict=True)
        found = [f"{now - then} {name} are left behind" for name, then, now in pairs if now > then]
        growth = self.growth_mb
        if growth is not None and growth > MOST_GROWTH_MB:
            found.append(f"memory grows by {growth:.2f} MB in 100,000 messages")
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """What came of the hours that one process simulated."""

    tally: Tally
    growth_mb: float | None
    leaks: list[str]


async def run(size: Size, seed: int) -> Outcome:
    """Simulate in processes, each with a clock, a database and a share of the hours of its own."""
    processes = PROCESSES[size]
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        shares = [partial(_share, size, seed + number) for number in range(processes)]
        parts = await asyncio.gather(*(loop.run_in_executor(pool, share) for share in shares))
    return _outcome(parts, HOURS[size])


def _outcome(parts: Sequence[Part], promised: int) -> Outcome:
    tallies = [part.tally for part in parts]
    growths = [part.growth_mb for part in parts if part.growth_mb is not None]
    slope = f", memory {max(growths):+.2f} MB in 100,000" if growths else ""
    ends = sum((tally.ends for tally in tallies), Counter[str]())
    hours = sum(tally.hours for tally in tallies)
    faults = [fault for part in parts for fault in (*part.tally.failures[:20], *part.leaks)]
    if hours < promised and not faults:
        faults.append(f"{hours} of {promised} hours were simulated in {LONGEST_S:.0f} s")
    return Outcome(
        f"{sum(tally.asked for tally in tallies)} messages in {hours} simulated hours, "
        f"{sum(tally.starts for tally in tallies)} starts: "
        f"{', '.join(f'{count} {end}' for end, count in ends.most_common())}{slope}",
        tuple(faults),
    )


def _share(size: Size, seed: int) -> Part:
    logging.disable(logging.CRITICAL)  # each fault of the simulated world would be told of
    with TemporaryDirectory(prefix="soak-", dir=fast_disk()) as folder:
        simulate = partial(_simulate, size, seed, new_folder(Path(folder), "data"))
        tally, watch = run_virtually(simulate)
    return Part(tally, watch.growth_mb, watch.leaks())


async def _simulate(size: Size, seed: int, folder: Path, loop: VirtualLoop) -> tuple[Tally, Watch]:
    """Let hour after hour pass; each has chances of its own."""
    seeds, watch = random.Random(seed), Watch()
    until = time.monotonic() + LONGEST_S
    async with simulation(folder, Wall(loop), Chances(random.Random(seed))) as simulated:
        for number in range(HOURS[size] // PROCESSES[size]):
            await simulated.hour(seeds.randrange(_SEEDS), MESSAGES[size])
            await _keep_house(simulated, number, watch)
            if time.monotonic() > until or simulated.tally.failures:
                break
        watch.after = watch.held()
    return simulated.tally, watch


async def _keep_house(simulated: Simulation, number: int, watch: Watch) -> None:
    """Do what the bot does now and then, and look at the process."""
    if number % TIDY_EVERY == 0:
        await simulated.services.housekeeping.tidy()
    if number % FORGET_EVERY == 0:
        await simulated.forget(timedelta(days=1))
        watch.sample(simulated.tally.asked)
    if number == FORGET_EVERY:
        watch.before = watch.held()


TRIAL = Trial(
    "month",
    "simulated hours on a virtual clock: the real services and storage between a simulated Discord "
    "and model, with errors, lost posts, edits, deletions, repeated events and stops by chance",
    "every accepted question has exactly one end, and nothing stands twice; in a million messages "
    "less than 1 MB of growth in 100,000, and 0 tasks, files and threads left behind",
    run,
)
