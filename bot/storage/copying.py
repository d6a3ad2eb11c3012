"""Copying a database file: consistent while others write, durable when it is done."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.storage.engines import LOCK_WAIT_S


def connect(path: Path, *, mode: str = "rw") -> sqlite3.Connection:
    """Open a database beside whoever else works with it; it must be there."""
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT_S)


def copy_database(path: Path, target: Path) -> None:
    """Copy one moment of a database into one private file; it appears whole or not at all.

    Raises:
        OSError: the file cannot be made.
        sqlite3.Error: the database cannot be read, or the copy cannot be written.

    """
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        unfinished.touch(mode=0o600)
        _copy(path, unfinished)
        _sync(unfinished)
        unfinished.replace(target)
        _sync(target.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _copy(path: Path, target: Path) -> None:
    with closing(connect(path, mode="ro")) as source, closing(connect(target)) as copy:
        source.backup(copy)
        # Else a mere look at the copy would leave two more files beside it.
        copy.execute("PRAGMA journal_mode=DELETE")


def _sync(path: Path) -> None:
    """Have a file, or the names in a folder, outlive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
