"""What is done at every answer, done cheaply: whole transactions in one change of threads."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import aiosqlite
from sqlalchemy import Executable
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.sql.compiler import SQLCompiler

Work = Callable[[sqlite3.Connection], Any]
"""What a transaction does; it is done anew when it was rolled back for the sake of another."""

_DIALECT = SQLiteDialect_pysqlite(paramstyle="named")


class Prepared:
    """A statement of SQLAlchemy's, put into SQL once: doing that each time costs more than the run.

    Rows come as SQLite gives them, so times must not be among what it selects or returns.
    """

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        """Put it into SQL; of an insert with values of its own, name the other columns."""
        compiled = cast(
            "SQLCompiler",
            statement.compile(dialect=_DIALECT, column_keys=columns),  # type: ignore[attr-defined]
        )
        self.sql = str(compiled)
        self._defaults = {
            name: None if bound.required else bound.value
            for bound, name in compiled.bind_names.items()
        }
        types = (
            (name, bound.type.dialect_impl(_DIALECT)) for bound, name in compiled.bind_names.items()
        )
        writers = ((name, type_.bind_processor(_DIALECT)) for name, type_ in types)
        self._writers = [(name, write) for name, write in writers if write is not None]

    def rows(self, connection: sqlite3.Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run it; what `values` does not name is NULL."""
        bound = {**self._defaults, **values}
        for name, write in self._writers:
            bound[name] = write(bound[name])
        return connection.execute(self.sql, bound).fetchall()

    def value(self, connection: sqlite3.Connection, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Run it and give the first value of the first row; None when there is no row."""
        rows = self.rows(connection, values)
        return rows[0][0] if rows else None


class LaneConnection(aiosqlite.Connection):
    """SQLite in a thread of its own, by single statements or by whole transactions."""

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        super().__init__(partial(sqlite3.connect, path, timeout=timeout_s), iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy does: a connection nobody closed stops no exit

    async def transact(self, works: Sequence[Work]) -> list[Any]:
        """Commit all of them together; if that fails for one, each is committed or fails alone.

        Returns:
            For each, in order, what it returned or the exception it raised.

        Raises:
            ValueError: the connection is closed.

        """
        outcomes: list[Any] = await self._execute(self._transact, works)  # type: ignore[no-untyped-call]
        return outcomes

    def _transact(self, works: Sequence[Work]) -> list[Any]:
        connection = self._conn
        try:
            connection.execute("BEGIN IMMEDIATE")
            outcomes = [work(connection) for work in works]
            connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if len(works) == 1 or isinstance(error, sqlite3.OperationalError):
                return [error] * len(works)  # locked, full or failing: for all of them
            return [outcome for work in works for outcome in self._transact([work])]
        return outcomes
