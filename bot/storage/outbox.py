"""Answers on their way: stored with their sound before anything is posted, then forgotten.

An answer enters together with its turn, if its question is still claimed by this run, and leaves
together with the end of its question. Each of its messages is `sending` from the first moment on:
whether one was begun is not written, for whoever takes over looks into the room in any case.
"""

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from bot.domain.outgoing import Outgoing, Part, PartState, Posted, Underway
from bot.domain.reply import Sound
from bot.storage.database import Database, uninterrupted
from bot.storage.lane import Prepared
from bot.storage.tables import InboxRow, OutboxRow, PartRow, TurnRow

_COLUMNS = OutboxRow.__table__.columns
_GIVEN = [bindparam(column.name, type_=column.type) for column in _COLUMNS]
_IF_CLAIMED: Select[Any] = select(*_GIVEN).where(
    select(InboxRow.message_id)
    .where(
        InboxRow.message_id == bindparam("question_id", type_=BigInteger()),
        InboxRow.state == "claimed",
        InboxRow.boot_id == bindparam("boot_id"),
    )
    .exists()
)
# Built once: putting a statement together costs more than running it.
_PUT = Prepared(
    insert(OutboxRow).from_select(_COLUMNS.keys(), _IF_CLAIMED).returning(OutboxRow.turn_id)
)
_PLAN = Prepared(upsert(PartRow).on_conflict_do_nothing())
_new = upsert(PartRow)
_SENT = Prepared(
    _new.on_conflict_do_update(
        index_elements=[PartRow.turn_id, PartRow.part],
        set_={"state": _new.excluded.state, "message_id": _new.excluded.message_id},
        where=PartRow.state == PartState.SENDING.value,
    )
)
_RESHAPE = Prepared(
    update(OutboxRow)
    .where(OutboxRow.question_id == bindparam("which"))
    .values({name: bindparam(name) for name in ("shape", "sound_format", "sound_sha256", "sound")})
    .returning(OutboxRow.turn_id)
)
_SPOKEN = Prepared(
    update(TurnRow)
    .where(TurnRow.id == bindparam("which"))
    .values(answer_seconds=bindparam("seconds"))
)
_FORGET = Prepared(
    delete(OutboxRow)
    .where(OutboxRow.question_id == bindparam("which"))
    .returning(OutboxRow.turn_id)
)
_ABANDON = Prepared(
    update(PartRow)
    .where(PartRow.turn_id == bindparam("which"), PartRow.state == PartState.SENDING.value)
    .values(state=PartState.ABANDONED.value)
)


class Overtaken(Exception):
    """A question is not this run's any more: another one has claimed it, or it is over."""


class OutboxStore:
    """Keeps answers and the state of their messages while they are on their way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uninterrupted
    async def find(self, question_id: int) -> Underway | None:
        """Find the answer to a question that is on its way; its sound is looked over."""
        async with self._database.reading() as session:
            row = await session.get(OutboxRow, question_id)
        if row is None:
            return None
        sound = _sound_of(row)
        return Underway(
            row.shape,
            sound,
            sound_lost=sound is None and row.sound_format is not None,
            stored_at=row.stored_at,
        )

    async def reshape(
        self, question_id: int, turn_id: int, answer: Outgoing, spoken_s: float | None = None
    ) -> None:
        """Put an answer that has changed in the place of the first, before it is posted.

        Args:
            question_id: its question.
            turn_id: its turn.
            answer: as it is now.
            spoken_s: how long its sound is where it has got one only now, else None.

        """

        def change(connection: sqlite3.Connection) -> None:
            _RESHAPE.rows(connection, {"which": question_id, **_content(answer)})
            _plan(connection, turn_id, answer.parts)
            if spoken_s is not None:
                _SPOKEN.rows(connection, {"which": turn_id, "seconds": spoken_s})

        await self._database.persist(change)

    async def note(self, turn_id: int, part: Part) -> None:
        """Note that a message stands or is gone; what is known of it already stays as it is.

        It is entrusted: whoever takes over after a crash finds it in the room.
        """
        posted = Posted(turn_id, (part,))
        await self._database.entrust(lambda c: note(c, posted))

    @uninterrupted
    async def settled(self, turn_id: int) -> list[Part]:
        """Give the messages of an answer that need no posting any more, in their order."""
        async with self._database.reading() as session:
            rows = await session.execute(
                select(PartRow.part, PartRow.message_id)
                .where(PartRow.turn_id == turn_id)
                .where(PartRow.state.in_((PartState.SENT, PartState.GONE)))
                .order_by(PartRow.part)
            )
            return [Part(row.part, row.message_id) for row in rows]


def put(
    connection: sqlite3.Connection,
    boot_id: str,
    question_id: int,
    turn_id: int,
    answer: Outgoing,
) -> None:
    """Store an answer within a transaction.

    Raises:
        Overtaken: its question is not this run's; nothing of the transaction may stay.

    """
    about = {"question_id": question_id, "turn_id": turn_id, "boot_id": boot_id}
    if not _PUT.rows(connection, {**about, "stored_at": answer.at, **_content(answer)}):
        raise Overtaken(f"question {question_id} is not ours any more")
    _plan(connection, turn_id, answer.parts)


def note(connection: sqlite3.Connection, posted: Posted) -> None:
    """Note what stands or is gone within a transaction; what is known of it stays as it is."""
    for part in posted.parts:
        state = PartState.GONE if part.message_id is None else PartState.SENT
        values = {
            "turn_id": posted.turn_id,
            "part": part.number,
            "state": state.value,
            "message_id": part.message_id,
        }
        _SENT.rows(connection, values)


def forget(connection: sqlite3.Connection, question_id: int) -> None:
    """Forget the answer to a question within the transaction that closes it."""
    turn_id = _FORGET.value(connection, {"which": question_id})
    if turn_id is not None:
        _ABANDON.rows(connection, {"which": turn_id})


def _plan(connection: sqlite3.Connection, turn_id: int, parts: range) -> None:
    for number in parts:
        values = {"turn_id": turn_id, "part": number, "state": PartState.SENDING.value}
        _PLAN.rows(connection, values)


def _content(answer: Outgoing) -> Mapping[str, Any]:
    """Give what is stored of an answer; this runs in the connection's thread, hash and all."""
    sound = answer.sound
    return {
        "shape": answer.shape,
        "sound_format": sound and sound.format,
        "sound_sha256": sound and hashlib.sha256(sound.data).digest(),
        "sound": sound and sound.data,
    }


def _sound_of(row: OutboxRow) -> Sound | None:
    """Give the sound as it was stored; None where there was none, or it has changed since."""
    if row.sound is None or hashlib.sha256(row.sound).digest() != row.sound_sha256:
        return None
    return Sound(row.sound, row.sound_format)  # type: ignore[arg-type] # one of its own
