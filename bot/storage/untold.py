"""What askers have still to be told: kept from the end of their question until it is said."""

import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Row, bindparam, delete, not_, select
from sqlalchemy.dialects.sqlite import insert

from bot.domain.incoming import Incoming
from bot.storage.database import Database, uninterrupted
from bot.storage.lane import Prepared
from bot.storage.tables import NoticeRow, UntoldRow

log = logging.getLogger(__name__)

DAY = timedelta(days=1)

_KEEP = Prepared(insert(UntoldRow).on_conflict_do_nothing())
_SAYING = insert(NoticeRow)
_SAY_ONCE = Prepared(
    _SAYING.on_conflict_do_update(
        set_={"said_at": _SAYING.excluded.said_at},
        where=not_(NoticeRow.said_at.between(bindparam("since"), _SAYING.excluded.said_at)),
    ).returning(NoticeRow.room_id)
)
_FORGET = Prepared(delete(UntoldRow).where(UntoldRow.question_id == bindparam("which")))


@dataclass(frozen=True, slots=True)
class Untold:
    """What is to be said about a question.

    Attributes:
        question: the question.
        words: in a form of the services' own.
        once: as what it is said only once a day in its room; None where it is said each time.

    """

    question: Incoming
    words: bytes
    once: str | None = None


class UntoldStore:
    """Knows who has still to be told something."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uninterrupted
    async def all(self) -> list[Untold]:
        """Give all that is not known to be said, oldest first."""
        async with self._database.reading() as session:
            kept = select(UntoldRow.question_id, UntoldRow.body, UntoldRow.words)
            rows = await session.execute(kept.order_by(UntoldRow.closed_at))
            return [untold for row in rows for untold in _readable(row)]

    @uninterrupted
    async def holds(self, question_id: int) -> bool:
        """Tell whether something is still to be said about a question."""
        async with self._database.reading() as session:
            return await session.get(UntoldRow, question_id) is not None

    async def forget(self, question_id: int) -> None:
        """Note that it is said."""
        await self._database.transact(lambda c: _FORGET.rows(c, {"which": question_id}))


def keep(connection: sqlite3.Connection, untold: Untold, now: datetime) -> bool:
    """Keep what is to be said, within the transaction that closes its question.

    False where it was said in that room within the day; else it counts as said there now.
    """
    question = untold.question
    said = {"room_id": question.room.id, "notice": untold.once, "said_at": now, "since": now - DAY}
    if untold.once is not None and not _SAY_ONCE.rows(connection, said):
        return False
    values = {"question_id": question.message_id, "closed_at": now, "words": untold.words}
    _KEEP.rows(connection, {**values, "body": msgspec.json.encode(question)})
    return True


def _readable(row: "Row[int, bytes, bytes]") -> Iterator[Untold]:
    """Read what is kept; what another version wrote and we cannot read is left where it is."""
    try:
        yield Untold(msgspec.json.decode(row.body, type=Incoming), row.words)
    except msgspec.DecodeError as error:
        log.warning("what to say of %s cannot be read any more: %s", row.question_id, error)
