"""Which drives a database may be on."""

import sys
from pathlib import Path

import pytest

from bot.errors import DatabaseError
from bot.storage import volumes
from bot.storage.hold import sole_use
from bot.storage.schema import state_of

LINES = """\
22 1 252:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
31 22 0:26 / /srv rw - nfs4 server:/export rw,vers=4.2
32 31 0:27 / /srv/local rw - ext4 /dev/vdb rw
33 22 0:28 / /mnt/my\\040share rw,nosuid shared:3 - cifs //nas/share rw
34 22 0:29 / /twice rw - nfs server:/old rw
35 34 252:2 / /twice rw - xfs /dev/vdc rw
36 22 0:30 / /hidden/below rw - nfs server:/old rw
37 22 252:3 / /hidden rw - xfs /dev/vdd rw
a line of another shape
"""


@pytest.fixture(autouse=True)
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "mountinfo"
    path.write_text(LINES)
    monkeypatch.setattr(volumes, "MOUNTS", path)
    return path


@pytest.mark.parametrize(
    ("path", "kind"), [("/srv/bot.db", "nfs4"), ("/mnt/my share/data/bot.db", "cifs")]
)
def test_a_database_on_another_machine_is_refused_in_a_sentence(path: str, kind: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        volumes.require_local(Path(path))
    assert caught.value.code == "database_elsewhere"
    assert path in caught.value.sentence
    assert f"({kind})" in caught.value.sentence


@pytest.mark.parametrize(
    "path",
    [
        "/bot.db",
        "/srv/local/bot.db",
        "/srvother/bot.db",
        "/twice/bot.db",
        "/mnt/my/bot.db",
        "/hidden/below/bot.db",
    ],
)
def test_a_local_one_is_taken(path: str) -> None:
    volumes.require_local(Path(path))


def test_where_nothing_is_known_of_mounts_everything_is_taken(mounts: Path) -> None:
    mounts.unlink()
    volumes.require_local(Path("/srv/bot.db"))


def test_nothing_is_made_there_not_even_the_lock(mounts: Path, tmp_path: Path) -> None:
    mounts.write_text(f"31 22 0:26 / {tmp_path} rw - nfs server:/export rw\n")
    database = tmp_path / "data" / "bot.db"
    with (
        pytest.raises(DatabaseError, match="network drive"),
        sole_use(f"sqlite+aiosqlite:///{database}"),
    ):
        pytest.fail("it was opened")
    with pytest.raises(DatabaseError, match="network drive"):
        state_of(f"sqlite+aiosqlite:///{database}")
    assert not database.parent.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_what_this_machine_tells_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert volumes.MOUNTS.exists()
    volumes.require_local(Path(__file__))
