"""Small things that outlive a restart: secrets made here at first use, marks of what was done."""

from collections.abc import Callable

from bot.storage.database import Database, uninterrupted
from bot.storage.tables import KeyRow


class KeyStore:
    """Keeps them by name."""

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

    @uninterrupted
    async def get(self, name: str) -> bytes | None:
        """Give what is kept under a name; None when nothing is."""
        async with self._database.reading() as session:
            row = await session.get(KeyRow, name)
            return None if row is None else row.value

    @uninterrupted
    async def put(self, name: str, value: bytes) -> None:
        """Keep something under a name, in place of what was there."""
        async with self._database.writing() as session:
            await session.merge(KeyRow(name=name, value=value))
