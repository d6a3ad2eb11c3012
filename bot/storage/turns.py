"""What was asked and answered, as conversations that branch."""

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Row,
    Select,
    Update,
    bindparam,
    delete,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.domain.incoming import Incoming, Member
from bot.domain.outgoing import Outgoing
from bot.domain.reply import AudioHandle
from bot.domain.rooms import Room
from bot.domain.turns import Clip, NewTurn, Turn
from bot.domain.usage import Spent, Waste
from bot.errors import DatabaseError
from bot.storage import outbox
from bot.storage.database import Database, uninterrupted
from bot.storage.lane import Prepared
from bot.storage.tables import ClipRow, InboxRow, PartRow, TurnRow, UsageRow
from bot.storage.usage import call_values, usage_values, waste_values

log = logging.getLogger(__name__)


def _ancestors() -> "Select[*tuple[Any, ...]]":
    """Walk from a turn to its parents, key by key; what lies beyond `limit` is never looked at."""
    limit = bindparam("limit", type_=Integer)
    start = select(TurnRow.id, TurnRow.parent_id, literal(1).label("depth"))
    chain = start.where(TurnRow.id == bindparam("turn_id"), limit > 0).cte("chain", recursive=True)
    parent = aliased(TurnRow)
    chain = chain.union_all(
        select(parent.id, parent.parent_id, chain.c.depth + 1)
        .join(chain, parent.id == chain.c.parent_id)
        .where(chain.c.depth < limit)
    )
    return (
        select(*TurnRow.__table__.columns)
        .join(chain, TurnRow.id == chain.c.id)
        .order_by(chain.c.depth.desc())
    )


def _of_message() -> "Select[int]":
    message_id = bindparam("message_id", type_=BigInteger)
    found = union_all(
        select(PartRow.turn_id.label("id")).where(PartRow.message_id == message_id),
        select(TurnRow.id).where(TurnRow.question_id == message_id),
    ).subquery()
    return select(func.max(found.c.id))


SPOKEN_PART = 100
"""The place of a sound that was asked for later, after all that an answer may have had at first."""

# Built once: putting a statement together costs as much as running it.
_ANCESTORS = _ancestors()
_OF_MESSAGE = Prepared(_of_message())
_ADD_TURN = Prepared(insert(TurnRow).returning(TurnRow.id))
_ADD_USAGE = Prepared(insert(UsageRow))
_ADD_CLIP = Prepared(insert(ClipRow))


class TurnStore:
    """Keeps turns, the messages that carry their answers, and members' clips."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def record(self, new: NewTurn, answer: Outgoing | None = None) -> int:
        """Keep a turn with its clips and what it cost, and give its id.

        With it goes the answer as it is to be posted, if it has to outlive a stop; then both wait
        in memory while the disk fails, for they are paid for.

        Raises:
            Overtaken: the question is not this run's any more; then nothing is kept.

        """
        boot_id = self._database.boot_id

        def add(connection: sqlite3.Connection) -> int:
            turn_id: int = _ADD_TURN.value(connection, _turn_values(new))
            if answer is not None:
                outbox.put(connection, boot_id, new.question_id, turn_id, answer)
            _ADD_USAGE.rows(connection, usage_values(turn_id, new))
            for clip in new.clips:
                about = {"turn_id": turn_id, "asked_at": new.asked_at, "seconds": clip.seconds}
                _ADD_CLIP.rows(connection, {**about, "data": clip.data})
            return turn_id

        write = self._database.transact if answer is None else self._database.persist
        return await write(add)

    @uninterrupted
    async def record_waste(self, incoming: Incoming, waste: Waste) -> None:
        """Keep what a call cost that gave no answer; later where nothing can be written now."""
        await self._record(waste_values(incoming, waste))

    @uninterrupted
    async def record_call(
        self, turn_id: int | None, room: Room, member: Member, at: datetime, spent: Spent
    ) -> None:
        """Keep what a further call cost, for a turn or for none; later as above."""
        await self._record(call_values(turn_id, room, member, at, spent))

    async def _record(self, values: Mapping[str, Any]) -> None:
        """Note a cost; what was paid for with it must not be lost over the note."""

        def add(connection: sqlite3.Connection) -> None:
            _ADD_USAGE.rows(connection, values)

        try:
            await self._database.transact(add)
        except DatabaseError as error:
            log.warning("a cost is noted once that is possible: %s", error.code)
            await self._database.entrust(add)

    @uninterrupted
    async def add_speech(self, turn_id: int, message_id: int, seconds: float) -> None:
        """Note that an answer is spoken after all, and which message carries its sound."""
        spoken = {"turn_id": turn_id, "part": SPOKEN_PART, "state": "sent"}
        async with self._database.writing() as session:
            await session.execute(
                update(TurnRow).where(TurnRow.id == turn_id).values(answer_seconds=seconds)
            )
            await session.execute(insert(PartRow).values(message_id=message_id, **spoken))

    @uninterrupted
    async def parts(self, turn_id: int) -> list[int]:
        """Give the messages that carry an answer, oldest first."""
        async with self._database.reading() as session:
            found = await session.scalars(
                select(PartRow.message_id)
                .where(PartRow.turn_id == turn_id, PartRow.message_id.is_not(None))
                .order_by(PartRow.message_id)
            )
            return [message_id for message_id in found if message_id is not None]

    @uninterrupted
    async def stands_in(self, turn_id: int, room: Room) -> bool:
        """Tell whether a turn belongs to a room, or to the channel that the room is a thread of."""
        asked = select(TurnRow.id).where(
            TurnRow.id == turn_id, TurnRow.channel_id.in_((room.channel_id, room.id))
        )
        return await self._newest(asked) is not None

    async def of_message(self, message_id: int) -> int | None:
        """Find the turn of a message, be it the question or a part of the answer."""
        asked = {"message_id": message_id}
        return await self._database.transact(lambda c: _OF_MESSAGE.value(c, asked))

    @uninterrupted
    async def latest_in(self, room_id: int) -> int | None:
        """Find the newest turn of a thread, a channel or a DM, but for those of deleted questions.

        The model is not told again what its author took back before it was answered.
        """
        taken_back = select(InboxRow.message_id).where(
            InboxRow.message_id == TurnRow.question_id, InboxRow.state == "cancelled"
        )
        asked = select(TurnRow.id).where(TurnRow.room_id == room_id, ~taken_back.exists())
        return await self._newest(asked.order_by(TurnRow.id.desc()).limit(1))

    @uninterrupted
    async def ancestors(self, turn_id: int, limit: int) -> list[Turn]:
        """Give the conversation that leads to a turn, oldest first, the turn itself last.

        Args:
            turn_id: where the conversation ends.
            limit: how many turns at most; the newest are given.

        """
        async with self._database.reading() as session:
            rows = await session.execute(_ANCESTORS, {"turn_id": turn_id, "limit": limit})
            found = rows.all()
            clips = await _clips_of(session, [row.id for row in found])
        return [_to_turn(row, tuple(clips[row.id])) for row in found]

    @uninterrupted
    async def clips(self, ids: Sequence[int]) -> dict[int, bytes]:
        """Load clips by id; those that are forgotten are missing."""
        if not ids:
            return {}
        async with self._database.reading() as session:
            rows = await session.execute(
                select(ClipRow.id, ClipRow.data).where(ClipRow.id.in_(ids))
            )
            return {row.id: row.data for row in rows}

    @uninterrupted
    async def forget_handles(self, audio_ids: Iterable[str]) -> None:
        """Never send these audio ids again."""
        async with self._database.writing() as session:
            await session.execute(
                update(TurnRow)
                .where(TurnRow.audio_id.in_(list(audio_ids)))
                .values(audio_id=None, audio_expires_at=None, audio_origin=None)
            )

    @uninterrupted
    async def keep_words(self, turn_id: int, words: str, *, whole: bool = False) -> None:
        """Note what is said in the clips of a turn, and erase them: words are sent from now on.

        Args:
            turn_id: the turn.
            words: those of its kept clips.
            whole: whether they are also those of clips that were not kept.

        """
        values = {"heard": words} | ({"unkept_seconds": 0.0} if whole else {})
        async with self._database.writing() as session:
            await session.execute(update(TurnRow).where(TurnRow.id == turn_id).values(values))
            await session.execute(delete(ClipRow).where(ClipRow.turn_id == turn_id))
        await self._database.checkpoint()

    @uninterrupted
    async def forget_clips(self, before: datetime) -> int:
        """Erase members' clips of turns asked before that time, and give how many.

        Their length stays with the turn, as `unkept_seconds`.
        """
        old = ClipRow.asked_at < before
        async with self._database.writing() as session:
            await session.execute(_keep_lengths(old))
            erased = await session.scalars(delete(ClipRow).where(old).returning(ClipRow.id))
            count = len(erased.all())
        if count:
            await self._database.checkpoint()
        return count

    async def _newest(self, query: "Select[int]") -> int | None:
        async with self._database.reading() as session:
            found: int | None = await session.scalar(query)
            return found


async def _clips_of(session: AsyncSession, turn_ids: Sequence[int]) -> dict[int, list[Clip]]:
    """Find the clips of turns, without their sound."""
    rows = await session.execute(
        select(ClipRow.id, ClipRow.turn_id, ClipRow.seconds)
        .where(ClipRow.turn_id.in_(turn_ids))
        .order_by(ClipRow.id)
    )
    clips: dict[int, list[Clip]] = defaultdict(list)
    for row in rows:
        clips[row.turn_id].append(Clip(row.id, row.seconds))
    return clips


def _keep_lengths(old: ColumnElement[bool]) -> Update:
    seconds = select(func.sum(ClipRow.seconds)).where(ClipRow.turn_id == TurnRow.id, old)
    return (
        update(TurnRow)
        .where(TurnRow.id.in_(select(ClipRow.turn_id).where(old)))
        .values(unkept_seconds=TurnRow.unkept_seconds + seconds.scalar_subquery())
        .execution_options(synchronize_session=False)
    )


def _turn_values(new: NewTurn) -> dict[str, Any]:
    handle = new.handle
    return {
        "parent_id": new.parent_id,
        "question_id": new.question_id,
        "guild_id": new.room.guild_id,
        "channel_id": new.room.channel_id,
        "room_id": new.room.id,
        "member_id": new.member.id,
        "member_name": new.member.name,
        "asked_at": new.asked_at,
        "text": new.text,
        "unkept_seconds": new.unkept_seconds,
        "transcript": new.transcript,
        "answer_seconds": new.answer_seconds,
        "voice": new.voice,
        "model": new.model,
        "audio_id": handle.id if handle else None,
        "audio_expires_at": handle.expires_at if handle else None,
        "audio_origin": handle.origin if handle else None,
        "heard": new.heard,
    }


def _to_turn(row: "Row[*tuple[Any, ...]]", clips: tuple[Clip, ...]) -> Turn:
    return Turn(
        id=row.id,
        parent_id=row.parent_id,
        question_id=row.question_id,
        member=Member(row.member_id, row.member_name),
        text=row.text,
        clips=clips,
        unkept_seconds=row.unkept_seconds,
        transcript=row.transcript,
        handle=_to_handle(row),
        answer_seconds=row.answer_seconds,
        asked_at=row.asked_at,
        voice=row.voice,
        heard=row.heard,
    )


def _to_handle(row: "Row[*tuple[Any, ...]]") -> AudioHandle | None:
    if row.audio_id is None or row.audio_expires_at is None or row.audio_origin is None:
        return None
    return AudioHandle(row.audio_id, row.audio_expires_at, row.audio_origin)
