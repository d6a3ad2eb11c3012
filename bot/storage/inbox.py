"""Questions from the moment they are received until nothing is left to do for them.

received -> claimed -> answered | refused | failed; a question whose message is deleted is cancelled
where that can be, and one that was refused for a lack of words may be received again. Whose turn
comes at once is received and claimed in one step.
Every step is a compare-and-set, so that of two who try one wins.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from bot.domain.incoming import Incoming
from bot.domain.outgoing import Posted
from bot.storage import outbox
from bot.storage.claims import FREE, OURS, lease
from bot.storage.database import Database, uninterrupted
from bot.storage.lane import Prepared
from bot.storage.tables import InboxRow, TurnRow
from bot.storage.untold import Untold, keep

log = logging.getLogger(__name__)

FinalState = Literal["answered", "refused", "cancelled", "failed"]
State = Literal["received", "claimed"] | FinalState

# Built once: putting a statement together costs more than running it.
_ACCEPT = Prepared(insert(InboxRow).on_conflict_do_nothing().returning(InboxRow.message_id))
_ACCEPT_BEGUN = Prepared(
    insert(InboxRow)
    .values(lease_until=lease())
    .on_conflict_do_nothing()
    .returning(InboxRow.message_id),
    [name for name in InboxRow.__table__.columns.keys() if name != "lease_until"],  # noqa: SIM118
)
_CLAIM = Prepared(
    update(InboxRow)
    .where(InboxRow.message_id == bindparam("which"), InboxRow.state == "received")
    .values(
        state="claimed",
        claimed_at=bindparam("now"),
        boot_id=bindparam("boot"),
        lease_until=lease(),
    )
    .returning(InboxRow.body)
)
_NEEDS_NO_WORDS = Prepared(
    select(InboxRow.message_id)
    .where(InboxRow.message_id == bindparam("which"))
    .where(or_(InboxRow.state == "answered", InboxRow.state == "cancelled"))
)
_FINISH = Prepared(
    update(InboxRow)
    .where(InboxRow.message_id == bindparam("which"))
    .where(or_(InboxRow.state == "received", OURS))
    .values(
        state=bindparam("end"),
        reason=bindparam("why"),
        finished_at=bindparam("now"),
        body=None,
        continued_id=bindparam("continued"),
        **FREE,
    )
    .returning(InboxRow.message_id)
)


class Watch(Protocol):
    """Is told what becomes of questions."""

    def begun(self, message_id: int) -> None:
        """Note that it is being answered."""

    def ended(self, message_id: int, state: FinalState, at: float) -> None:
        """Note how it ended, and when by `time.perf_counter`."""


@dataclass(frozen=True, slots=True)
class Left:
    """A question that is not finished.

    Attributes:
        deaths: how many runs died while they were at it.
        answered: whether its answer is there, posted or not.

    """

    question: Incoming
    deaths: int
    answered: bool


class InboxStore:
    """Keeps questions, whole until they are finished, then only that they were there."""

    def __init__(self, database: Database, watch: Watch | None = None) -> None:
        self._database = database
        self._watch = watch

    async def accept(self, incoming: Incoming, now: datetime) -> bool:
        """Keep a new question; False when it is known already.

        Raises:
            Refused: what it leads to could not be kept.

        """
        await self._database.require_writes()
        values = _to_values(incoming, now)
        added = await self._database.transact(lambda c: _ACCEPT.value(c, values))
        return added is not None

    async def accept_begun(self, incoming: Incoming, now: datetime) -> bool:
        """Keep a new question and begin it at once, in one step; False when it is known already.

        Raises:
            Refused: what it leads to could not be kept.

        """
        await self._database.require_writes()
        begun = {"state": "claimed", "claimed_at": now, "boot_id": self._database.boot_id}
        values = _to_values(incoming, now) | begun
        added = await self._database.transact(lambda c: _ACCEPT_BEGUN.value(c, values))
        if added is not None and self._watch is not None:
            self._watch.begun(incoming.message_id)
        return added is not None

    @uninterrupted
    async def accept_closed(self, incoming: Incoming, reason: str, now: datetime) -> bool:
        """Keep of a new question only that it failed; False when it is known already."""
        closed = {"state": "failed", "reason": reason, "finished_at": now, "body": None}
        async with self._database.writing() as session:
            values = _to_values(incoming, now) | closed
            added = await session.scalar(
                insert(InboxRow)
                .values(values)
                .on_conflict_do_nothing()
                .returning(InboxRow.message_id)
            )
        self._tell(incoming.message_id, "failed", time.perf_counter(), ended=added is not None)
        return added is not None

    @uninterrupted
    async def revise(self, incoming: Incoming) -> bool:
        """Put an edited question in the place of the first; False when it is begun or unknown."""
        return await self._step(
            incoming.message_id, "received", "received", body=msgspec.json.encode(incoming)
        )

    @uninterrupted
    async def reopen(self, incoming: Incoming, reasons: Collection[str]) -> bool:
        """Receive an edited question again that was refused for one of these reasons."""
        return await self._step(
            incoming.message_id,
            "refused",
            "received",
            InboxRow.reason.in_(reasons),
            body=msgspec.json.encode(incoming),
            reason=None,
            claimed_at=None,
            finished_at=None,
            continued_id=None,
        )

    @uninterrupted
    async def cancel(self, message_id: int, reason: str) -> bool:
        """Drop a question; False when it is begun or unknown."""
        cancelled = await self._step(message_id, "received", "cancelled", reason=reason, body=None)
        self._tell(message_id, "cancelled", time.perf_counter(), ended=cancelled)
        return cancelled

    @uninterrupted
    async def fail_unbegun(self, message_id: int, reason: str) -> bool:
        """Close a question over a defect; False when it is begun or unknown."""
        failed = await self._step(message_id, "received", "failed", reason=reason, body=None)
        self._tell(message_id, "failed", time.perf_counter(), ended=failed)
        return failed

    async def claim(self, message_id: int, now: datetime) -> Incoming | None:
        """Begin a question and give its newest form; None when it is begun, over or unknown."""
        asked = {"which": message_id, "now": now, "boot": self._database.boot_id}
        body = await self._database.transact(lambda c: _CLAIM.value(c, asked))
        if body is None:
            return None
        if self._watch is not None:
            self._watch.begun(message_id)
        return msgspec.json.decode(body, type=Incoming)

    async def finish(
        self,
        message_id: int,
        state: FinalState,
        reason: str | None,
        now: datetime,
        *,
        continued: int | None = None,
        untold: Untold | None = None,
        posted: Posted | None = None,
        patiently: bool = False,
    ) -> bool:
        """Close a question for good and forget its content; the first end counts.

        Its answer, if one was on its way, is forgotten as well: no sound outlives its question.
        What is kept of one that led to no turn is the turn it was to continue.

        Args:
            message_id: the question.
            state: how it ends.
            reason: why, as a code; None for an answer.
            now: the time.
            continued: the turn that it was to continue.
            untold: what its asker is to be told, kept until that is noted as said.
            posted: what stands of its answer, as far as that could not be noted before.
            patiently: whether to go on trying while the disk fails, as `persist` does.

        Returns:
            False where its asker need not be told: that was said in that room already, or the
            question was answered or cancelled before; else True.

        """
        end = self._end(message_id, state, reason, now, continued, untold, posted)
        write = self._database.persist if patiently else self._database.transact
        ended, is_news = await write(end)
        self._tell(message_id, state, time.perf_counter(), ended=ended)
        return is_news

    async def answered(
        self, message_id: int, now: datetime, posted: Posted
    ) -> "asyncio.Future[None]":
        """Close a question whose answer stands; it is entrusted to the database.

        Whoever takes over after a crash finds the answer in the room.

        Args:
            message_id: the question.
            now: the time.
            posted: what stands, as far as that could not be noted before.

        Returns:
            What is done once that is written.

        """
        at = time.perf_counter()

        def tell(result: tuple[bool, bool]) -> None:
            ended, _ = result
            self._tell(message_id, "answered", at, ended=ended)

        end = self._end(message_id, "answered", None, now, None, None, posted)
        return await self._database.entrust(end, tell)

    def _end(
        self,
        message_id: int,
        state: FinalState,
        reason: str | None,
        now: datetime,
        continued: int | None,
        untold: Untold | None,
        posted: Posted | None,
    ) -> Callable[[sqlite3.Connection], tuple[bool, bool]]:
        about = {"which": message_id, "end": state, "why": reason, "now": now}
        values = {**about, **self._by_us, "continued": continued}

        def end(connection: sqlite3.Connection) -> tuple[bool, bool]:
            ended = bool(_FINISH.rows(connection, values))
            if not ended:
                return False, not _NEEDS_NO_WORDS.rows(connection, {"which": message_id})
            if posted is not None:
                outbox.note(connection, posted)
            outbox.forget(connection, message_id)
            return True, untold is None or keep(connection, untold, now)

        return end

    def _tell(self, message_id: int, state: FinalState, at: float, *, ended: bool) -> None:
        if ended and self._watch is not None:
            self._watch.ended(message_id, state, at)

    @uninterrupted
    async def unfinished(self) -> list[Left]:
        """Give the questions that are not finished, oldest first."""
        answered = select(TurnRow.id).where(TurnRow.question_id == InboxRow.message_id).exists()
        async with self._database.reading() as session:
            rows = await session.execute(
                select(
                    InboxRow.message_id,
                    InboxRow.body,
                    InboxRow.deaths,
                    answered.label("answered"),
                )
                .where(InboxRow.state.in_(["received", "claimed"]))
                .order_by(InboxRow.created_at, InboxRow.message_id)
            )
            return [left for row in rows for left in _readable(row)]

    @uninterrupted
    async def newest(self) -> datetime | None:
        """Tell when the newest question was written; None when there was none yet."""
        async with self._database.reading() as session:
            newest: datetime | None = await session.scalar(select(func.max(InboxRow.created_at)))
            return newest

    @uninterrupted
    async def private_rooms(self, since: datetime, most: int) -> list[int]:
        """Name the rooms outside servers in which something was asked since, newest first."""
        newest = func.max(InboxRow.created_at)
        asked = (
            select(InboxRow.room_id)
            .where(InboxRow.guild_id.is_(None), InboxRow.created_at >= since)
            .group_by(InboxRow.room_id)
            .order_by(newest.desc())
            .limit(most)
        )
        async with self._database.reading() as session:
            return list(await session.scalars(asked))

    @uninterrupted
    async def continued(self, message_id: int) -> int | None:
        """Find the turn that a question was to continue which led to none itself."""
        async with self._database.reading() as session:
            turn_id: int | None = await session.scalar(
                select(InboxRow.continued_id).where(InboxRow.message_id == message_id)
            )
            return turn_id

    @uninterrupted
    async def room_of(self, message_id: int) -> int | None:
        """Tell where a question was asked; None when it is unknown."""
        async with self._database.reading() as session:
            room_id: int | None = await session.scalar(
                select(InboxRow.room_id).where(InboxRow.message_id == message_id)
            )
            return room_id

    @uninterrupted
    async def state(self, message_id: int) -> State | None:
        """Tell how far a question is; None when it is unknown."""
        async with self._database.reading() as session:
            state: State | None = await session.scalar(
                select(InboxRow.state).where(InboxRow.message_id == message_id)
            )
            return state

    @property
    def _by_us(self) -> dict[str, str]:
        return {"boot": self._database.boot_id}

    async def _step(
        self,
        message_id: int,
        before: State,
        after: State,
        *conditions: ColumnElement[bool],
        **values: bytes | str | None,
    ) -> bool:
        async with self._database.writing() as session:
            moved = await session.scalar(
                update(InboxRow)
                .where(InboxRow.message_id == message_id, InboxRow.state == before, *conditions)
                .values(state=after, **values)
                .returning(InboxRow.message_id)
            )
        return moved is not None


def _to_values(incoming: Incoming, now: datetime) -> dict[str, int | str | bytes | datetime | None]:
    return {
        "message_id": incoming.message_id,
        "guild_id": incoming.room.guild_id,
        "room_id": incoming.room.id,
        "member_id": incoming.member.id,
        "state": "received",
        "created_at": incoming.created_at,
        "received_at": now,
        "deaths": 0,
        "body": msgspec.json.encode(incoming),
    }


def _readable(row: "Row[int, bytes | None, int, bool]") -> Iterator[Left]:
    """Read a kept question; one of another version that we cannot read is left where it is."""
    try:
        question = msgspec.json.decode(row.body or b"", type=Incoming)
        yield Left(question, deaths=row.deaths, answered=bool(row.answered))
    except msgspec.DecodeError as error:
        log.warning("question %s cannot be read any more: %s", row.message_id, error)
