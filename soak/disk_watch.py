"""The worker of the disk trial from outside: what it confirmed, and what its files hold."""

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot.tasks import spawn

WITHIN_S = 120.0
_ROOT = Path(__file__).parent.parent

Step = tuple[str, int]
"""A step that was confirmed, and of which question."""


@dataclass(slots=True)
class Worker:
    """One process that writes."""

    process: asyncio.subprocess.Process
    lines: list[Step] = field(default_factory=list)
    _told: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    @asynccontextmanager
    async def at_work(
        cls, folder: Path, first: int = 1, *, through: Sequence[str] = ()
    ) -> AsyncIterator["Worker"]:
        """Let one write into a folder, started through other programs; it ends in order."""
        process = await asyncio.create_subprocess_exec(
            *through, sys.executable, "-m", "soak.disk_worker", str(folder), str(first),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=_ROOT,
        )  # fmt: skip
        worker = cls(process)
        reading = spawn(worker._read(), name="read what is confirmed")
        try:
            yield worker
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
            await process.wait()
            await reading

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.endswith(b"\n"):
                what, number = line.decode().split()
                self.lines.append((what, int(number)))
            self._told.set()
        self._told.set()

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.returncode is None

    async def tells(self, what: str, times: int) -> bool:
        """Wait until it has told something so often from now on; False if it does not."""
        wanted = self._count(what) + times
        try:
            async with asyncio.timeout(WITHIN_S):
                while self._count(what) < wanted and not self._is_over:
                    self._told.clear()
                    await self._told.wait()
        except TimeoutError:
            pass
        return self._count(what) >= wanted

    def _count(self, what: str) -> int:
        return sum(each == what for each, _ in self.lines)

    @property
    def _is_over(self) -> bool:
        stdout = self.process.stdout
        return stdout is not None and stdout.at_eof()

    async def copy_at_once(self, folder: Path, into: Path) -> list[Step]:
        """Copy its files as a crash at this instant leaves them; gives what was confirmed."""
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            await self._stand_still()
            confirmed = [step for step in self.lines if step[0] in STEPS]
            shutil.copytree(folder, into, ignore=shutil.ignore_patterns("*-shm", "*.lock"))
        finally:
            os.kill(self.process.pid, signal.SIGCONT)
        return confirmed

    async def _stand_still(self) -> None:
        """Wait until it does, and until all is read that it wrote before."""
        process, count = psutil.Process(self.process.pid), -1
        while process.status() != psutil.STATUS_STOPPED or count != len(self.lines):
            count = len(self.lines)
            await asyncio.sleep(0.01)


STEPS = ("accepted", "claimed", "recorded", "answered")


def stored_steps(file: Path, steps: Sequence[Step]) -> list[bool]:
    """Tell of each step whether a database holds it; and see that the file is sound.

    Raises:
        sqlite3.DatabaseError: it is not.

    """
    with closing(sqlite3.connect(file)) as database:
        [(verdict,)] = database.execute("PRAGMA quick_check(1)").fetchall()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        states = dict(database.execute("SELECT message_id, state FROM inbox").fetchall())
        turns = {each for (each,) in database.execute("SELECT question_id FROM turns")}
    return [_holds(states.get(number), number in turns, what) for what, number in steps]


def _holds(state: str | None, has_turn: bool, what: str) -> bool:
    match what:
        case "accepted":
            return state is not None
        case "claimed":
            return state in ("claimed", "answered")
        case "recorded":
            return has_turn
        case _:
            return state == "answered"
