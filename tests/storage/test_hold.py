import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.errors import DatabaseError
from bot.storage.database import migrate, open_database, state_of
from bot.storage.hold import Held, hold, sole_use
from tests.conftest import url_of

ROOT = Path(__file__).parents[2]

HOLD_UNTIL_KILLED = """
import signal, sys
from bot.storage.hold import sole_use
with sole_use(sys.argv[1]):
    print("held", flush=True)
    signal.pause()
"""


def another_bot(url: str) -> subprocess.Popen[bytes]:
    """A process that has the database, once this returns."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD_UNTIL_KILLED, url], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


async def test_a_second_process_is_refused_with_the_first_ones_id_until_that_is_killed(
    database_file: Path,
) -> None:
    url = url_of(database_file)
    with another_bot(url) as other:
        with pytest.raises(DatabaseError, match=rf"\(process {other.pid}\)") as caught:
            async with open_database(url):
                raise AssertionError("both are in")
        assert caught.value.code == "database_in_use"
        with pytest.raises(DatabaseError, match="Stop it first"):
            migrate(url)
        other.send_signal(signal.SIGKILL)
    async with open_database(url):
        pass


def test_a_look_is_allowed_beside_a_running_bot(database_file: Path) -> None:
    with sole_use(url_of(database_file)):
        assert state_of(url_of(database_file)) == "current"


def test_a_database_that_is_refused_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    with sole_use(url_of(path)), pytest.raises(DatabaseError):
        migrate(url_of(path))
    assert not path.exists()


def test_the_same_file_by_another_name_is_the_same_file(
    database_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.db"
    link.symlink_to(database_file)
    with sole_use(url_of(database_file)), pytest.raises(DatabaseError), sole_use(url_of(link)):
        raise AssertionError("both are in")


def test_neighbours_in_one_folder_do_not_keep_each_other_out(tmp_path: Path) -> None:
    with sole_use(url_of(tmp_path / "a.db")), sole_use(url_of(tmp_path / "b.db")):
        pass


def test_a_process_that_is_started_meanwhile_does_not_keep_the_hold(tmp_path: Path) -> None:
    with hold(tmp_path / "lock"):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with hold(tmp_path / "lock"):
            pass
    finally:
        child.kill()
        child.wait()


def test_an_older_longer_id_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("12345678901234567890\n")
    with hold(tmp_path / "lock"), pytest.raises(Held) as caught, hold(tmp_path / "lock"):
        raise AssertionError("both are in")
    assert caught.value.process_id == str(os.getpid())


def test_a_full_disk_keeps_nobody_from_holding(tmp_path: Path) -> None:
    lock, before = tmp_path / "lock", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        with hold(lock), pytest.raises(Held) as caught, hold(lock):
            raise AssertionError("both are in")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.process_id is None
