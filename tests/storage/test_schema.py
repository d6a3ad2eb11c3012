import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from bot.errors import DatabaseError
from bot.storage.database import migrate, state_of
from bot.storage.engines import create_migrator
from bot.storage.schema import SCRIPTS
from bot.storage.tables import Base
from tests.conftest import url_of

ROOT = Path(__file__).parents[2]
NEWEST = max(path.name.partition("_")[0] for path in SCRIPTS.glob("versions/0*.py"))

NEXT_SCRIPT = '''
"""One more table."""
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "next", "{newest}", None, None

def upgrade():
    op.create_table("extra", sa.Column("id", sa.Integer(), primary_key=True))
    {then}
'''

KILL_AT_EVERY_STATEMENT = """
import os, shutil, signal, sys
from itertools import count
from pathlib import Path
from sqlalchemy import Engine, event
from bot.storage.database import migrate

folder = Path(sys.argv[1])

def migrate_but_die_at(step, url):
    reached = 0
    def one_more(*_):
        nonlocal reached
        reached += 1
        if reached == step:
            os.kill(os.getpid(), signal.SIGKILL)
    event.listen(Engine, "before_cursor_execute", one_more)
    event.listen(Engine, "commit", one_more)
    migrate(url)
    os._exit(0)

for step in count(1):
    url = f"sqlite+aiosqlite:///{folder / str(step)}.db"
    if len(sys.argv) > 2:
        shutil.copy(sys.argv[2], folder / f"{step}.db")
    if (child := os.fork()) == 0:
        migrate_but_die_at(step, url)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


def revision_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def tables_of(path: Path) -> set[str]:
    with closing(sqlite3.connect(path)) as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master")}


def stamp(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def scripts_with_next(folder: Path, then: str = "") -> Path:
    """The scripts of a version that is one ahead of this one."""
    scripts = shutil.copytree(SCRIPTS, folder / "migrations", ignore=lambda *_: ["__pycache__"])
    script = NEXT_SCRIPT.format(newest=NEWEST, then=then)
    (scripts / "versions" / "next_extra.py").write_text(script)
    return scripts


def test_the_scripts_make_the_tables_that_the_code_knows(database_file: Path) -> None:
    with create_migrator(database_file).connect() as connection:
        context = MigrationContext.configure(connection, opts={"render_as_batch": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_works_from_any_folder_and_makes_the_one_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    migrate("sqlite+aiosqlite:///some/where/bot.db")
    assert "turns" in tables_of(tmp_path / "some" / "where" / "bot.db")


def test_migrating_twice_changes_nothing(database_file: Path) -> None:
    before = database_file.read_bytes()
    migrate(url_of(database_file))
    assert database_file.read_bytes() == before
    assert not list(database_file.parent.glob("*.before-upgrade"))


@pytest.mark.parametrize(
    "url",
    [
        "", "bot.db", "postgresql+asyncpg://u@h/d", "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:", "sqlite+aiosqlite:///file:x?mode=memory",
    ],
)  # fmt: skip
def test_an_address_without_a_file_is_a_clear_error(url: str) -> None:
    with pytest.raises(DatabaseError, match="DATABASE_URL must name a file"):
        migrate(url)


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError, match="cannot be opened") as caught:
        migrate(url_of(tmp_path / "file" / "bot.db"))
    assert "Check DATABASE_URL" in caught.value.sentence


def all_of(path: Path) -> tuple[bytes, int, int]:
    """What is in a file, who may read it, and since when it is so."""
    return path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns


def test_a_schema_of_an_unknown_version_is_refused_and_left_alone(database_file: Path) -> None:
    stamp(database_file, "9999")
    database_file.chmod(0o644)
    before = all_of(database_file)
    with pytest.raises(DatabaseError, match="'9999'") as caught:
        migrate(url_of(database_file))
    assert caught.value.code == "database_newer"
    assert all_of(database_file) == before


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_the_database_of_another_program_is_refused_and_left_alone(
    tmp_path: Path, mode: str
) -> None:
    path = tmp_path / "bot.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA journal_mode={mode}")
        database.execute("CREATE TABLE theirs (x)")
    path.chmod(0o644)
    before = all_of(path)
    with pytest.raises(DatabaseError, match="another program"):
        migrate(url_of(path))
    assert all_of(path) == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    path.write_bytes(b"my holiday notes " * 100)
    before = all_of(path)
    for look in (migrate, state_of):
        with pytest.raises(DatabaseError, match="not a database"):
            look(url_of(path))
    assert all_of(path) == before


def test_a_damaged_database_is_refused_and_left_alone(database_file: Path) -> None:
    damaged = bytearray(database_file.read_bytes())
    damaged[8192:12288] = b"\xff" * 4096
    database_file.write_bytes(damaged)
    with pytest.raises(DatabaseError, match="damaged"):
        migrate(url_of(database_file))
    assert database_file.read_bytes() == damaged


def test_an_older_database_is_copied_and_then_upgraded(database_file: Path, tmp_path: Path) -> None:
    migrate(url_of(database_file), scripts=scripts_with_next(tmp_path / "next"))
    assert revision_of(database_file) == "next"
    assert "extra" in tables_of(database_file)
    copy = database_file.with_name("bot.db.before-upgrade")
    assert revision_of(copy) == NEWEST
    assert copy.stat().st_mode & 0o777 == 0o600
    assert not list(database_file.parent.glob("*.part"))


def test_a_database_of_the_first_version_keeps_its_questions(tmp_path: Path) -> None:
    path = tmp_path / "bot.db"
    first = shutil.copytree(SCRIPTS, tmp_path / "migrations")
    for script in first.glob("versions/*.py"):
        if not script.name.startswith("0001"):
            script.unlink()
    migrate(url_of(path), scripts=first)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "INSERT INTO inbox (message_id, room_id, member_id, state, created_at, received_at)"
            " VALUES (1, 2, 3, 'answered', '2026-11-21', '2026-11-21')"
        )
    migrate(url_of(path))
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT message_id, state, continued_id FROM inbox").fetchall()
    assert rows == [(1, "answered", None)]


def test_voices_that_were_chosen_become_settings_and_come_back_by_a_downgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bot.db"
    monkeypatch.setenv("DATABASE_URL", url_of(path))
    config = Config(toml_file=ROOT / "pyproject.toml")
    command.upgrade(config, "0002")
    chosen = [
        ("channel", 10, 1, "ash", 7, "2026-11-20 12:00:00.000000"),
        ("channel", 99, None, "voice_1", 8, "2026-11-20 12:00:00.000000"),
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany("INSERT INTO room_voices VALUES (?, ?, ?, ?, ?, ?)", chosen)
    migrate(url_of(path))
    with closing(sqlite3.connect(path)) as database, database:
        rows = database.execute(
            "SELECT scope, place_id, guild_id, value, set_by, set_at FROM room_settings "
            "WHERE name = 'voice' ORDER BY place_id"
        )
        assert rows.fetchall() == chosen
        database.execute("UPDATE room_settings SET value = 'random' WHERE place_id = 99")
    assert "room_voices" not in tables_of(path)
    command.downgrade(config, "0002")
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT * FROM room_voices").fetchall() == chosen[:1]


def test_an_upgrade_that_fails_leaves_the_old_schema(database_file: Path, tmp_path: Path) -> None:
    scripts = scripts_with_next(tmp_path / "next", then="op.execute('SELECT * FROM nowhere')")
    with pytest.raises(DatabaseError, match="nowhere"):
        migrate(url_of(database_file), scripts=scripts)
    assert revision_of(database_file) == NEWEST
    assert "extra" not in tables_of(database_file)


def test_several_steps_at_once_are_all_or_nothing(tmp_path: Path) -> None:
    scripts = scripts_with_next(tmp_path / "next", then="op.execute('SELECT * FROM nowhere')")
    with pytest.raises(DatabaseError, match="nowhere"):
        migrate(url_of(tmp_path / "bot.db"), scripts=scripts)
    assert tables_of(tmp_path / "bot.db") == set()


def test_an_upgrade_that_is_killed_leaves_the_old_schema_and_can_be_repeated(
    database_file: Path, tmp_path: Path
) -> None:
    scripts = scripts_with_next(
        tmp_path / "next", then="import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    )
    code = (
        "import sys; from pathlib import Path; from bot.storage.database import migrate\n"
        "migrate(sys.argv[1], scripts=Path(sys.argv[2]))"
    )
    died = subprocess.run(
        [sys.executable, "-c", code, url_of(database_file), scripts], cwd=ROOT, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert revision_of(database_file) == NEWEST
    assert "extra" not in tables_of(database_file)
    shutil.rmtree(tmp_path / "next")
    migrate(url_of(database_file), scripts=scripts_with_next(tmp_path / "next"))
    assert revision_of(database_file) == "next"


@pytest.mark.once
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_statement_the_first_migration_leaves_all_or_nothing(
    tmp_path: Path, migrated_file: Path
) -> None:
    subprocess.run([sys.executable, "-c", KILL_AT_EVERY_STATEMENT, tmp_path], cwd=ROOT, check=True)
    killed = sorted(tmp_path.glob("*.db"), key=lambda path: int(path.stem))
    assert len(killed) > 20
    outcomes = [tables_of(path) for path in killed]
    assert outcomes[-1] == tables_of(migrated_file)
    assert all(tables in (set(), outcomes[-1]) for tables in outcomes)
    for path in killed:
        migrate(url_of(path))
        assert tables_of(path) == outcomes[-1]


@pytest.mark.once
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_statement_an_upgrade_leaves_the_old_schema_or_the_new_and_every_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "old" / "bot.db"
    old.parent.mkdir()
    monkeypatch.setenv("DATABASE_URL", url_of(old))
    command.upgrade(Config(toml_file=ROOT / "pyproject.toml"), "0006")
    with closing(sqlite3.connect(old)) as database, database:
        database.execute(
            "INSERT INTO turns (id, question_id, channel_id, room_id, member_id, member_name,"
            " asked_at, text, unkept_seconds, transcript, answer_seconds, voice, model)"
            " VALUES (1, 2, 3, 3, 4, 'Ada', '2026-11-21', '', 0, '', 0, '', '')"
        )
        database.executemany("INSERT INTO turn_parts VALUES (?, 1)", [(10,), (11,), (12,)])
    died = tmp_path / "died"
    died.mkdir()
    kill = [sys.executable, "-c", KILL_AT_EVERY_STATEMENT, str(died), str(old)]
    subprocess.run(kill, cwd=ROOT, check=True)
    killed = list(died.glob("*.db"))
    assert len(killed) > 15
    assert {revision_of(path) for path in killed} == {"0006", NEWEST}
    for path in killed:
        assert ("outbox" in tables_of(path)) == (revision_of(path) == NEWEST)
        migrate(url_of(path))
        with closing(sqlite3.connect(path)) as database:
            parts = database.execute("SELECT turn_id, message_id FROM turn_parts ORDER BY 2")
            assert parts.fetchall() == [(1, 10), (1, 11), (1, 12)]


def test_the_command_of_developers_goes_up_and_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bot.db"
    monkeypatch.setenv("DATABASE_URL", url_of(path))
    config = Config(toml_file=ROOT / "pyproject.toml")
    command.upgrade(config, "head")
    assert "turns" in tables_of(path)
    command.downgrade(config, "base")
    assert tables_of(path) == {"alembic_version", "sqlite_autoindex_alembic_version_1"}
    command.upgrade(config, "head")
    assert "turns" in tables_of(path)


def test_the_command_of_developers_prints_what_it_would_do() -> None:
    printed = StringIO()
    config = Config(toml_file=ROOT / "pyproject.toml", output_buffer=printed)
    command.upgrade(config, "head", sql=True)
    assert "CREATE TABLE turns" in printed.getvalue()


def test_the_command_of_developers_writes_our_times_as_plain_ones(
    database_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(database_file)) as database:
        database.execute("DROP TABLE notices")
    monkeypatch.setenv("DATABASE_URL", url_of(database_file))
    scripts = shutil.copytree(SCRIPTS, tmp_path / "migrations")
    config = Config(toml_file=ROOT / "pyproject.toml")
    config.set_main_option("script_location", str(scripts))
    command.revision(config, "notices again", autogenerate=True)
    known = {scripts / "versions" / path.name for path in SCRIPTS.glob("versions/*.py")}
    [written] = set(scripts.glob("versions/*.py")) - known
    assert "sa.Column('said_at', sa.DateTime(timezone=True)" in written.read_text()


def test_a_look_tells_what_a_start_would_do_and_changes_nothing(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/bot.db"
    assert state_of(url) == "missing"
    assert list(tmp_path.iterdir()) == []
    migrate(url)
    before = (tmp_path / "bot.db").read_bytes()
    assert state_of(url) == "current"
    assert (tmp_path / "bot.db").read_bytes() == before
    with closing(sqlite3.connect(tmp_path / "bot.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'of the future'")
        database.commit()
    with pytest.raises(DatabaseError, match="another version"):
        state_of(url)
