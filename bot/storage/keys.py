"""Secrets that are made here at first use and kept."""

from collections.abc import Callable

from bot.storage.database import Database, uninterrupted
from bot.storage.tables import KeyRow


class KeyStore:
    """Keeps keys by name."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uninterrupted
    async def get_or_make(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Give a key; the first who asks for it makes it."""
        async with self._database.writing() as session:
            if (row := await session.get(KeyRow, name)) is not None:
                return row.value
            made = make()
            session.add(KeyRow(name=name, value=made))
            return made
