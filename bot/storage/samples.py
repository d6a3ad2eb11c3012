"""Samples of voices: made once, kept until newer ones crowd them out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from bot.domain.incoming import Member
from bot.domain.reply import SoundFile
from bot.domain.rooms import Room
from bot.domain.samples import Line, Sample
from bot.domain.usage import Spent
from bot.storage.database import Database, uninterrupted
from bot.storage.lane import Prepared
from bot.storage.tables import SampleRow, UsageRow
from bot.storage.usage import call_values

MOST_SAMPLES = 300
"""All named voices in more than twenty languages; about 15 MB."""

_ADD_USAGE = Prepared(insert(UsageRow))


class SampleStore:
    """Keeps samples, and what they cost."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uninterrupted
    async def find(self, origins: Sequence[str], voice: str, line: Line) -> Sample | None:
        """Find a sample of one of the origins, the first where there are several."""
        async with self._database.reading() as session:
            for origin in origins:
                row = await session.get(SampleRow, (origin, voice, line.language))
                if row is not None and row.text == line.text:
                    sound = SoundFile(row.data, row.extension, row.content_type, None)
                    return Sample(voice, line, sound, row.said)
        return None

    @uninterrupted
    async def keep(self, origin: str, sample: Sample, now: datetime) -> None:
        """Keep a sample; the oldest go when there are too many."""
        async with self._database.writing() as session:
            await session.merge(
                SampleRow(
                    origin=origin,
                    voice=sample.voice,
                    language=sample.line.language,
                    text=sample.line.text,
                    said=sample.said,
                    made_at=now,
                    extension=sample.sound.extension,
                    content_type=sample.sound.content_type,
                    data=sample.sound.data,
                )
            )
            await session.flush()
            newest = select(SampleRow.made_at).order_by(SampleRow.made_at.desc())
            oldest_kept = await session.scalar(newest.offset(MOST_SAMPLES - 1).limit(1))
            if oldest_kept is not None:
                await session.execute(delete(SampleRow).where(SampleRow.made_at < oldest_kept))

    async def record_cost(self, room: Room, member: Member, at: datetime, spent: Spent) -> None:
        """Keep what a sample cost."""
        values = {**call_values(0, room, member, at, spent), "turn_id": None}
        await self._database.transact(lambda c: _ADD_USAGE.rows(c, values))
