"""`python -m bot` as whoever runs it starts it, imports and all."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.tasks import spawn
from soak.forks import ROOT


@dataclass
class RealBot:
    """One process; `ended` gives how it ended, negative for a signal."""

    process: Process
    ended: "asyncio.Future[int]"

    async def kill(self) -> int:
        """Kill it, and wait until it is gone."""
        return await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask it to stop in order, and wait for that."""
        return await self._end(signal.SIGTERM)

    async def _end(self, number: signal.Signals) -> int:
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended


async def start(environment: Mapping[str, str], log: Path) -> RealBot:
    """Start the bot."""
    with log.open("ab") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), **environment},
            stdin=asyncio.subprocess.DEVNULL, stdout=said, stderr=said,
        )  # fmt: skip
    return RealBot(process, spawn(process.wait(), name="end of a bot"))
