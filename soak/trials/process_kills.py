"""Real processes killed at random, from their first instant on: imports and migration included."""

import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

from bot.storage.engines import create_migrator
from bot.storage.schema import SCRIPTS
from soak.processes import start
from soak.siege import Life, Siege, besiege, told
from soak.trial import Outcome, Size, Trial

KILLS = {Size.SHORT: 10, Size.FULL: 100}
SIEGES = 2
"""One begins with an empty folder, one with an older database."""

READY_P95_S = 5.0
OLDER = "0003"
_LATEST_S = {"starts": 2.0, "listens": 3.0}


async def run(size: Size, seed: int) -> Outcome:
    """Kill, and hold what came of it against what was asked."""
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / str(number) for number in range(SIEGES)]
        for home in homes:
            home.mkdir()
        await asyncio.to_thread(make_older, homes[1] / "bot.db")
        found = await asyncio.gather(
            *(_lay(home, seed, n, KILLS[size] // SIEGES) for n, home in enumerate(homes))
        )
    sieges = [siege for siege, _ in found]
    ready_s = sorted(took_s for _, took in found for took_s in took)
    p95_s = ready_s[int(0.95 * (len(ready_s) - 1))]
    if size is Size.FULL and p95_s > READY_P95_S:
        sieges[0].failures.append(f"ready again p95 after {p95_s:.1f} s")
    return told(sieges, seed, f"{KILLS[size]} kills, ready again p95 {p95_s:.1f} s after exec")


def make_older(path: Path) -> None:
    """Make a database as an earlier version left it, with a question that is closed."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    with create_migrator(path).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, OLDER)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "INSERT INTO inbox (message_id, room_id, member_id, state, created_at, received_at)"
            " VALUES (1, 1, 1, 'answered', '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
        )


async def _lay(home: Path, seed: int, number: int, kills: int) -> tuple[Siege, list[float]]:
    took: list[float] = []
    async with besiege(home, seed, start, number) as siege:
        for _ in range(2):
            await _kill(siege, "starts", took)
        first = await siege.settle_in()
        async with siege.under_load():
            await _die(siege, first)
            for _ in range(kills - 2):
                await _kill(siege, siege.chances.choice(("starts", "listens")), took)
        await siege.calm_down()
        siege.failures[:] = await asyncio.to_thread(siege.verdict)
        return siege, took


async def _kill(siege: Siege, phase: str, took: list[float]) -> None:
    """Kill a bot on its way, or once it has listened for a while."""
    begun = time.monotonic()
    life = await siege.live()
    if phase == "listens":
        await siege.listens(life)
        took.append(time.monotonic() - begun)
    await asyncio.sleep(siege.chances.uniform(0, _LATEST_S[phase]))
    await _die(siege, life)


async def _die(siege: Siege, life: Life) -> None:
    await life.kill()
    await siege.died()


TRIAL = Trial(
    "process_kills",
    "`python -m bot` processes killed at random instants, imports and migration from an empty "
    "folder and from an older schema included",
    "100 kills: 0 lost, 0 double, integrity ok; ready again p95 within 5 s",
    run,
)
