import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.rooms import Place, Scope
from bot.errors import DatabaseError
from bot.storage.backup import back_up
from bot.storage.changes import ChangeStore
from bot.storage.database import Database, migrate, open_database
from bot.storage.turns import TurnStore
from tests.conftest import url_of
from tests.storage.builders import NOW, turn


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


async def test_what_the_open_database_holds_is_in_the_copy_and_counted(
    database: Database, database_file: Path, tmp_path: Path
) -> None:
    await TurnStore(database).record(turn(text="Is it there?"))
    await ChangeStore(database).change(Place(Scope.CHANNEL, 10, 1), "voice", "ash", 7, NOW)
    target = tmp_path / "copies.db"
    backup = await asyncio.to_thread(back_up, url_of(database_file), target)
    assert rows(target, "SELECT text FROM turns") == [("Is it there?",)]
    assert backup.rows == {"turns": 1, "clips": 0, "room_settings": 1, "personas": 0}
    assert backup.size_bytes == target.stat().st_size
    assert str(backup).startswith(f"{target}: 0.")
    assert "turns: 1, clips: 0, room settings: 1, personas: 0" in str(backup)


async def test_a_copy_is_one_file_for_its_owner_alone_and_becomes_a_database_again(
    database: Database, database_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "copies" / "monday.db"
    target.parent.mkdir()
    await asyncio.to_thread(back_up, url_of(database_file), target)
    assert rows(target, "PRAGMA integrity_check") == [("ok",)]
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(target.parent.iterdir()) == [target]
    async with open_database(url_of(target)) as copy:
        assert await TurnStore(copy).record(turn()) == 1


async def test_a_copy_made_amid_writing_is_one_moment(
    database: Database, database_file: Path, tmp_path: Path
) -> None:
    def write_a_pair(connection: sqlite3.Connection) -> None:
        for _ in range(2):
            connection.execute("INSERT INTO keys VALUES (hex(randomblob(8)), zeroblob(20000))")

    async def keep_writing() -> None:
        while True:
            await database.transact(write_a_pair)

    writing = asyncio.ensure_future(keep_writing())  # noqa: TID251
    try:
        counts = []
        for number in range(5):
            target = tmp_path / f"{number}.db"
            await asyncio.to_thread(back_up, url_of(database_file), target)
            counts += rows(target, "SELECT count(*) FROM keys")
            assert rows(target, "PRAGMA quick_check") == [("ok",)]
    finally:
        writing.cancel()
        await asyncio.wait([writing])
    assert all(int(str(count)) % 2 == 0 for (count,) in counts)
    assert len(set(counts)) > 1


def test_without_a_name_it_is_made_beside_the_database(database_file: Path) -> None:
    backup = back_up(url_of(database_file))
    assert backup.path.parent == database_file.parent
    assert backup.path.name.startswith("bot-20")
    assert backup.path.exists()


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_nothing_is_overwritten(database_file: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "there.db"
    if kind == "file":
        target.write_text("precious")
    else:
        target.symlink_to(tmp_path / "nowhere")
    with pytest.raises(DatabaseError, match="overwrites nothing"):
        back_up(url_of(database_file), target)
    assert target.is_symlink() or target.read_text() == "precious"


def test_there_is_nothing_to_copy_before_the_first_start(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="There is no database"):
        back_up(url_of(tmp_path / "bot.db"), tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_database_is_not_copied(database_file: Path, tmp_path: Path) -> None:
    damaged = bytearray(database_file.read_bytes())
    damaged[8192:12288] = b"\xff" * 4096
    database_file.write_bytes(damaged)
    with pytest.raises(DatabaseError, match="damaged"):
        back_up(url_of(database_file), tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


def test_a_folder_that_is_not_there_is_named_with_the_reason(
    database_file: Path, tmp_path: Path
) -> None:
    with pytest.raises(DatabaseError, match=r"nowhere/copy.db cannot be made: No such file"):
        back_up(url_of(database_file), tmp_path / "nowhere" / "copy.db")


def test_a_database_of_the_first_version_is_copied_too(database_file: Path) -> None:
    with closing(sqlite3.connect(database_file)) as database, database:
        database.execute("DROP TABLE personas")
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    assert "personas" not in back_up(url_of(database_file)).rows


def test_what_a_kill_left_of_an_earlier_copy_is_in_nobodys_way(
    database_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "copy.db.part").write_bytes(os.urandom(5000))
    back_up(url_of(database_file), tmp_path / "copy.db")
    assert rows(tmp_path / "copy.db", "PRAGMA quick_check") == [("ok",)]
    assert not (tmp_path / "copy.db.part").exists()
    migrate(url_of(tmp_path / "copy.db"))
