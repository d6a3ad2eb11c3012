"""The database: opened once, written by one connection, closed at the end."""

import asyncio
import logging
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError as SqlError
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.errors import DatabaseError, Refused
from bot.storage.engines import create_writer, file_of
from bot.storage.hold import sole_use
from bot.storage.lane import LaneConnection, Work
from bot.storage.outage import Outage, is_outage, prove_soundness
from bot.storage.reader import Reader
from bot.storage.schema import bring_up, migrate, state_of
from bot.tasks import spawn
from bot.words import Sentence

__all__ = ["Database", "migrate", "open_database", "state_of", "uninterrupted"]

log = logging.getLogger(__name__)

STORAGE_FAILING = Sentence(
    "I cannot keep anything just now, so I take no questions: my disk is full or failing. "
    "Please try again later."
)

TOLD_AT_ONCE = 8
"""So many go on in one pass of the event loop; all that were committed together would stall it."""

AGAIN_AFTER_S = 1.0
"""How often what must not be lost is tried again while the disk fails."""

COMPANY_WITHIN_S = 1.0
"""What is entrusted is committed so soon, if nothing comes before that it could go with."""

_ERRORS = (SqlError, sqlite3.DatabaseError)
_EXPECTED = (OperationalError, sqlite3.OperationalError)

OnWrite = Callable[[float], None]

P = ParamSpec("P")
T = TypeVar("T")


def uninterrupted(
    work: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let work run to its end even when its caller is cancelled meanwhile; then let it be so.

    Every method that opens a session needs it. A statement or a wait for a connection that is
    cut in two can lose the connection, and there is only one that writes.
    """

    @wraps(work)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        task = spawn(work(*args, **kwargs), name=work.__qualname__)
        cancelled: asyncio.CancelledError | None = None
        while not task.done():
            try:
                await asyncio.wait([task])
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        return task.result()

    return run


@dataclass(frozen=True, slots=True, eq=False)
class _Entrusted:
    """What is written without anybody waiting; `over` when it is, or never will be."""

    work: Work
    then: Callable[[Any], None]
    over: "asyncio.Future[None]"


class Database:
    """Gives short transactions. Never keep one open while waiting for the network."""

    def __init__(
        self,
        writer: AsyncEngine,
        reader: Reader,
        lane: LaneConnection,
        outage: Outage,
        wrote: OnWrite,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._lane = lane
        self._outage = outage
        self._wrote = wrote
        self._turn = asyncio.Lock()
        self._trying = asyncio.Lock()
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._is_called = False
        self._entrusted: list[_Entrusted] = []
        self._late: list[_Entrusted] = []
        self._is_closed = False
        self._due: asyncio.TimerHandle | None = None
        self.boot_id = secrets.token_hex(8)
        """Names this run of the bot, of which only one at a time may write."""

    async def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a transaction in one go; those that wait meanwhile are committed together.

        For what is done at every answer: it costs a tenth of `writing`. It runs to its end even
        when its caller is cancelled meanwhile.

        Args:
            work: a few statements (`Prepared`), run in the connection's thread; maybe more than
                once, each time from the same beginning.

        Raises:
            DatabaseError: as in `writing`.

        """
        done = self._line_up(work)
        self._commit_soon()
        try:
            return await done
        except _ERRORS as error:
            self._translate(error)
            raise

    async def persist(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do the same, again and again while the disk is full or failing, or held by another.

        For what is too dear to be lost: it is kept in memory as long as the process lives.
        """
        while True:
            try:
                if await self.takes_writes():
                    return await self.transact(work)
            except DatabaseError as error:
                log.warning("to be written once that is possible: %s", error.code)
            await asyncio.sleep(AGAIN_AFTER_S)

    async def entrust(
        self, work: Callable[[sqlite3.Connection], T], then: Callable[[T], None] = lambda _: None
    ) -> "asyncio.Future[None]":
        """Do the same without waiting: with the next transaction, at the latest within a second.

        For what a new start finds out again by itself: a crash may undo it. As long as the disk
        takes it, whoever reads or writes in this process after it comes after it. While the disk
        fails it is tried again and again, in the order in which it was entrusted.

        Args:
            work: as in `transact`.
            then: is told once it is committed, and of what it returned.

        Returns:
            What is done once it is committed, or given up over a defect.

        """
        entrusted = _Entrusted(work, then, asyncio.get_running_loop().create_future())
        self._entrusted.append(entrusted)
        if self._late:
            self._late.append(entrusted)
            return entrusted.over
        self._line_up(work).add_done_callback(partial(self._look_after, entrusted))
        if self._due is None:
            loop = asyncio.get_running_loop()
            self._due = loop.call_later(COMPANY_WITHIN_S, self._commit_soon)
        return entrusted.over

    def _look_after(self, entrusted: "_Entrusted", done: "asyncio.Future[Any]") -> None:
        error = done.exception()
        if error is None:
            self._end(entrusted, done.result())
            return
        try:
            self._translate(error)
        except DatabaseError:
            self._late.append(entrusted)
            if len(self._late) == 1:
                spawn(self._write_late(), name="what could not be written")
        else:
            self._give_up(entrusted, error)

    async def _write_late(self) -> None:
        while self._late:
            entrusted = self._late[0]
            try:
                result = await self.persist(entrusted.work)
            except Exception as error:  # noqa: BLE001 - it is logged
                self._give_up(entrusted, error)
            else:
                self._end(entrusted, result)
            del self._late[0]

    def _end(self, entrusted: "_Entrusted", result: Any) -> None:  # noqa: ANN401 - of its work
        self._entrusted.remove(entrusted)
        entrusted.over.set_result(None)
        entrusted.then(result)

    def _give_up(self, entrusted: "_Entrusted", error: BaseException) -> None:
        self._entrusted.remove(entrusted)
        entrusted.over.set_result(None)
        if self._is_closed:
            log.info("closed before all was written; the next start finds out the rest")
        else:
            log.error("what was entrusted could not be written: %s", type(error).__name__)

    def _line_up(self, work: Callable[[sqlite3.Connection], T]) -> "asyncio.Future[T]":
        done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, done))
        return done

    def _commit_soon(self) -> None:
        if not self._is_called:
            self._is_called = True
            spawn(self._commit_waiting(), name="commit")

    async def _commit_waiting(self) -> None:
        async with self._turn:
            waiting, self._waiting, self._is_called = self._waiting, [], False
            if self._due is not None:
                self._due.cancel()
                self._due = None
            if not waiting:
                return
            begun = time.perf_counter()
            try:
                outcomes = await self._lane.transact([work for work, _ in waiting])
            except (sqlite3.Error, ValueError) as error:  # the latter: the connection is closed
                outcomes = [error] * len(waiting)
            finally:
                self._wrote(time.perf_counter() - begun)
        for place, ((_, done), outcome) in enumerate(zip(waiting, outcomes, strict=True), start=1):
            _tell(done, outcome)
            if place % TOLD_AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _after_what_was_entrusted(self) -> None:
        if len(self._entrusted) > len(self._late):
            await asyncio.shield(spawn(self._commit_waiting(), name="commit"))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that nobody else writes beside; it is committed after the block.

        Raises:
            DatabaseError: another program holds the file, or the disk is full or failing.

        """
        try:
            await self._after_what_was_entrusted()
            async with self._turn:
                begun = time.perf_counter()
                try:
                    async with (
                        AsyncSession(self._writer, expire_on_commit=False) as session,
                        session.begin(),
                    ):
                        yield session
                finally:
                    self._wrote(time.perf_counter() - begun)
        except _ERRORS as error:
            self._translate(error)
            raise

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a view of one moment that cannot write.

        Raises:
            DatabaseError: the file cannot be read.

        """
        try:
            await self._after_what_was_entrusted()
            async with self._reader.session() as session:
                yield session
        except _ERRORS as error:
            _translate(error)
            raise

    async def checkpoint(self) -> None:
        """Move all changes into the file itself, so that no journal keeps what was deleted."""
        try:
            await self._after_what_was_entrusted()
            # Between its execution and its end no other transaction could be committed.
            async with self._turn, self._writer.connect() as connection:
                await connection.run_sync(_checkpoint)
        except _ERRORS as error:
            self._translate(error)
            raise

    @uninterrupted
    async def close(self) -> None:
        """Close all connections; the one that writes goes last and leaves one file behind.

        While the disk fails its journal stays as well: the next start goes on with both.
        """
        await self._reader.close()
        await self._after_what_was_entrusted()
        self._is_closed = True
        try:
            await self.checkpoint()
        except DatabaseError as error:
            log.warning("closed with the journal left behind: %s", error.__cause__)
        await self._writer.dispose()

    async def takes_writes(self) -> bool:
        """Tell whether what is written is kept; after a failure that is tried, once at a time."""
        if self._outage.lasts and not self._trying.locked() and self._outage.is_due():
            async with self._trying:
                await self._try_again()
        return not self._outage.lasts

    async def require_writes(self) -> None:
        """Let nobody ask, or pay, for what could not be kept; costs nothing in good times.

        Raises:
            Refused: writing failed, and still does.

        """
        if not await self.takes_writes():
            raise Refused("storage_failing", STORAGE_FAILING)

    async def _try_again(self) -> None:
        try:
            await asyncio.to_thread(self._outage.try_room)
            await self.transact(prove_soundness)
        except (OSError, sqlite3.Error, DatabaseError):
            return
        self._outage.end()

    def _translate(self, error: BaseException) -> None:
        """Translate what went wrong in writing, and remember if it is for longer."""
        try:
            _translate(error)
        except DatabaseError as translated:
            self._outage.note(translated)
            raise


@asynccontextmanager
async def open_database(url: str, wrote: OnWrite = lambda _: None) -> AsyncIterator[Database]:
    """Bring the file that `url` names to the newest schema, and open it; only one process may.

    Args:
        url: DATABASE_URL.
        wrote: is told of each transaction that writes how many seconds it took.

    Raises:
        DatabaseError: the file cannot be used, or is in use; its sentence says why, and what to do.

    """
    with sole_use(url):
        await asyncio.to_thread(bring_up, url)
        path = file_of(url)
        log.info("database: %s, SQLite %s", path, sqlite3.sqlite_version)
        writer = create_writer(path)
        async with writer.connect() as connection:
            lane = (await connection.get_raw_connection()).driver_connection
        database = Database(writer, Reader(path), cast("LaneConnection", lane), Outage(path), wrote)
        try:
            yield database
        finally:
            await database.close()


def _checkpoint(connection: Connection) -> None:
    # Past SQLAlchemy's own way, which begins a transaction: SQLite refuses it inside one.
    cursor = connection.connection.cursor()
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    cursor.close()


def _tell(waiting: asyncio.Future[Any], outcome: object) -> None:
    if waiting.cancelled():
        return
    if isinstance(outcome, Exception):
        waiting.set_exception(outcome)
    else:
        waiting.set_result(outcome)


def _translate(error: BaseException) -> None:
    """Raise what people are told of an error; nothing where it is a defect."""
    if not isinstance(error, _EXPECTED) and not is_outage(error):
        return
    log.warning("the database failed: %s", getattr(error, "orig", error))
    raise DatabaseError(
        "database_unavailable",
        Sentence(
            "My memory is out of order just now, so I stopped before anything got lost. "
            "Please try again in a minute."
        ),
    ) from error
