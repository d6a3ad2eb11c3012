"""One process at a time: locks on files, which the system takes back however a process ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bot.errors import DatabaseError
from bot.storage.engines import file_of, unusable
from bot.storage.volumes import require_local


class Held(Exception):
    """Another process has the lock.

    Attributes:
        process_id: which one, as it sees itself; None when it did not say.

    """

    def __init__(self, process_id: str | None) -> None:
        super().__init__(f"held by process {process_id}")
        self.process_id = process_id


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Keep other processes out while the block runs; the file itself stays.

    Raises:
        Held: another one is in.
        OSError: the file cannot be made, or its file system knows no locks.

    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(lock)
        yield
    finally:
        os.close(lock)


@contextmanager
def sole_use(url: str) -> Iterator[None]:
    """Keep other processes from working with the database that `url` names.

    The lock is on a file beside it: SQLite loses its own ones when any handle on the database is
    closed (https://www.sqlite.org/howtocorrupt.html, 2.2).

    Raises:
        DatabaseError: another one does, or the folder cannot be used, or is another machine's.

    """
    path = file_of(url)
    require_local(path)
    with ExitStack() as stack:
        try:
            stack.enter_context(hold(_lock_beside(path.resolve())))
        except Held as error:
            raise _in_use(path, error) from None
        except OSError as error:
            raise unusable(path, error) from error
        yield


def _lock_beside(path: Path) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path.with_name(f"{path.name}.lock")


def _take(lock: int) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Held(os.pread(lock, 32, 0).decode("ascii", "replace").strip() or None) from None
    with suppress(OSError):  # a full disk: then nobody can be told who we are
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)


def _in_use(path: Path, error: Held) -> DatabaseError:
    who = f" (process {error.process_id})" if error.process_id else ""
    return DatabaseError(
        "database_in_use",
        f"Another bot{who} works with the database {path}. Stop it first, or name another file in "
        "DATABASE_URL.",
    )
