"""An event loop on which time passes as soon as nobody has anything to do."""

import asyncio
import selectors
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_connection as Adapted

T = TypeVar("T")

BEGINNING = datetime(2026, 11, 1, tzinfo=UTC)
_LONGEST_WAIT_S = 60.0

_RESOLUTION_S = 1e-6
"""asyncio's nanosecond is lost in a float after 194 days: what is due would never be done."""


class Stuck(RuntimeError):
    """Nothing is left that could ever happen."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Jumps to the next timer while nothing is ready and no thread is at work.

    Attributes:
        at_work: what is being done in threads: time stands still meanwhile.

    """

    def __init__(self) -> None:
        self.at_work = 0
        self._passed_s = 0.0
        super().__init__(_Selector(self))
        self._clock_resolution = _RESOLUTION_S

    def time(self) -> float:
        """Tell the seconds since the beginning."""
        return self._passed_s

    def now(self) -> datetime:
        """Tell the time of day."""
        return BEGINNING + timedelta(seconds=self._passed_s)

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self._passed_s += seconds

    def run_in_executor(  # type: ignore[override] # as asyncio's, but for the types of arguments
        self,
        executor: Executor | None,
        func: Callable[..., T],
        *args: Any,  # noqa: ANN401
    ) -> "asyncio.Future[T]":
        """Do something in a thread; time stands still meanwhile."""
        done = super().run_in_executor(executor, func, *args)
        self.at_work += 1
        done.add_done_callback(self._rest)
        return done

    async def shutdown_default_executor(self, *timeout_s: float | None) -> None:
        """Wait for the threads to end; no deadline for it passes before they had their time."""
        self.at_work += 1
        try:
            await super().shutdown_default_executor(*timeout_s)
        finally:
            self.at_work -= 1

    def _rest(self, _done: object) -> None:
        self.at_work -= 1


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look for what is ready; where there is nothing to wait for, let time pass."""
        if self._loop.at_work:
            return super().select(0 if timeout == 0 else _LONGEST_WAIT_S)
        found = super().select(0)
        if found or timeout == 0:
            return found
        if timeout is not None:
            self._loop.jump(timeout)
        elif not (found := super().select(_LONGEST_WAIT_S)):  # a thread that begins or ends
            raise Stuck("nothing can happen any more")
        return found


def run_virtually(main: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run something on such a loop to its end; for a thread of its own."""
    loops: list[VirtualLoop] = []

    def make() -> VirtualLoop:
        loops.append(VirtualLoop())
        return loops[-1]

    async def start() -> T:
        return await main(loops[-1])

    with _database_in_the_loop(), asyncio.Runner(loop_factory=make) as runner:
        return runner.run(start())


@contextmanager
def _database_in_the_loop() -> Iterator[None]:
    """Let SQLite work in the loop's own thread: going to another and back costs more than it does.

    Others get their turn before and after, as they would.
    """
    kept = {name: getattr(aiosqlite.Connection, name) for name in ("_execute", "_connect", "close")}
    connect, level = sqlite3.connect, vars(Adapted)["isolation_level"]

    async def execute(
        self: aiosqlite.Connection,
        work: Callable[..., Any],
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        if not isinstance(asyncio.get_running_loop(), VirtualLoop):
            return await kept["_execute"](self, work, *args, **kwargs)
        await asyncio.sleep(0)
        try:
            return work(*args, **kwargs)
        finally:
            await asyncio.sleep(0)

    def set_level(adapted: Adapted, value: str | None) -> None:
        # It hands this to its thread by itself, and nobody would know that time is to stand still.
        if isinstance(asyncio.get_running_loop(), VirtualLoop):
            adapted._connection._conn.isolation_level = value
        else:
            level.fset(adapted, value)

    others = {name: _in_no_time(kept[name]) for name in ("_connect", "close")}
    for name, method in {"_execute": execute, **others}.items():
        setattr(aiosqlite.Connection, name, method)
    sqlite3.connect = partial(connect, check_same_thread=False)  # type: ignore[assignment]
    setattr(Adapted, "isolation_level", property(level.fget, set_level))  # noqa: B010 - mypy's sake
    try:
        yield
    finally:
        sqlite3.connect = connect
        setattr(Adapted, "isolation_level", level)  # noqa: B010 - as above
        for name, method in kept.items():
            setattr(aiosqlite.Connection, name, method)


def _in_no_time(method: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    """Let time stand still while a method waits for its thread."""

    async def run(self: aiosqlite.Connection) -> T:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop):
            return await method(self)
        loop.at_work += 1
        try:
            return await method(self)
        finally:
            loop.at_work -= 1

    return run
