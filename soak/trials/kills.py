"""SIGKILL at random, under load: nothing is lost, nothing comes twice."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from bot.local.together import database_url
from bot.storage.database import migrate
from soak.forks import Zygote, open_zygote
from soak.siege import Life, Siege, besiege, told
from soak.trial import Outcome, Size, Trial

KILLS = {Size.SHORT: 200, Size.FULL: 1_000}
SIEGES = 6
"""So many bots at once, for much of a bot's beginning is waiting."""

SOONEST_S, LATEST_S = 0.02, 0.45
_TAKES_UP_S = 2.0
"""So long after it listens a bot takes up what was interrupted: discord.py waits for servers."""

_DOWN = 0.1
_DOWN_S = 1.5


async def run(size: Size, seed: int) -> Outcome:
    """Kill, and hold what came of it against what was asked."""
    shares = [KILLS[size] // SIEGES + (n < KILLS[size] % SIEGES) for n in range(SIEGES)]
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(migrate, database_url(Path(folder)))
        async with open_zygote() as zygote:
            sieges = await asyncio.gather(
                *(_lay(zygote, Path(folder), seed, n, kills) for n, kills in enumerate(shares))
            )
    return told(sieges, seed, f"{KILLS[size]} kills")


async def _lay(zygote: Zygote, folder: Path, seed: int, number: int, kills: int) -> Siege:
    home = folder / str(number)
    home.mkdir()
    shutil.copy(folder / "bot.db", home)
    async with besiege(home, seed, zygote.fork, number) as siege:
        first = await siege.settle_in()
        async with siege.under_load():
            await _kill(siege, first)
            for _ in range(kills - 1):
                await _kill(siege, await siege.live())
        await siege.calm_down()
        siege.failures[:] = await asyncio.to_thread(siege.verdict)
        return siege


async def _kill(siege: Siege, life: Life) -> None:
    """Kill a bot while it starts, once it listens, or when it takes up what was left."""
    chances = siege.chances
    phase = chances.choice(("starts", "listens", "takes up"))
    if phase != "starts":
        await siege.listens(life)
    if phase == "takes up":
        await asyncio.sleep(_TAKES_UP_S)
    await asyncio.sleep(chances.uniform(SOONEST_S, LATEST_S))
    await life.kill()
    await siege.died()
    if chances.random() < _DOWN:
        await asyncio.sleep(chances.uniform(0, _DOWN_S))


TRIAL = Trial(
    "kills",
    "SIGKILL at random instants of start, listening and recovery, while members ask, and Discord "
    "and the API fail now and then",
    "1,000 kills: 0 lost, 0 double, integrity ok, extra paid calls at most those in flight",
    run,
)
