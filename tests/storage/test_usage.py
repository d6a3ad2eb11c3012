from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text

from bot.domain.reply import Usage
from bot.storage.database import Database
from bot.storage.tables import UsageRow
from bot.storage.turns import TurnStore
from bot.storage.usage import Spending, UsageReader
from tests.storage.builders import NOW, turn


async def add(database: Database, at: datetime) -> None:
    await TurnStore(database).record(replace(turn(), asked_at=at))


async def test_times_of_any_zone_are_kept_and_given_in_utc(database: Database) -> None:
    await add(database, NOW.astimezone(timezone(timedelta(hours=5))))
    async with database.reading() as session:
        kept = (await session.execute(text("SELECT at FROM usage"))).scalar()
        given = await session.scalar(select(UsageRow.at))
    assert kept == "2026-11-21 12:00:00.000000"
    assert given == NOW
    assert given is not None
    assert given.tzinfo is UTC


async def test_a_time_without_a_zone_is_a_defect(database: Database) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        await add(database, NOW.replace(tzinfo=None))


async def test_costs_are_added_up_from_the_last_look_on(database: Database) -> None:
    await add(database, NOW)
    reader, later = UsageReader(database), UsageReader(database)
    assert await reader.read_on() == Spending(Usage(), 0, 0, 0)
    usage = Usage(text_in=10, audio_out=20)
    turns = TurnStore(database)
    await turns.record(replace(turn(), usage=usage, cost_microusd=700))
    await turns.record(replace(turn(), usage=None, cost_microusd=None))
    assert await reader.read_on() == Spending(usage, 700, 1, 1)
    assert await reader.read_on() == Spending(Usage(), 0, 0, 0)
    assert await later.read_on() == Spending(Usage(), 0, 0, 0)
