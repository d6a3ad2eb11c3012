"""Everything that we parse ourselves is fed by chance, by the million."""

import asyncio
import gc
import logging
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context

from soak.fuzz import answers, files, inputs, words
from soak.fuzz.target import Target, feed
from soak.trial import Outcome, Size, Trial

TARGETS: tuple[Target, ...] = (
    *answers.TARGETS,
    *files.TARGETS,
    *words.TARGETS,
    *inputs.TARGETS,
)
INPUTS = {Size.SHORT: 60_000, Size.FULL: 10_000_000}
LEAST = {Size.SHORT: 200, Size.FULL: 200_000}
_BATCH = 5_000
_SHOWN = 10


async def run(size: Size, seed: int) -> Outcome:
    """Feed all parsers, on all processors where there is much to do."""
    counts = shares(INPUTS[size], LEAST[size])
    begun = time.monotonic()
    workers = 1 if size is Size.SHORT else os.cpu_count() or 1
    failures: list[str] = []
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=gc.freeze) as pool:
        loop = asyncio.get_running_loop()
        batches = [partial(_feed, *batch, seed) for batch in _batches(counts)]
        for found in await asyncio.gather(*(loop.run_in_executor(pool, each) for each in batches)):
            failures += found
    return _outcome(counts, failures, time.monotonic() - begun, workers)


def shares(inputs: int, least: int) -> dict[str, int]:
    """Tell how many inputs each parser gets; those that are quick get more."""
    whole = sum(target.share for target in TARGETS)
    return {each.name: max(least, -(-inputs * each.share // whole)) for each in TARGETS}


def _batches(counts: dict[str, int]) -> Iterator[tuple[str, int, int]]:
    for name, count in counts.items():
        for start in range(0, count, _BATCH):
            yield name, start, min(start + _BATCH, count)


def _feed(name: str, start: int, end: int, seed: int) -> list[str]:
    logging.disable(logging.CRITICAL)  # what is told of each would be most of the work
    target = next(each for each in TARGETS if each.name == name)
    return list(islice(feed(target, seed, range(start, end)), _SHOWN))


def _outcome(counts: dict[str, int], failures: list[str], took_s: float, workers: int) -> Outcome:
    fed = sum(counts.values())
    more = (f"and {len(failures) - _SHOWN} more",) if len(failures) > _SHOWN else ()
    return Outcome(
        f"{fed:,} inputs for {len(counts)} parsers, at least {min(counts.values()):,} each: "
        f"{len(failures)} wrong; {fed / took_s / workers:,.0f} a second on each processor",
        (*failures[:_SHOWN], *more),
    )


TRIAL = Trial(
    "parsers",
    "everything that we parse ourselves is fed with spoilt samples and with words of its grammar",
    "10,000,000 inputs: nothing but the errors it names, nothing lost, no ping, 50 ms each at most",
    run,
)
