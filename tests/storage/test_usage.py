from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from bot.domain.reply import Usage
from bot.storage.database import Database
from bot.storage.tables import UsageRow
from bot.storage.usage import UsageStore
from tests.storage.builders import ADA, NOW, ROOM


async def add(store: UsageStore, at: datetime) -> None:
    await store.add(
        room=ROOM, member=ADA, model="m", usage=Usage(text_in=9), cost_microusd=None, at=at
    )


async def test_a_paid_call_without_a_turn_is_kept(database: Database) -> None:
    await add(UsageStore(database), NOW)
    async with database.reading() as session:
        columns = "turn_id, guild_id, room_id, member_id, model, text_in, audio_in, cost_microusd"
        row = (await session.execute(text(f"SELECT {columns} FROM usage"))).one()  # noqa: S608
    assert tuple(row) == (None, 1, 10, 7, "m", 9, 0, None)


async def test_times_of_any_zone_are_kept_and_given_in_utc(database: Database) -> None:
    await add(UsageStore(database), NOW.astimezone(timezone(timedelta(hours=5))))
    async with database.reading() as session:
        kept = (await session.execute(text("SELECT at FROM usage"))).scalar()
        given = await session.scalar(select(UsageRow.at))
    assert kept == "2026-11-21 12:00:00.000000"
    assert given == NOW
    assert given is not None
    assert given.tzinfo is UTC


async def test_a_time_without_a_zone_is_a_defect(database: Database) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        await add(UsageStore(database), NOW.replace(tzinfo=None))
