"""Which language we speak to a member in a DM: Discord tells it with commands and buttons alone."""

import logging

from bot.errors import DatabaseError
from bot.i18n import LOCALES
from bot.storage.locales import LocaleStore

log = logging.getLogger(__name__)

ENGLISH = "en-US"


class Locales:
    """Remembers the language of members' Discord."""

    def __init__(self, store: LocaleStore) -> None:
        self._store = store

    async def of(self, member_id: int) -> str | None:
        """Give the locale that a member last showed; None while it is not known.

        While it cannot be looked up an answer is better than its language.
        """
        try:
            return await self._store.get(member_id)
        except DatabaseError as error:
            log.warning("the language of a member is not known: %s", error.code)
            return None

    async def note(self, member_id: int, locale: str) -> None:
        """Remember a member's locale where it is news; whoever reads English leaves no trace."""
        spoken = locale if locale in LOCALES else ENGLISH
        if spoken != (await self._store.get(member_id) or ENGLISH):
            await self._store.put(member_id, spoken)
