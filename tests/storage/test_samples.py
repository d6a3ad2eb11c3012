from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.domain.incoming import Member
from bot.domain.reply import SoundFile, Usage
from bot.domain.rooms import Room
from bot.domain.samples import Line, Sample
from bot.domain.usage import Spent
from bot.storage import samples
from bot.storage.database import Database
from bot.storage.samples import SampleStore
from bot.storage.tables import SampleRow, UsageRow
from tests.storage.builders import NOW

ENGLISH, GERMAN = Line("en", "Hello!"), Line("de", "Hallo!")


def sample(voice: str = "coral", line: Line = ENGLISH, said: str | None = None) -> Sample:
    return Sample(voice, line, SoundFile(b"sound", "mp3", "audio/mpeg", None), said)


async def test_a_sample_is_found_by_origin_voice_and_language(database: Database) -> None:
    store = SampleStore(database)
    await store.keep("here", sample(said="Hi!"), NOW)
    assert await store.find(["there", "here"], "coral", ENGLISH) == sample(said="Hi!")
    assert await store.find(["there"], "coral", ENGLISH) is None
    assert await store.find(["here"], "onyx", ENGLISH) is None
    assert await store.find(["here"], "coral", GERMAN) is None


async def test_the_first_origin_that_has_one_wins(database: Database) -> None:
    store = SampleStore(database)
    await store.keep("speech", sample(), NOW)
    await store.keep("chat", sample(said="Hi!"), NOW)
    assert await store.find(["speech", "chat"], "coral", ENGLISH) == sample()
    assert await store.find(["chat", "speech"], "coral", ENGLISH) == sample(said="Hi!")


async def test_a_sample_of_other_words_counts_no_longer_and_is_replaced(
    database: Database,
) -> None:
    store, renewed = SampleStore(database), Line("en", "Good day!")
    await store.keep("here", sample(), NOW)
    assert await store.find(["here"], "coral", renewed) is None
    await store.keep("here", sample(line=renewed), NOW)
    assert await store.find(["here"], "coral", renewed) == sample(line=renewed)


async def test_the_oldest_go_when_there_are_too_many(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "MOST_SAMPLES", 3)
    store = SampleStore(database)
    for n in range(5):
        await store.keep("here", sample(f"voice_{n}"), NOW + timedelta(seconds=n))
    found = [await store.find(["here"], f"voice_{n}", ENGLISH) is not None for n in range(5)]
    assert found == [False, False, True, True, True]
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SampleRow)) == 3


async def test_what_a_sample_cost_is_counted_without_a_turn(database: Database) -> None:
    spent = Spent(Usage(text_in=10, audio_out=100), "gpt-4o-mini-tts")
    await SampleStore(database).record_cost(Room(10, 1), Member(7, "Ada"), NOW, spent)
    async with database.reading() as session:
        row = (await session.scalars(select(UsageRow))).one()
    assert (row.turn_id, row.member_id, row.room_id, row.guild_id) == (None, 7, 10, 1)
    assert (row.audio_out, row.model) == (100, "gpt-4o-mini-tts")
    assert row.cost_microusd == round(10 * 0.6 + 100 * 12)
