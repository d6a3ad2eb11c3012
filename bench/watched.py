"""`python -m bench.watched ours|naive|bare`: a bot as it runs, with a watch over its event loop.

The first SIGUSR1 starts the watch. The second ends it and writes to standard output by how many
milliseconds a 5 ms timer was late at worst, and in the worst of a hundred cases. Nothing of it is
in the bot itself.
"""

import asyncio
import os
import signal
import sys
import time

from bot import loops
from bot.tasks import spawn

TICK_S = 0.005


class LoopWatch:
    """Tells how late a short timer comes at worst: as long as that the loop did nothing else."""

    def __init__(self) -> None:
        self._ticking: asyncio.Task[None] | None = None
        self._late_s: list[float] = []

    def switch(self) -> None:
        """Start watching, or stop and tell."""
        if self._ticking is None:
            self._late_s = [0.0]
            self._ticking = spawn(self._tick(), name="loop watch")
            return
        self._ticking.cancel()
        self._ticking = None
        late_ms = sorted(late * 1000 for late in self._late_s)
        print(f"{late_ms[-1]:.3f} {late_ms[-1 - len(late_ms) // 100]:.3f}", flush=True)

    async def _tick(self) -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self._late_s.append(time.perf_counter() - begun - TICK_S)


async def run_ours(environment: dict[str, str]) -> None:
    from bot import app, log
    from bot.settings import Settings

    settings = Settings.from_env(environment)
    log.configure(settings.log_level, settings.secrets)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    app.freeze_loaded()  # as its own command line does
    await app.run(settings, stop)


async def run_naive(environment: dict[str, str]) -> None:
    from bench import naive

    await naive.run(environment)


async def run_bare(environment: dict[str, str]) -> None:
    from bench import bare

    await bare.run(environment)


async def run(name: str) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, LoopWatch().switch)
    bots = {"ours": run_ours, "naive": run_naive, "bare": run_bare}
    await bots[name](dict(os.environ))


if __name__ == "__main__":
    # Each as it is by itself: the others know of no loop but asyncio's.
    begin = loops.run if sys.argv[1] == "ours" else asyncio.run
    begin(run(sys.argv[1]))
