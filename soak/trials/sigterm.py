"""SIGTERM at random, under load: the bot ends in order, and in time."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from bot.local.together import database_url
from bot.storage.database import migrate
from soak.forks import Zygote, open_zygote
from soak.siege import Life, Siege, besiege, told
from soak.trial import Outcome, Size, Trial

STOPS = {Size.SHORT: 20, Size.FULL: 200}
SIEGES = 4
EXITS_WITHIN_S = 25.0
_SOONEST_S, _LATEST_S = 0.02, 3.0


async def run(size: Size, seed: int) -> Outcome:
    """Stop, and hold what came of it against what was asked."""
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(migrate, database_url(Path(folder)))
        async with open_zygote() as zygote:
            found = await asyncio.gather(
                *(
                    _lay(zygote, Path(folder), seed, number, STOPS[size] // SIEGES)
                    for number in range(SIEGES)
                )
            )
    if size is Size.FULL:  # what runs beside tests may be slow
        for siege, took in found:
            late = (each for each in took if each > EXITS_WITHIN_S)
            siege.failures += [f"the bot took {each:.1f} s to stop" for each in late]
    longest_s = max(took_s for _, took in found for took_s in took)
    what = f"{STOPS[size]} stops, each within {longest_s:.1f} s"
    return told([siege for siege, _ in found], seed, what)


async def _lay(
    zygote: Zygote, folder: Path, seed: int, number: int, stops: int
) -> tuple[Siege, list[float]]:
    home = folder / str(number)
    home.mkdir()
    shutil.copy(folder / "bot.db", home)
    async with besiege(home, seed, zygote.fork, number) as siege:
        life = await siege.settle_in()
        async with siege.under_load():
            took = [await _stop(siege, life)]
            for _ in range(stops - 1):
                took.append(await _stop(siege, await siege.live()))  # noqa: PERF401 - in turn
        await siege.calm_down()
        siege.failures[:] = await asyncio.to_thread(siege.verdict)
        return siege, took


async def _stop(siege: Siege, life: Life) -> float:
    """Ask a bot that listens to stop, and tell how long it took."""
    await siege.listens(life)
    await asyncio.sleep(siege.chances.uniform(_SOONEST_S, _LATEST_S))
    begun = time.monotonic()
    await siege.stop(life)
    took_s = time.monotonic() - begun
    await siege.died()
    return took_s


TRIAL = Trial(
    "sigterm",
    "SIGTERM at random instants, while members ask, and Discord and the API fail now and then",
    "200 stops: exit code 0 within 25 s, 0 lost, 0 double",
    run,
)
