"""Whether the disk takes what is written: failures tell, and while it does not, trying."""

import logging
import os
import sqlite3
import time
from pathlib import Path

log = logging.getLogger(__name__)

ROOM_BYTES = 4 * 2**20
"""What must fit onto the disk before questions are taken again: an answer and its recordings."""

TRY_EVERY_S = 1.0

_SIGNS = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
    }
)
"""What stays until somebody mends it; a file that another program holds is not among it."""


class Outage:
    """Remembers that writing failed, until it was seen to work."""

    def __init__(self, path: Path) -> None:
        self._spare = path.with_name(f"{path.name}.room")
        self._reason: str | None = None
        self._tried_at = 0.0

    @property
    def lasts(self) -> bool:
        """Tell whether the last that is known is a failure."""
        return self._reason is not None

    def note(self, error: BaseException) -> None:
        """Remember a failure that is one of the disk, and log it if it is the first."""
        if (cause := _sign_in(error)) is None:
            return
        if self._reason is None:
            log.error("the database cannot be written (%s): no questions are taken", cause)
        self._reason = str(cause)

    def is_due(self) -> bool:
        """Tell whether it is time to try again; true once, then not for a moment."""
        now = time.monotonic()
        if now - self._tried_at < TRY_EVERY_S:
            return False
        self._tried_at = now
        return True

    def try_room(self) -> None:
        """Write as much as an answer may take, and take it back.

        Raises:
            OSError: it does not fit, or the disk fails.

        """
        try:
            with self._spare.open("wb") as spare:
                spare.write(bytes(ROOM_BYTES))
                spare.flush()
                os.fsync(spare.fileno())
        finally:
            self._spare.unlink(missing_ok=True)

    def end(self) -> None:
        """Forget the failure: writing works."""
        log.warning("the database can be written again: questions are taken")
        self._reason = None


def is_outage(error: BaseException) -> bool:
    """Tell whether an error of SQLite's is one of the disk or the file."""
    return _sign_in(error) is not None


def prove_soundness(connection: sqlite3.Connection) -> None:
    """Read the whole file and write a page of it.

    Raises:
        sqlite3.Error: it cannot be read or written, or what is in it is damaged.

    """
    if (problem := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise sqlite3.DatabaseError(problem)
    [version] = connection.execute("PRAGMA user_version").fetchone()
    connection.execute(f"PRAGMA user_version = {version}")


def _sign_in(error: BaseException | None) -> sqlite3.Error | None:
    """Find the error of SQLite's below others that says so."""
    while error is not None:
        code = getattr(error, "sqlite_errorcode", 0)
        if isinstance(error, sqlite3.Error) and code & 0xFF in _SIGNS:
            return error
        error = error.__cause__
    return None
