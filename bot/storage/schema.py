"""Bringing the database file to the schema of this version, all or nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import OperationalError

from bot.errors import DatabaseError
from bot.storage.copying import connect, copy_database
from bot.storage.engines import create_migrator, file_of, unusable
from bot.storage.hold import sole_use
from bot.storage.volumes import require_local

SCRIPTS = Path(__file__).parents[2] / "migrations"

_COPY_SUFFIX = ".before-upgrade"


def migrate(url: str, *, scripts: Path = SCRIPTS) -> None:
    """Do the same as `bring_up`, and keep other processes out meanwhile.

    Raises:
        DatabaseError: the file cannot be used, or is in use; it is then unchanged.

    """
    with sole_use(url):
        bring_up(url, scripts=scripts)


def bring_up(url: str, *, scripts: Path = SCRIPTS) -> None:
    """Create the database, or bring it to the newest schema; an older one is copied first.

    A kill at any moment leaves the old schema or the new one.

    Raises:
        DatabaseError: the file cannot be used; it is then unchanged.

    """
    path = file_of(url)
    try:
        if not path.exists():
            path.touch(mode=0o600)
        _upgrade(path, _configure(scripts))
    except (OSError, sqlite3.Error, OperationalError) as error:
        raise unusable(path, error) from error


def state_of(url: str, *, scripts: Path = SCRIPTS) -> Literal["missing", "older", "current"]:
    """Tell what `migrate` would find, changing nothing: safe beside a running bot.

    Raises:
        DatabaseError: the file is damaged, foreign, of a newer version, or on a network drive.

    """
    path, versions = file_of(url), ScriptDirectory.from_config(_configure(scripts))
    require_local(path)
    if not path.exists():
        return "missing"
    try:
        found = _inspect(path)
    except sqlite3.Error as error:
        raise unusable(path, error) from error
    if found is None:
        return "missing"
    _require_known(path, found, versions)
    return "current" if found == versions.get_current_head() else "older"


def _upgrade(path: Path, config: Config) -> None:
    scripts = ScriptDirectory.from_config(config)
    found = _inspect(path)
    if found is not None:
        _require_known(path, found, scripts)
    path.chmod(0o600)  # what members said is nobody else's; what is not ours stays as it is
    if found == scripts.get_current_head():
        return
    if found is not None:
        copy_database(path, path.with_name(path.name + _COPY_SUFFIX))
    with create_migrator(path).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _configure(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    return config


def _inspect(path: Path) -> str | None:
    """Give the revision of a sound database, None for an empty file; changes nothing.

    Raises:
        DatabaseError: it is damaged, or belongs to another program.

    """
    with closing(connect(path, mode="ro")) as database:
        if (problem := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise DatabaseError(
                "database_damaged",
                f"The database {path} is damaged ({problem}). Put a backup in its place.",
            )
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise DatabaseError(
                "database_foreign",
                f"{path} is the database of another program. Name another file in DATABASE_URL.",
            )
        row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _require_known(path: Path, revision: str, scripts: ScriptDirectory) -> None:
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        raise DatabaseError(
            "database_newer",
            f"The database {path} was made by another version of this bot (its schema is "
            f"{revision!r}, which this version does not know). Start that version, or put a "
            "backup of this version in its place.",
        )
