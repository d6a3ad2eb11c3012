"""The language of each member's Discord, as they last showed it."""

from bot.storage.database import Database, uninterrupted
from bot.storage.tables import MemberLocaleRow


class LocaleStore:
    """Keeps them by member."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uninterrupted
    async def get(self, member_id: int) -> str | None:
        """Give the locale of a member; None while it is not known."""
        async with self._database.reading() as session:
            row = await session.get(MemberLocaleRow, member_id)
            return None if row is None else row.locale

    @uninterrupted
    async def put(self, member_id: int, locale: str) -> None:
        """Keep the locale of a member, in place of the one before."""
        async with self._database.writing() as session:
            await session.merge(MemberLocaleRow(member_id=member_id, locale=locale))
