"""How SQLite is opened: one connection that writes, a few that only read."""

import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.errors import DatabaseError
from bot.storage.lane import LaneConnection

LOCK_WAIT_S = 5
"""How long to wait for another program that holds the file."""

READERS = 4

# https://www.sqlite.org/pragma.html
_ALWAYS = {
    "foreign_keys": "ON",  # off by default, on every connection anew
    "trusted_schema": "OFF",
    "cell_size_check": "ON",
    "mmap_size": "0",
}
WRITER_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",  # NORMAL may lose the last commits when the power fails
    "wal_autocheckpoint": "1000",
    "journal_size_limit": str(64 * 2**20),
    "secure_delete": "ON",  # what members want deleted is overwritten, not just unlinked
    **_ALWAYS,
}
READER_PRAGMAS = {
    "query_only": "ON",
    "wal_autocheckpoint": "0",  # SQLite before 3.51.3: only one connection may checkpoint
    **_ALWAYS,
}


def file_of(url: str) -> Path:
    """Read the path of the database file out of DATABASE_URL.

    Raises:
        DatabaseError: it does not name a SQLite file.

    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    name = (parsed.database or "") if parsed else ""
    dialect = parsed.get_backend_name() if parsed else ""
    if dialect != "sqlite" or name in ("", ":memory:") or name.startswith("file:"):
        raise DatabaseError(
            "database_url",
            "DATABASE_URL must name a file, as in sqlite+aiosqlite:///data/bot.db "
            "(three slashes, then the path).",
        )
    return Path(name)


def unusable(path: Path, error: OSError | sqlite3.Error | OperationalError) -> DatabaseError:
    """Say why a database cannot be opened, and where to look."""
    return DatabaseError(
        "database_unusable",
        f"The database {path} cannot be opened: {_reason(error)}. "
        "Check DATABASE_URL, the rights of the folder, and the space left on the disk.",
    )


def _reason(error: OSError | sqlite3.Error | OperationalError) -> str:
    if isinstance(error, OSError):
        return error.strerror or "unknown"
    return str(error.orig if isinstance(error, OperationalError) else error)


def create_writer(path: Path) -> AsyncEngine:
    """Create the engine of the one connection that writes; its transactions lock at BEGIN."""

    async def connect() -> LaneConnection:
        lane = LaneConnection(path, timeout_s=LOCK_WAIT_S)
        await lane
        return lane

    engine = _create(path, pool_size=1, async_creator=connect)
    _prepare(engine.sync_engine, WRITER_PRAGMAS, begin="BEGIN IMMEDIATE")
    return engine


def create_reader(path: Path) -> AsyncEngine:
    """Create the engine of the connections that cannot write."""
    engine = _create(path, pool_size=READERS)
    _prepare(engine.sync_engine, READER_PRAGMAS, begin="BEGIN")
    return engine


def create_migrator(path: Path) -> Engine:
    """Create the engine for changes of the schema.

    Foreign keys are off: SQLite changes a column by copying its table, and dropping the old one
    would delete what refers to it. They cannot be switched off inside a transaction.
    """
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": LOCK_WAIT_S}
    )
    _prepare(engine, {**WRITER_PRAGMAS, "foreign_keys": "OFF"}, begin="BEGIN IMMEDIATE")
    return engine


def _create(
    path: Path,
    *,
    pool_size: int,
    async_creator: Callable[[], Awaitable[Any]] | None = None,
) -> AsyncEngine:
    return create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(path)),
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"timeout": LOCK_WAIT_S},
        async_creator=async_creator,
    )


def _prepare(engine: Engine, pragmas: dict[str, str], *, begin: str) -> None:
    """Take transactions into our own hands, and set the pragmas of each new connection.

    By default Python's sqlite3 opens a transaction only before INSERT, UPDATE and DELETE: what is
    read before is read outside of it, and changes of the schema are never rolled back.
    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#enabling-non-legacy-sqlite-transactional-modes
    """

    def connected(connection: DBAPIConnection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        connection.isolation_level = None
        cursor = connection.cursor()
        for name, value in pragmas.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    def began(connection: Connection) -> None:
        # Past SQLAlchemy's own way of executing, which costs more than a small statement.
        cursor = connection.connection.cursor()
        cursor.execute(begin)
        cursor.close()

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", began)
