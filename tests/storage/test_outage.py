"""A disk that is full or fails: nothing is promised meanwhile, and it heals by itself."""

import asyncio
import os
import random
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from pathlib import Path

import pytest

from bot.domain.reply import Usage
from bot.domain.usage import Spent, Waste
from bot.errors import DatabaseError, Refused
from bot.storage import outage
from bot.storage.database import Database, open_database
from bot.storage.inbox import InboxStore
from bot.storage.turns import TurnStore
from bot.storage.usage import UsageReader
from tests.conftest import url_of
from tests.storage.builders import NOW, question, turn


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "TRY_EVERY_S", 0)


@contextmanager
def disk_fails() -> Iterator[None]:
    """Have the system refuse every byte that this process would write into files."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def damage(path: Path) -> None:
    """Write over everything but the first page."""
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))


async def fail_to_write(database: Database) -> None:
    with pytest.raises(DatabaseError) as caught:
        await TurnStore(database).record(turn(text="in confidence"))
    assert caught.value.code == "database_unavailable"


async def test_after_a_failed_write_no_question_is_taken_until_writing_works_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = InboxStore(database)
    assert await inbox.accept(question(1), NOW)
    with disk_fails():
        await fail_to_write(database)
        for number in (2, 3):
            with pytest.raises(Refused, match="take no questions") as caught:
                await inbox.accept(question(number), NOW)
            assert caught.value.code == "storage_failing"
        assert not await database.takes_writes()
    assert await inbox.accept(question(4), NOW)
    assert await TurnStore(database).record(turn()) == 1
    messages = [record.getMessage() for record in caplog.records if record.name.endswith("outage")]
    assert len(messages) == 2
    assert "disk I/O error" in messages[0]
    assert "can be written again" in messages[1]
    assert "in confidence" not in caplog.text


async def test_what_is_paid_for_while_the_disk_fails_is_counted_once_it_is_back(
    database: Database,
) -> None:
    turns, asked, reader = TurnStore(database), question(1), UsageReader(database)
    await reader.read_on()
    with disk_fails():
        await turns.record_waste(asked, Waste(Usage(text_in=9), "gpt-audio-1.5"))
        spent = Spent(Usage(text_in=5), "gpt-audio-1.5")
        await turns.record_call(None, asked.room, asked.member, NOW, spent)
    counted = 0
    async with asyncio.timeout(20):
        while counted < 14:
            counted += (await reader.read_on()).usage.text_in
    assert counted == 14


async def test_a_failing_disk_is_not_tried_for_every_question(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with disk_fails():
        await fail_to_write(database)
        assert not await database.takes_writes()
    monkeypatch.setattr(outage, "TRY_EVERY_S", 3600)
    assert not await database.takes_writes()
    monkeypatch.setattr(outage, "TRY_EVERY_S", 0)
    assert await database.takes_writes()


async def test_however_many_ask_one_trial_is_made_at_a_time(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with disk_fails():
        await fail_to_write(database)
    states = await asyncio.gather(*(database.takes_writes() for _ in range(9)))
    assert states.count(True) == 1
    assert await database.takes_writes()
    assert caplog.text.count("can be written again") == 1


async def test_what_was_written_before_and_after_is_there_and_nothing_of_the_trials(
    database_file: Path,
) -> None:
    async with open_database(url_of(database_file)) as database:
        turns = TurnStore(database)
        assert await turns.record(turn(question_id=1)) == 1
        with disk_fails():
            await fail_to_write(database)
            assert not await database.takes_writes()
        assert await database.takes_writes()
        assert await turns.record(turn(question_id=2)) == 2
    async with open_database(url_of(database_file)) as database:
        assert [await TurnStore(database).of_message(n) for n in (1, 2)] == [1, 2]
    names = {path.name for path in database_file.parent.iterdir()}
    assert names == {"bot.db", "bot.db.lock"}


async def test_a_stop_on_a_failing_disk_ends_in_order_and_loses_nothing(
    database_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_database(url_of(database_file)) as database:
        assert await TurnStore(database).record(turn(question_id=1)) == 1
        await database.checkpoint()
        assert await TurnStore(database).record(turn(question_id=2)) == 2
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "journal left behind" in caplog.text
    async with open_database(url_of(database_file)) as database:
        assert await TurnStore(database).of_message(2) == 2


async def test_a_file_that_is_damaged_under_our_hands_is_no_defect_and_stays_closed(
    database: Database, database_file: Path
) -> None:
    await database.checkpoint()
    damage(database_file)
    await fail_to_write(database)
    assert not await database.takes_writes()
    with pytest.raises(Refused):
        await InboxStore(database).accept(question(), NOW)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root mounts disks")
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("disks cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


async def test_a_disk_that_is_full_pauses_and_room_on_it_heals(
    small_disk: Path, migrated_file: Path
) -> None:
    path = Path(shutil.copy(migrated_file, small_disk / "bot.db"))
    async with open_database(url_of(path)) as database:
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(room_on(small_disk) - 60_000))
        with pytest.raises(DatabaseError):
            await TurnStore(database).record(turn(text="x" * 200_000))
        assert await TurnStore(database).record(turn(text="small")) == 1
        with pytest.raises(Refused):
            await InboxStore(database).accept(question(), NOW)
        ballast.unlink()
        assert await InboxStore(database).accept(question(), NOW)
        assert await TurnStore(database).record(turn(text="x" * 200_000)) == 2


def room_on(disk: Path) -> int:
    return shutil.disk_usage(disk).free


async def test_what_was_confirmed_amid_failures_is_stored_and_the_file_is_sound(
    database: Database, database_file: Path
) -> None:
    dice, turns, confirmed = random.Random(4), TurnStore(database), set[int]()
    for number in range(200):
        with disk_fails() if dice.random() < 0.3 else nullcontext(), suppress(DatabaseError):
            await turns.record(turn(question_id=number))
            confirmed.add(number)
    with closing(sqlite3.connect(database_file)) as file:
        stored = {row[0] for row in file.execute("SELECT question_id FROM turns")}
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert confirmed <= stored
    assert 100 < len(confirmed) < 200
