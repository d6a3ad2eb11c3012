"""Whose a question is that is being answered.

Whoever claims a question writes the id of its run beside it, and only that run may move it on: what
an earlier one writes late finds nothing. With SQLite the lock beside the file proves that whoever
has another id is dead, so at the start all that others had claimed is free, whatever the clocks
say. A database that several runs share has no such proof. For it a claim is a lease, too, by the
database's own clock and renewed while its run lives; what is beyond it may be taken over.
"""

from sqlalchemy import ColumnElement, Integer, and_, bindparam, cast, func, update

from bot.storage.database import Database
from bot.storage.lane import Prepared
from bot.storage.tables import InboxRow

LEASE_S = 90
"""How long a claim holds where others may take it over; it is renewed each third of that."""

FREE = {"boot_id": None, "lease_until": None}
"""What stands beside a question that is nobody's."""

OURS = and_(InboxRow.state == "claimed", InboxRow.boot_id == bindparam("boot"))


def lease() -> ColumnElement[int]:
    """Say until when a claim holds that is made or renewed now."""
    return cast(func.strftime("%s", "now"), Integer) + LEASE_S


# Built once: putting a statement together costs more than running it.
_RENEW = Prepared(update(InboxRow).where(OURS).values(lease_until=lease()))
_GIVE_BACK = Prepared(
    update(InboxRow).where(OURS).values(state="received", claimed_at=None, **FREE)
)
_TAKE_OVER = Prepared(
    update(InboxRow)
    .where(InboxRow.state == "claimed", InboxRow.boot_id.is_distinct_from(bindparam("boot")))
    .values(state="received", claimed_at=None, deaths=InboxRow.deaths + 1, **FREE)
    .returning(InboxRow.message_id)
)


class ClaimStore:
    """Keeps and frees what runs of the bot have claimed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def renew(self) -> None:
        """Show that this run lives, and goes on with all that it has claimed."""
        await self._database.transact(lambda c: _RENEW.rows(c, self._us))

    async def give_back(self) -> None:
        """Let go of all that this run has claimed: it ends in order, and the next one goes on."""
        await self._database.transact(lambda c: _GIVE_BACK.rows(c, self._us))

    async def take_over(self) -> int:
        """Free what runs have claimed that died, one more death for each; gives how many.

        What was only received did nobody any harm: it stays as it is.
        """
        return len(await self._database.transact(lambda c: _TAKE_OVER.rows(c, self._us)))

    @property
    def _us(self) -> dict[str, str]:
        return {"boot": self._database.boot_id}
