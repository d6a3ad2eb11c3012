"""Alembic's entry: runs the scripts of versions/, for the bot and for the `alembic` command.

The bot hands over its connection (bot/storage/schema.py). The command is for developers and
works on the database that DATABASE_URL names: `alembic revision --autogenerate -m reason`,
`alembic upgrade head`, `alembic upgrade head --sql`.
"""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from bot.storage.engines import create_migrator, file_of
from bot.storage.tables import Base, UtcDateTime


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own column type as the plain one that it is in the database."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "render_as_batch": True,
    "render_item": render_item,
    # Alembic assumes that SQLite cannot roll back changes of the schema. It can, when the
    # transaction is begun by hand, as bot/storage/engines.py does.
    "transactional_ddl": True,
}


def run_on(connection: Connection) -> None:
    """Run the scripts in one transaction."""
    context.configure(connection=connection, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


def run_by_hand() -> None:
    """Run the scripts on the database of the environment."""
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite:///data/bot.db")
    with create_migrator(file_of(url)).connect() as connection:
        run_on(connection)


def print_sql() -> None:
    """Print what the scripts would do."""
    context.configure(dialect_name="sqlite", literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    print_sql()
elif (given := context.config.attributes.get("connection")) is not None:
    run_on(given)
else:
    run_by_hand()
