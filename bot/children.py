"""Child processes for libuv's loop, started by Python's own `subprocess`.

uvloop forks, and runs Python in the child before the program is there. Whatever another thread
holds at that moment is held in the child for ever, and while the child waits for it, so does its
parent, amid a call in which no other thread can run. Between fork and program `subprocess` does
nothing that could wait.
"""

import asyncio
import errno
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, Any, TypeVar

P = TypeVar("P", bound=asyncio.SubprocessProtocol)


async def start_child(
    make_protocol: Callable[[], P],
    *command: str,
    **options: Any,  # noqa: ANN401 - as Popen's
) -> tuple["Child", P]:
    """Start a program, as `loop.subprocess_exec` does.

    Args:
        make_protocol: makes what is told of the child and of what it writes.
        command: the program and its arguments.
        options: of `subprocess.Popen`.

    Raises:
        OSError: it cannot be started.

    """
    protocol = make_protocol()
    child = Child(subprocess.Popen(command, bufsize=0, **options), protocol)  # noqa: ASYNC220, S603
    try:
        await child.connect()
    except BaseException:
        child.close()
        raise
    return child, protocol


class Child(asyncio.SubprocessTransport):
    """A running program and its pipes, of which an `asyncio.SubprocessProtocol` is told."""

    def __init__(
        self, process: subprocess.Popen[bytes], protocol: asyncio.SubprocessProtocol
    ) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._process = process
        self._protocol = protocol
        self._streams = {
            number: stream
            for number, stream in enumerate((process.stdin, process.stdout, process.stderr))
            if stream is not None
        }
        self._connected = set(self._streams)
        self._pipes: dict[int, asyncio.BaseTransport] = {}
        self._untold: list[Callable[[], None]] | None = []
        self._ended = asyncio.Event()
        self._returncode: int | None = None
        self._is_closing = False

    async def connect(self) -> None:
        """Take up its pipes; then its protocol is told of all that happened meanwhile.

        Raises:
            OSError: its end cannot be waited for: no thread can be started.

        """
        waiting = threading.Thread(target=self._await_end, name="end of a child", daemon=True)
        try:
            waiting.start()
        except RuntimeError as error:
            self._process.kill()
            self._process.wait()
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN)) from error
        for number, stream in self._streams.items():
            connect = self._loop.connect_read_pipe if number else self._loop.connect_write_pipe
            pipe = partial(_Pipe, self, number)
            self._pipes[number], _ = await connect(pipe, _Descriptor(stream))
        self._protocol.connection_made(self)
        untold, self._untold = self._untold or [], None
        for tell in untold:
            tell()

    def _await_end(self) -> None:
        code = self._process.wait()
        with suppress(RuntimeError):  # the loop is closed: nobody wants to know
            self._loop.call_soon_threadsafe(self._end, code)

    def _end(self, code: int) -> None:
        self._returncode = code
        self._ended.set()
        self.tell(self._protocol.process_exited)
        self._finish()

    def disconnect(self, number: int, error: Exception | None) -> None:
        """Note that one of its pipes is closed."""
        self._connected.discard(number)
        self.tell(partial(self._protocol.pipe_connection_lost, number, error))
        self._finish()

    def _finish(self) -> None:
        if not self._connected and self._ended.is_set():
            self.tell(partial(self._protocol.connection_lost, None))

    def receive(self, number: int, data: bytes) -> None:
        """Pass on what it wrote."""
        self.tell(partial(self._protocol.pipe_data_received, number, data))

    def tell(self, tell: Callable[[], None]) -> None:
        """Tell the protocol, which must know the transport first."""
        if self._untold is None:
            tell()
        else:
            self._untold.append(tell)

    def flow(self, *, is_paused: bool) -> None:
        """Tell the protocol whether the child takes more."""
        self.tell(self._protocol.pause_writing if is_paused else self._protocol.resume_writing)

    def get_pid(self) -> int:
        """Give the process id."""
        return self._process.pid

    def get_returncode(self) -> int | None:
        """Give how it ended, negative for a signal; None while it runs."""
        return self._returncode

    def get_pipe_transport(self, fd: int) -> asyncio.BaseTransport | None:
        """Give the transport of 0, 1 or 2; None for one that is no pipe."""
        return self._pipes.get(fd)

    def send_signal(self, number: int) -> None:
        """Send a signal.

        Raises:
            ProcessLookupError: it has ended.

        """
        if self._returncode is not None:
            raise ProcessLookupError
        self._process.send_signal(number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def is_closing(self) -> bool:
        """Tell whether it was closed."""
        return self._is_closing

    def close(self) -> None:
        """Close its pipes, and end it if it still runs."""
        self._is_closing = True
        if self._returncode is None:
            self._process.kill()
        for number, stream in self._streams.items():
            stream.close()
            if number in self._pipes:
                self._pipes[number].close()

    async def _wait(self) -> int | None:
        """Wait for its end; asyncio's `Process` calls this."""
        await self._ended.wait()
        return self._returncode


class _Descriptor:
    """A descriptor that libuv closes; uvloop closes once more what it was given.

    By then it may be another thread's file.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._number = os.dup(stream.fileno())
        stream.close()

    def fileno(self) -> int:
        return self._number

    def close(self) -> None:
        """Leave it to libuv."""


class _Pipe(asyncio.Protocol):
    """One end of a pipe; the other is the child's."""

    def __init__(self, child: Child, number: int) -> None:
        self._child = child
        self._number = number

    def data_received(self, data: bytes) -> None:
        self._child.receive(self._number, data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._child.disconnect(self._number, exc)

    def pause_writing(self) -> None:
        self._child.flow(is_paused=True)

    def resume_writing(self) -> None:
        self._child.flow(is_paused=False)
