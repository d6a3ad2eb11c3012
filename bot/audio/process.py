"""One worker process seen from the bot: started, given jobs, killed, never trusted."""

import asyncio
import io
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path

import msgspec

from bot.audio.jobs import (
    LENGTHS,
    WITHOUT_FILTER,
    Broke,
    Job,
    Ready,
    Report,
    pack_job,
    unpack_report,
)

_PROJECT = Path(__file__).resolve().parents[2]

# An isolated interpreter knows neither PYTHONPATH nor the working folder.
_START = "import sys; sys.path.insert(0, sys.argv[1]); from bot.audio.worker import main; main()"

_START_TIMEOUT_S = 20.0
_END_TIMEOUT_S = 1.0
_PIECE_BYTES = 1 << 18
_HEAD_BYTES_AT_MOST = 1 << 16
_BODY_BYTES_AT_MOST = 1 << 28


class WorkerDied(Exception):
    """The process ended, or wrote nonsense, before it reported."""


class WorkerUnusable(Exception):
    """No process can be started; the text says why, for the log."""


class WorkerProcess:
    """A child process and its two pipes.

    Attributes:
        jobs_begun: how many jobs it was given.
        layers: what its lock is made of; set once it is ready, as the next.
        unlocked: the rights that this machine does not let it give up.

    """

    def __init__(self, process: Process) -> None:
        if process.stdin is None or process.stdout is None:
            raise WorkerUnusable("it has no pipes")
        self.jobs_begun = 0
        self.layers: tuple[str, ...] = ()
        self.unlocked: tuple[str, ...] = ()
        self._process = process
        self._jobs = process.stdin
        self._reports = process.stdout

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended yet, as far as is known."""
        return self._process.returncode is None

    async def was_filtered(self) -> bool:
        """Tell whether it ended because it made a system call that it may not."""
        if sys.platform == "win32":
            return False
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_TIMEOUT_S):
                await self._process.wait()
        return self._process.returncode == -signal.SIGSYS

    async def run(self, job: Job, data: bytes) -> tuple[Report, bytes]:
        """Do one job; returns the report's head and body.

        Raises:
            WorkerDied: it did not live to report.

        """
        self.jobs_begun += 1
        head = pack_job(job)
        try:
            self._jobs.write(LENGTHS.pack(len(head), len(data)) + head)
            await self._send(data)
            return await self.receive()
        except (ConnectionError, RuntimeError) as error:  # the latter: libuv's loop
            raise WorkerDied("it closed its pipe") from error

    async def _send(self, data: bytes) -> None:
        """Write in pieces: the transport copies what the pipe does not take at once."""
        view = memoryview(data)
        for at in range(0, len(view), _PIECE_BYTES):
            self._jobs.write(view[at : at + _PIECE_BYTES])
            await self._jobs.drain()

    async def receive(self) -> tuple[Report, bytes]:
        """Read one report.

        Raises:
            WorkerDied: the pipe ended, or what came is no report.

        """
        try:
            lengths = await self._reports.readexactly(LENGTHS.size)
            head_bytes, body_bytes = LENGTHS.unpack(lengths)
            if head_bytes > _HEAD_BYTES_AT_MOST or body_bytes > _BODY_BYTES_AT_MOST:
                raise WorkerDied("it reported more than it may")
            head = await self._reports.readexactly(head_bytes)
            return read_report(head), await self._read_body(body_bytes)
        except asyncio.IncompleteReadError as error:
            raise WorkerDied("its pipe ended") from error

    async def _read_body(self, left: int) -> bytes:
        """Collect the body without the second copy that `readexactly` makes."""
        body = io.BytesIO()
        while left:
            piece = await self._reports.read(min(left, _PIECE_BYTES))
            if not piece:
                raise WorkerDied("its pipe ended")
            left -= body.write(piece)
        return body.getvalue()

    async def kill(self) -> None:
        """End it, whatever it does."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._jobs.close()
        await self._process.wait()
        with suppress(OSError, RuntimeError):  # the latter: somebody reads it already
            await self._reports.read()  # its pipe is closed at the end only


def read_report(head: bytes) -> Report:
    """Read a report's head, which a clip may have made the worker write.

    Raises:
        WorkerDied: it is none.

    """
    try:
        return unpack_report(head)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise WorkerDied("it wrote no report") from error


async def start_worker() -> WorkerProcess:
    """Start a process and wait until it is locked.

    One that the filter of system calls ends, before it saw any clip, is started without.

    Raises:
        WorkerUnusable: it cannot be started, or cannot load its libraries.

    """
    try:
        return await _start()
    except _Filtered:
        return await _start(WITHOUT_FILTER)


class _Filtered(WorkerUnusable):
    """The C library of this machine needs system calls that we do not know of."""


async def _start(*arguments: str) -> WorkerProcess:
    worker = await _spawn(*arguments)
    try:
        async with asyncio.timeout(_START_TIMEOUT_S):
            report, _ = await worker.receive()
    except (WorkerDied, TimeoutError) as error:
        was_filtered = not arguments and await worker.was_filtered()
        await worker.kill()
        if was_filtered:
            raise _Filtered from error
        raise WorkerUnusable("it ended while starting, or took too long") from error
    except BaseException:
        await worker.kill()
        raise
    if not isinstance(report, Ready):
        await worker.kill()
        raise WorkerUnusable(report.what if isinstance(report, Broke) else "it is not ready")
    worker.layers, worker.unlocked = report.layers, report.unlocked
    return worker


async def _spawn(*arguments: str) -> WorkerProcess:
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-c", _START, str(_PROJECT), *arguments,
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=_environment(),
        )  # fmt: skip
    except OSError as error:
        raise WorkerUnusable(f"no process can be started: {error.strerror}") from error
    return WorkerProcess(process)


def _environment() -> dict[str, str]:
    """Nothing: no secret, no proxy, no search path. Windows cannot start Python without one."""
    needed = ("SYSTEMROOT",) if os.name == "nt" else ()
    return {name: os.environ[name] for name in needed if name in os.environ}
