"""Copies of the database, made while it is in use: each is one moment of it, in one file."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import DatabaseError
from bot.storage.copying import connect, copy_database
from bot.storage.engines import file_of
from bot.storage.schema import state_of

COUNTED = ("turns", "clips", "room_settings", "personas")
"""The tables whose rows tell a person whether a backup holds what it should."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup.

    Attributes:
        rows: how many there are in each table of `COUNTED`.

    """

    path: Path
    size_bytes: int
    rows: dict[str, int]

    def __str__(self) -> str:
        """Say it in a line."""
        counts = ", ".join(
            f"{name.replace('_', ' ')}: {count}" for name, count in self.rows.items()
        )
        return f"{self.path}: {self.size_bytes / 10**6:.2f} MB; {counts}"


def back_up(url: str, target: Path | None = None) -> Backup:
    """Copy the database that `url` names, also beside a running bot; nothing is overwritten.

    Args:
        url: DATABASE_URL.
        target: the file to make; None for one beside the database, named by the time.

    Raises:
        DatabaseError: there is no sound database, or the file is there or cannot be made.

    """
    path = file_of(url)
    target = target or path.with_name(f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db")
    if os.path.lexists(target):
        raise DatabaseError(
            "backup_exists", f"{target} is there already, and a backup overwrites nothing."
        )
    if state_of(url) == "missing":
        raise DatabaseError("database_missing", f"There is no database {path} to back up.")
    try:
        copy_database(path, target)
        return Backup(target, target.stat().st_size, _count(target))
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DatabaseError(
            "backup_failed",
            f"The backup {target} cannot be made: {reason}. "
            "Check the rights of the folder, and the space left on the disk.",
        ) from error


def _count(path: Path) -> dict[str, int]:
    """Count rows; a database of an older version may lack some tables."""
    with closing(connect(path, mode="ro")) as copy:
        there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        return {
            name: copy.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for name in COUNTED
            if name in there
        }
