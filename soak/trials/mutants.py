"""The tests are tried: small wrongs are put into what decides, and some test has to notice.

The modules are those that decide what becomes of a question, who is answered, how often, and what
is looked for after a time away.
"""

import asyncio
import json
import os
import random
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from soak.mutating import Mutant, mutants_of
from soak.trial import Outcome, Size, Trial

ROOT = Path(__file__).parents[2]

TESTS = {
    "bot/domain/access.py": ("domain/test_access.py", "services/test_room_access.py"),
    "bot/domain/catching_up.py": ("domain/test_catching_up.py",),
    "bot/domain/effective.py": ("domain/test_effective.py", "domain/test_manner.py"),
    "bot/domain/fairness.py": ("domain/test_fairness.py", "services/test_turnstile.py"),
    "bot/domain/manner.py": ("domain/test_manner.py",),
    "bot/domain/rates.py": ("domain/test_rates.py", "domain/test_fairness.py"),
    "bot/services/catching_up.py": ("services/test_catching_up.py",),
    "bot/services/turnstile.py": ("services/test_turnstile.py", "services/test_turnstile_told.py"),
    "bot/storage/claims.py": ("storage/test_claims.py", "services/test_intake.py"),
    "bot/storage/inbox.py": (
        "storage/test_inbox.py",
        "storage/test_inbox_rows.py",
        "storage/test_untold.py",
        "storage/test_outbox.py",
        "storage/test_claims.py",
        "services/test_intake.py",
        "services/test_catching_up.py",
    ),
    "bot/storage/outbox.py": ("storage/test_outbox.py", "services/test_resuming.py"),
}
"""Which tests are to notice what is wrong in a module: its own, and the nearest to it."""

SAMPLE = 20
LEAST_PERCENT = {Size.SHORT: 60, Size.FULL: 85}
"""Twenty tell little; they tell whether the tests are run at all."""

AT_ONCE = 2
CPU_SECONDS_EACH = 20
"""Whoever computes for longer does so for ever."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A mutant, and what came of it."""

    file: str
    mutant: Mutant
    end: str

    def __str__(self) -> str:
        """Say where it is and what was wrong."""
        return f"{self.file}:{self.mutant.line} {self.mutant.what}"


async def run(size: Size, seed: int) -> Outcome:
    """Try them all, or a few that the seed chooses."""
    chosen = [(file, each) for file in TESTS for each in mutants_of((ROOT / file).read_text())]
    if size is Size.SHORT:
        chosen = random.Random(seed).sample(chosen, SAMPLE)
    tried = await _try_all(chosen)
    killed = [each for each in tried if each.end != "survived"]
    survived = [each for each in tried if each.end == "survived"]
    percent = 100 * len(killed) / len(tried)
    for each in survived:
        print(f"  survived: {each}")
    failures = await _broken_tests() if size is Size.FULL else []
    if percent < LEAST_PERCENT[size]:
        few = ", ".join(str(each) for each in survived[:SAMPLE])
        failures.append(f"seed {seed}: {percent:.0f} % were noticed; not: {few}")
    return Outcome(
        f"{len(killed)} of {len(tried)} wrongs noticed ({percent:.1f} %); {_by_file(tried)}",
        tuple(failures),
    )


def _by_file(tried: Iterable[Tried]) -> str:
    """Tell how many of each module were noticed."""
    tried = list(tried)
    every = Counter(each.file for each in tried)
    killed = Counter(each.file for each in tried if each.end != "survived")
    return ", ".join(f"{Path(file).stem} {killed[file]}/{every[file]}" for file in every)


async def _try_all(chosen: Sequence[tuple[str, Mutant]]) -> list[Tried]:
    left, tried = list(reversed(chosen)), list[Tried]()

    async def work() -> None:
        async with _worker() as process:
            while left:
                file, mutant = left.pop()
                tried.append(Tried(file, mutant, await _order(process, file, mutant.source)))

    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(work())
    return tried


async def _broken_tests() -> list[str]:
    """Find modules whose tests fail as they are: they would notice everything.

    The short form runs among all tests, which tell that themselves.
    """
    async with _worker() as process:
        return [
            f"the tests of {file} fail without any wrong"
            for file in TESTS
            if await _order(process, file, (ROOT / file).read_text()) != "survived"
        ]


@asynccontextmanager
async def _worker() -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "soak.mutant_worker", stdin=PIPE, stdout=PIPE, stderr=DEVNULL,
        cwd=ROOT, limit=2**24, env={"PATH": os.environ.get("PATH", "")},
    )  # fmt: skip
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _order(process: Process, file: str, source: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    order = {
        "module": file.removesuffix(".py").replace("/", "."),
        "file": str(ROOT / file),
        "source": source,
        "tests": [f"tests/{each}" for each in TESTS[file]],
        "seconds": CPU_SECONDS_EACH,
    }
    process.stdin.write(json.dumps(order).encode() + b"\n")
    await process.stdin.drain()
    end: str = json.loads(await process.stdout.readline())
    return end


TRIAL = Trial(
    "mutants",
    "one comparison, constant or statement of the modules that decide is changed at a time",
    "at least 85 % of all such wrongs are noticed by their tests",
    run,
)
