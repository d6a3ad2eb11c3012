import asyncio
import inspect
import random
import re
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import Pool, event, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.rooms import Place, Scope
from bot.errors import DatabaseError
from bot.storage import engines
from bot.storage.changes import ChangeStore
from bot.storage.database import TOLD_AT_ONCE, Database, open_database
from bot.storage.gone_places import GonePlaceStore
from bot.storage.inbox import InboxStore
from bot.storage.keys import KeyStore
from bot.storage.outbox import OutboxStore
from bot.storage.personas import PersonaStore
from bot.storage.rooms import RoomStore
from bot.storage.tables import NoticeRow
from bot.storage.turns import TurnStore
from bot.storage.untold import UntoldStore
from bot.tasks import spawn
from tests.conftest import url_of
from tests.storage.builders import NOW, lane_of, question, turn

CHANNEL = Place(Scope.CHANNEL, 10, 1)


def foreign(path: Path) -> sqlite3.Connection:
    """Another program at the same file; it never waits."""
    return sqlite3.connect(path, timeout=0, isolation_level=None)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def open_to_all(path: Path) -> None:
    path.chmod(0o644)


def notice() -> NoticeRow:
    return NoticeRow(room_id=1, notice="x", said_at=NOW)


async def pragma(session: AsyncSession, name: str) -> object:
    return (await session.execute(text(f"PRAGMA {name}"))).scalar()


async def count_notices(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(NoticeRow)) or 0


async def test_the_connection_that_writes_is_safe_against_power_loss_and_leaves_no_traces(
    database: Database,
) -> None:
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 5000,
        "foreign_keys": 1,
        "wal_autocheckpoint": 1000,
        "journal_size_limit": 64 * 2**20,
        "secure_delete": 1,
        "trusted_schema": 0,
        "cell_size_check": 1,
        "mmap_size": 0,
        "query_only": 0,
    }
    async with database.writing() as session:
        assert {name: await pragma(session, name) for name in expected} == expected


async def test_the_connections_that_read_cannot_write_nor_checkpoint(database: Database) -> None:
    async with database.reading() as session:
        assert await pragma(session, "query_only") == 1
        assert await pragma(session, "wal_autocheckpoint") == 0

    async def write_while_reading() -> None:
        async with database.reading() as session:
            session.add(notice())
            await session.flush()

    with pytest.raises(DatabaseError) as caught:
        await write_while_reading()
    assert caught.value.code == "database_unavailable"
    assert await count_notices(database) == 0


async def test_only_the_owner_can_read_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "bot.db"
    async with open_database(url_of(path)) as database:
        await InboxStore(database).accept(question(), NOW)
        files = sorted(path.parent.iterdir())
        assert [file.name for file in files] == [
            "bot.db",
            "bot.db-shm",
            "bot.db-wal",
            "bot.db.lock",
        ]
        assert {mode_of(file) for file in files} == {0o600}
        assert mode_of(path.parent) == 0o700


async def test_a_file_that_others_could_read_is_closed_to_them(database_file: Path) -> None:
    open_to_all(database_file)
    async with open_database(url_of(database_file)):
        assert mode_of(database_file) == 0o600


async def test_closing_leaves_one_file_and_the_lock(database_file: Path) -> None:
    async with open_database(url_of(database_file)) as database:
        await InboxStore(database).accept(question(), NOW)
    left = {file.name for file in database_file.parent.iterdir()}
    assert left == {"bot.db", "bot.db.lock"}


async def test_everything_is_there_again_after_a_restart(database_file: Path) -> None:
    async with open_database(url_of(database_file)) as database:
        await InboxStore(database).accept(question(), NOW)
        turn_id = await TurnStore(database).record(turn(question_id=100))
        await ChangeStore(database).change(CHANNEL, "voice", "ash", 7, NOW)
    async with open_database(url_of(database_file)) as database:
        assert await InboxStore(database).claim(100, NOW) == question()
        assert await TurnStore(database).of_message(100) == turn_id
        assert await RoomStore(database).settings_of(CHANNEL) == {"voice": "ash"}


async def test_a_block_that_fails_changes_nothing(database: Database) -> None:
    async def fail_halfway() -> None:
        async with database.writing() as session:
            session.add(notice())
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_halfway()
    assert await count_notices(database) == 0


async def test_what_is_read_and_then_written_is_not_lost_when_many_do_it(
    database: Database,
) -> None:
    async with database.writing() as session:
        session.add(NoticeRow(room_id=0, notice="counter", said_at=NOW))

    async def count_up() -> None:
        for _ in range(25):
            async with database.writing() as session:
                row = await session.get_one(NoticeRow, (0, "counter"))
                row.said_at = row.said_at.replace(microsecond=row.said_at.microsecond + 1)

    await asyncio.gather(*(count_up() for _ in range(8)))
    async with database.reading() as session:
        row = await session.get_one(NoticeRow, (0, "counter"))
        assert row.said_at.microsecond == 200


async def test_all_writers_share_the_connection_that_was_opened_first(database: Database) -> None:
    opened: list[object] = []

    def note(connection: object, _record: object) -> None:
        opened.append(connection)

    event.listen(Pool, "connect", note)
    try:
        rooms = RoomStore(database)
        await asyncio.gather(*(rooms.say_once(number, "x", NOW) for number in range(10)))
        await lane_of(database)
    finally:
        event.remove(Pool, "connect", note)
    assert opened == []


async def test_reading_goes_on_while_somebody_writes(database: Database) -> None:
    async with database.writing() as session:
        session.add(notice())
        await session.flush()
        assert await count_notices(database) == 0
    assert await count_notices(database) == 1


async def test_in_a_throng_nobody_who_waits_to_read_is_passed_by_those_who_came_later(
    database: Database,
) -> None:
    asked, passed = iter(range(10_000)), list[int]()
    waiting = set[int]()

    async def read() -> None:
        for _ in range(20):
            place = next(asked)
            waiting.add(place)
            await count_notices(database)
            waiting.remove(place)
            passed.append(sum(other < place for other in waiting))

    await asyncio.gather(*(read() for _ in range(20)))
    assert max(passed) < engines.READERS  # those who read beside it


async def test_a_cancelled_writer_leaves_no_lock_behind(
    database: Database, database_file: Path
) -> None:
    rooms = RoomStore(database)
    with closing(foreign(database_file)) as other:
        for ticks in range(120):
            writer = asyncio.ensure_future(rooms.say_once(ticks, "x", NOW))  # noqa: TID251
            for _ in range(ticks):
                await asyncio.sleep(0)
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")


async def test_a_storm_of_cancellations_loses_nothing_that_was_confirmed(
    database: Database, database_file: Path
) -> None:
    dice = random.Random(4)
    rooms = RoomStore(database)
    confirmed: set[int] = set()

    async def write(number: int) -> None:
        if await rooms.say_once(number, "x", NOW):
            confirmed.add(number)

    for start in range(0, 400, 20):
        writers = [asyncio.ensure_future(write(start + n)) for n in range(20)]  # noqa: TID251
        for writer in dice.sample(writers, 12):
            for _ in range(dice.randrange(60)):
                await asyncio.sleep(0)
            writer.cancel()
            writer.cancel()
        ended = await asyncio.gather(*writers, return_exceptions=True)
        assert all(e is None or isinstance(e, asyncio.CancelledError) for e in ended)
    async with database.reading() as session:
        stored = set(await session.scalars(select(NoticeRow.room_id)))
    assert confirmed <= stored
    assert len(confirmed) >= 160
    assert await rooms.say_once(1000, "x", NOW)
    with closing(foreign(database_file)) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize(
    "store",
    [
        InboxStore, TurnStore, OutboxStore, UntoldStore, RoomStore, ChangeStore, PersonaStore,
        GonePlaceStore, KeyStore,
    ],
)  # fmt: skip
def test_every_method_of_the_stores_that_opens_a_session_runs_to_its_end(store: type) -> None:
    methods = {n: m for n, m in vars(store).items() if inspect.iscoroutinefunction(m)}
    source = {name: inspect.getsource(inspect.unwrap(method)) for name, method in methods.items()}
    at_once = re.compile(r"database\.(transact|persist|entrust)\b")
    opens = {
        name for name in methods if not name.startswith("_") and not at_once.search(source[name])
    }
    assert opens
    assert {name for name in opens if inspect.unwrap(methods[name]) is methods[name]} == set()


async def test_what_was_under_way_is_kept_although_its_caller_is_cancelled(
    database: Database,
) -> None:
    inbox = InboxStore(database)
    for ticks in range(12):
        accepting = asyncio.ensure_future(inbox.accept(question(ticks), NOW))  # noqa: TID251
        for _ in range(ticks):
            await asyncio.sleep(0)
        accepting.cancel()
        with suppress(asyncio.CancelledError):
            await accepting
        kept = await inbox.claim(ticks, NOW)
        assert kept == (question(ticks) if ticks else None)


async def test_what_waits_together_is_committed_together(database: Database) -> None:
    inbox = InboxStore(database)
    statements: list[str] = []
    await (await lane_of(database)).set_trace_callback(statements.append)
    added = await asyncio.gather(*(inbox.accept(question(n // 2), NOW) for n in range(20)))
    assert added == [True, False] * 10
    assert statements.count("COMMIT") == 1


async def test_a_closed_database_fails_at_once_instead_of_waiting(database_file: Path) -> None:
    async with open_database(url_of(database_file)) as database:
        inbox = InboxStore(database)
    with pytest.raises(ValueError, match="Connection closed"):
        await inbox.accept(question(), NOW)


async def test_closing_waits_for_what_is_being_read_and_leaves_no_connection_open(
    database_file: Path,
) -> None:
    async with open_database(url_of(database_file)) as database:
        inbox = InboxStore(database)
        reading = [spawn(inbox.state(n), name="read") for n in range(8)]
        await asyncio.sleep(0)
    assert [await each for each in reading] == [None] * 8
    with pytest.raises(ValueError, match="closed"):
        await inbox.state(1)


def note(connection: sqlite3.Connection) -> str:
    connection.execute("INSERT INTO notices VALUES (1, 'x', '2026-01-01 00:00:00.000000')")
    return "noted"


def notices_in(path: Path) -> int:
    """Count what another program sees."""
    with closing(sqlite3.connect(path)) as connection:
        [count] = connection.execute("SELECT count(*) FROM notices").fetchone()
    return int(count)


async def until(comes_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not comes_true():  # noqa: ASYNC110 - a file sets no event
            await asyncio.sleep(0.05)


async def test_what_is_entrusted_waits_for_company_and_is_committed_before_it(
    database: Database, database_file: Path
) -> None:
    statements: list[str] = []
    await (await lane_of(database)).set_trace_callback(statements.append)
    told: list[str] = []
    await database.entrust(note, told.append)
    await asyncio.sleep(0.1)
    assert (told, notices_in(database_file)) == ([], 0)
    assert await InboxStore(database).accept(question(), NOW)
    assert (told, notices_in(database_file)) == (["noted"], 1)
    steps = [each.split()[0] for each in statements]
    assert steps == ["BEGIN", "INSERT", "INSERT", "COMMIT"]
    assert "notices" in statements[1]


async def test_what_is_entrusted_does_not_wait_for_company_for_long(
    database: Database, database_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.database.COMPANY_WITHIN_S", 0.2)
    for _ in range(2):
        await database.entrust(lambda c: c.execute("DELETE FROM notices"))
        await database.entrust(note)
        await until(lambda: notices_in(database_file) == 1)
        await database.transact(lambda c: c.execute("DELETE FROM notices"))


async def test_whoever_reads_or_writes_comes_after_what_is_entrusted(database: Database) -> None:
    await database.entrust(note)
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(NoticeRow)) == 1
    await database.entrust(lambda c: c.execute("UPDATE notices SET notice = 'y'"))
    async with database.writing() as session:
        assert await session.scalar(select(NoticeRow.notice)) == "y"
    await database.entrust(lambda c: c.execute("UPDATE notices SET notice = 'z'"))
    assert await database.transact(
        lambda c: c.execute("SELECT notice FROM notices").fetchall()
    ) == [("z",)]


async def test_who_reads_waits_for_what_is_just_being_committed(database: Database) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def held_up(connection: sqlite3.Connection) -> None:
        begun.set()
        assert may_end.wait(20)
        note(connection)

    async def count() -> int | None:
        async with database.reading() as session:
            return await session.scalar(select(func.count()).select_from(NoticeRow))

    await database.entrust(held_up)
    company = spawn(InboxStore(database).accept(question(), NOW), name="company")
    await until(begun.is_set)
    counting = spawn(count(), name="reader")
    await asyncio.sleep(0.1)
    assert not counting.done()
    may_end.set()
    assert await counting == 1
    assert await company


async def test_a_database_that_is_closed_has_kept_what_it_was_entrusted_with(
    database_file: Path,
) -> None:
    async with open_database(url_of(database_file)) as database:
        await database.entrust(note)
    assert notices_in(database_file) == 1


async def test_what_is_entrusted_outlasts_a_failing_disk_in_its_order(
    database: Database, database_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_twice(connection: sqlite3.Connection) -> str:
        if len(failed) < 2:
            failed.append(True)
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        return note(connection)

    def step(name: str) -> Callable[[sqlite3.Connection], object]:
        return lambda c: c.execute("UPDATE notices SET notice = notice || ?", (name,))

    failed: list[bool] = []
    told: list[str] = []
    monkeypatch.setattr("bot.storage.outage.TRY_EVERY_S", 0)
    first = await database.entrust(fail_twice, told.append)
    second = await database.entrust(step("y"))
    with pytest.raises(DatabaseError):
        await InboxStore(database).accept(question(), NOW)
    third = await database.entrust(step("z"))
    assert [each.done() for each in (first, second, third)] == [False] * 3
    await asyncio.wait_for(third, 20)
    assert (first.done(), second.done(), told) == (True, True, ["noted"])
    with closing(sqlite3.connect(database_file)) as other:
        assert other.execute("SELECT notice FROM notices").fetchall() == [("xyz",)]
    await database.entrust(step("!"))
    async with database.reading() as session:
        assert await session.scalar(select(NoticeRow.notice)) == "xyz!"


async def test_a_database_that_closes_while_the_disk_fails_gives_up_what_is_found_out_again(
    database_file: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr("bot.storage.database.AGAIN_AFTER_S", 0.1)
    caplog.set_level("INFO")
    async with open_database(url_of(database_file)) as database:
        over = await database.entrust(fail)
    await asyncio.wait_for(over, 20)
    assert "the next start finds out the rest" in caplog.text
    assert "ERROR" not in caplog.text


async def test_a_defect_in_what_is_entrusted_is_logged_and_takes_nothing_with_it(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[float] = []
    await database.entrust(lambda _: 1 / 0, told.append)
    assert await InboxStore(database).accept(question(), NOW)
    await asyncio.sleep(0)
    assert "what was entrusted could not be written: ZeroDivisionError" in caplog.text
    assert told == []


async def test_one_that_fails_takes_none_of_the_others_with_it(database: Database) -> None:
    turns = TurnStore(database)
    told = await asyncio.gather(
        turns.record(turn(question_id=1)),
        turns.record(turn(parent_id=99, question_id=2)),
        turns.record(turn(question_id=3)),
        return_exceptions=True,
    )
    assert isinstance(told[1], sqlite3.IntegrityError)
    assert [await turns.of_message(n) for n in (1, 2, 3)] == [told[0], None, told[2]]


async def test_a_foreign_program_that_holds_the_file_is_waited_for(
    database: Database, database_file: Path
) -> None:
    with closing(foreign(database_file)) as other:
        other.execute("BEGIN IMMEDIATE")
        accepting = asyncio.ensure_future(  # noqa: TID251
            InboxStore(database).accept(question(), NOW)
        )
        for _ in range(100):
            await asyncio.sleep(0)
        assert await InboxStore(database).state(100) is None
        assert not accepting.done()
        other.execute("ROLLBACK")
        assert await accepting


async def test_a_file_that_stays_locked_is_a_clear_error_and_nothing_more(
    database_file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "LOCK_WAIT_S", 0.01)
    async with open_database(url_of(database_file)) as database:
        inbox = InboxStore(database)
        with closing(foreign(database_file)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseError) as caught:
                await inbox.accept(question(), NOW)
            assert caught.value.code == "database_unavailable"
            assert "the database failed: database is locked" in caplog.text
        assert await inbox.accept(question(), NOW)


async def test_a_full_disk_is_a_clear_error_and_heals(database: Database) -> None:
    turns = TurnStore(database)
    async with database.writing() as session:
        pages = await pragma(session, "page_count")
        await session.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(DatabaseError) as caught:
        await turns.record(turn(text="x" * 50_000))
    assert "x" * 100 not in str(caught.value.__cause__)
    async with database.writing() as session:
        await session.execute(text("PRAGMA max_page_count=100000"))
    assert await turns.record(turn(text="x" * 50_000)) == 1


async def test_errors_show_no_values(database: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError) as caught:
        await TurnStore(database).record(turn(parent_id=99, text="in confidence"))
    assert "in confidence" not in str(caught.value)


async def test_a_checkpoint_and_transactions_wait_for_each_other(database: Database) -> None:
    def note(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO keys VALUES (hex(randomblob(8)), x'00')")

    async with asyncio.TaskGroup() as group:
        for n in range(100):
            group.create_task(database.transact(note))
            if n % 5 == 0:
                group.create_task(database.checkpoint())
            await asyncio.sleep(0)
    async with database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM keys")) == 100


async def test_those_committed_together_go_on_a_few_in_each_pass_of_the_loop(
    database: Database,
) -> None:
    passes: list[int] = []
    here = 0

    async def note(_number: int) -> None:
        await database.transact(lambda _: None)
        passes.append(here)

    def count() -> None:
        nonlocal here
        here += 1
        if len(passes) < 50:
            asyncio.get_running_loop().call_soon(count)

    async with asyncio.TaskGroup() as group:
        for number in range(50):
            group.create_task(note(number))
        count()
    assert max(passes.count(each) for each in passes) <= TOLD_AT_ONCE
