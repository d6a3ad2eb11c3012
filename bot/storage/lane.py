"""A connection whose thread is given whole transactions: one change of threads instead of ten."""

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import Connection, Engine, StaticPool, create_engine
from sqlalchemy.exc import OperationalError

Work = Callable[[Connection], Any]
"""What a transaction does; it is done anew when it was rolled back for the sake of another."""


class LaneConnection(aiosqlite.Connection):
    """SQLite in a thread of its own, by single statements or by whole transactions."""

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        super().__init__(partial(sqlite3.connect, path, timeout=timeout_s), iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy does: a connection nobody closed stops no exit
        # SQLAlchemy's face of the same connection, for its thread only. It is never disposed of:
        # the connection has an owner who closes it.
        self.engine: Engine = create_engine(
            "sqlite://", creator=lambda: self._conn, poolclass=StaticPool, hide_parameters=True
        )

    async def transact(self, works: Sequence[Work]) -> list[Any]:
        """Commit all of them together; if that fails for one, each is committed or fails alone.

        Returns:
            For each, in order, what it returned or the exception it raised.

        """
        outcomes: list[Any] = await self._execute(self._transact, works)  # type: ignore[no-untyped-call]
        return outcomes

    def _transact(self, works: Sequence[Work]) -> list[Any]:
        try:
            with self.engine.begin() as connection:
                return [work(connection) for work in works]
        except (OperationalError, sqlite3.OperationalError) as error:
            return [error] * len(works)  # locked, full or failing: for all of them
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            if len(works) == 1:
                return [error]
        return [outcome for work in works for outcome in self._transact([work])]
