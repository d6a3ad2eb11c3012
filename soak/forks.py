"""Bots that are forked from a process which has all of the bot loaded; see `zygote`."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.tasks import spawn

ROOT = Path(__file__).parent.parent


@dataclass
class Fork:
    """One forked bot; `ended` gives how it ended, negative for a signal."""

    process_id: int
    ended: "asyncio.Future[int]"
    _zygote: "Zygote"

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; one that has ended is not there to get it."""
        self._zygote.order({"to": self.process_id, "signal": number})

    async def kill(self) -> int:
        """Kill it, and wait until it is gone."""
        self.send(signal.SIGKILL)
        return await self.ended

    async def stop(self) -> int:
        """Ask it to stop in order, and wait for that."""
        self.send(signal.SIGTERM)
        return await self.ended


@dataclass
class Zygote:
    """The other process, told what to do."""

    _writer: asyncio.StreamWriter
    _forking: "asyncio.Queue[asyncio.Future[Fork]]" = field(default_factory=asyncio.Queue)
    _alive: dict[int, Fork] = field(default_factory=dict)

    async def fork(
        self,
        environment: Mapping[str, str],
        log: Path,
        points: Mapping[str, Any] | None = None,
    ) -> Fork:
        """Have a bot begin with these settings.

        Args:
            environment: the settings.
            log: what it writes its log to.
            points: what `soak.points` is to do in it; None for a bot as it is.

        """
        born: asyncio.Future[Fork] = asyncio.get_running_loop().create_future()
        self._forking.put_nowait(born)
        more = {} if points is None else {"points": points}
        self.order({"fork": {"environment": dict(environment), "log": str(log), **more}})
        return await born

    def order(self, order: Mapping[str, Any]) -> None:
        """Send an order."""
        self._writer.write(json.dumps(order).encode() + b"\n")

    async def listen(self, reader: asyncio.StreamReader) -> None:
        """Take reports until the process ends."""
        async for line in reader:
            report = json.loads(line)
            if "forked" in report:
                self._born(report["forked"])
            else:
                self._alive.pop(report["ended"]).ended.set_result(report["code"])

    def _born(self, process_id: int) -> None:
        fork = Fork(process_id, asyncio.get_running_loop().create_future(), self)
        self._alive[process_id] = fork
        self._forking.get_nowait().set_result(fork)


@asynccontextmanager
async def open_zygote() -> AsyncIterator[Zygote]:
    """Start the process; in the end it goes, and whatever it forked with it."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "soak.zygote", str(theirs.fileno()),
            pass_fds=[theirs.fileno()], cwd=ROOT, env=_bare_environment(),
        )  # fmt: skip
    reader, writer = await asyncio.open_connection(sock=ours)
    zygote = Zygote(writer)
    listening = spawn(zygote.listen(reader), name="reports of forks")
    try:
        yield zygote
    finally:
        writer.close()
        await process.wait()
        await listening


def _bare_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
