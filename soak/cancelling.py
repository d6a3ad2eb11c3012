"""Those who write are cancelled at instants by chance: a stop does that to all who are at it."""

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.local.together import database_url
from bot.storage.database import open_database
from bot.tasks import spawn
from soak.disk_watch import STEPS, Step, stored_steps
from soak.disk_worker import take

AT_ONCE = 20
_BETWEEN_S = 0.002
"""The longest time between two of them: together about as long as a question takes."""

_LOCKED_S = 1.0


async def cancel_writers(
    folder: Path, times: int, chance: random.Random
) -> tuple[list[Step], list[str]]:
    """Let questions take their steps together, and cancel most of them midway.

    Returns:
        The steps that were confirmed, and what is wrong.

    """
    confirmed: list[Step] = []
    failures: list[str] = []
    last = cancelled = 0
    async with open_database(database_url(folder)) as database:
        while cancelled < times and not failures:
            begun = range(last + 1, last + 1 + AT_ONCE)
            last = begun[-1]
            writers = [
                spawn(take(database, number, lambda *step: confirmed.append(step)), name="writer")
                for number in begun
            ]
            for writer in chance.sample(writers, 3 * AT_ONCE // 4):
                await asyncio.sleep(chance.uniform(0, _BETWEEN_S))
                cancelled += writer.cancel()
            ended = await asyncio.gather(*writers, return_exceptions=True)
            odd = (each for each in ended if each and not isinstance(each, asyncio.CancelledError))
            failures += [f"cancelled: {each!r}" for each in odd]
            failures += await asyncio.to_thread(_locks, folder / "bot.db")
    return confirmed, failures + _half_steps(folder / "bot.db", last)


def _locks(file: Path) -> list[str]:
    """Look for a lock that is still held."""
    try:
        with closing(sqlite3.connect(file, timeout=_LOCKED_S)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        return [f"cancelled: {error}"]
    return []


def _half_steps(file: Path, last: int) -> list[str]:
    """Look for steps without those before them."""
    stored = iter(stored_steps(file, [(s, n) for n in range(1, last + 1) for s in STEPS]))
    held = enumerate(zip(*[stored] * len(STEPS), strict=True), start=1)
    return [
        f"cancelled: of {number} a later step is there without an earlier one"
        for number, steps in held
        if sorted(steps, reverse=True) != list(steps)
    ]
