"""Looking an answer up by one of its messages, beside the bot that writes; only reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bot.storage.database import uninterrupted
from bot.storage.engines import file_of
from bot.storage.reader import Reader
from bot.storage.tables import PartRow, TurnRow, UsageRow


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """What is known of an answer. `cost_microusd` is None where nothing of it was priced."""

    transcript: str
    voice: str
    seconds: float
    audio_id: str | None
    audio_expires_at: datetime | None
    cost_microusd: int | None


class AnswerReader:
    """Finds answers."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @uninterrupted
    async def find(self, message_id: int) -> KnownAnswer | None:
        """Find the answer that a message belongs to, be it its question or a part of it."""
        of_part = select(PartRow.turn_id).where(PartRow.message_id == message_id)
        of_question = select(func.max(TurnRow.id)).where(TurnRow.question_id == message_id)
        async with self._reader.session() as session:
            turn_id = await session.scalar(of_part) or await session.scalar(of_question)
            turn = await session.get(TurnRow, turn_id) if turn_id else None
            if turn is None:
                return None
            paid = select(func.sum(UsageRow.cost_microusd)).where(UsageRow.turn_id == turn_id)
            return KnownAnswer(
                transcript=turn.transcript,
                voice=turn.voice,
                seconds=turn.answer_seconds,
                audio_id=turn.audio_id,
                audio_expires_at=turn.audio_expires_at,
                cost_microusd=await session.scalar(paid),
            )


@asynccontextmanager
async def open_answers(url: str) -> AsyncIterator[AnswerReader]:
    """Open the file that `url` names; it need not be there before the first look.

    Raises:
        DatabaseError: `url` names no file.

    """
    reader = Reader(file_of(url))
    try:
        yield AnswerReader(reader)
    finally:
        await reader.close()
