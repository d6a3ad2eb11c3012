"""Samples of voices: made once, by whatever speaks, and counted."""

import asyncio

import pytest
from sqlalchemy import select

from bot.domain.access import Actor, Rights
from bot.domain.incoming import Caller
from bot.domain.reply import SpokenReply
from bot.domain.rooms import Place, Room, Scope
from bot.domain.samples import SENTENCES
from bot.errors import ChatApiError, Refused, SpeechUnavailable
from bot.services.aloud import Aloud
from bot.services.previews import Listener, Previews
from bot.storage.database import Database
from bot.storage.samples import SampleStore
from bot.storage.tables import UsageRow
from tests.fakes import ADA, BOB
from tests.services.world import RULES, Services

ROOM, CHANNEL = Room(10, 1), Place(Scope.CHANNEL, 10, 1)
MODERATOR = Actor(ADA.id, Rights(manage_channels=True))
LISTENER = Listener(Caller(ROOM, ADA), "en-US", 5)


@pytest.fixture
def previews(services: Services, database: Database) -> Previews:
    return Previews(
        SampleStore(database),
        services.rooms,
        Aloud((services.reciter,), services.speaker, RULES),
        (services.speaker, services.reciter),
        services.transcoder,
        (),
        services.turnstile,
        services.clock,
    )


async def paid(database: Database) -> list[tuple[int | None, int, str]]:
    async with database.reading() as session:
        rows = await session.scalars(select(UsageRow).order_by(UsageRow.id))
        return [(row.turn_id, row.member_id, row.model) for row in rows]


async def test_a_sample_is_spoken_once_and_given_to_everybody_after(
    previews: Previews, services: Services, database: Database
) -> None:
    first = await previews.sample("coral", LISTENER)
    again = await previews.sample(
        "Coral", Listener(Caller(Room(20), BOB, rights=Rights(own_dm=True)), "en-GB", 6)
    )
    assert first.sound.data == again.sound.data
    assert services.reciter.read == [(SENTENCES["en"], "coral")]
    assert await paid(database) == [(None, ADA.id, "gpt-4o-mini-tts")]


async def test_those_who_ask_at_the_same_time_wait_for_the_same_one(
    previews: Previews, services: Services
) -> None:
    async with asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(previews.sample("onyx", LISTENER))
    assert len(services.reciter.read) == 1


async def test_each_language_has_its_own(previews: Previews, services: Services) -> None:
    for locale in ("en-US", "de"):
        await previews.sample("coral", Listener(Caller(ROOM, ADA), locale, 5))
    assert [text for text, _ in services.reciter.read] == [SENTENCES["en"], SENTENCES["de"]]


async def test_the_chat_model_reads_where_nothing_else_can_and_other_words_are_noted(
    previews: Previews, services: Services, database: Database
) -> None:
    services.reciter.script.append(SpeechUnavailable())
    spoken: SpokenReply = services.speaker.say("Nice to meet you.")
    services.speaker.script.append(spoken)
    sample = await previews.sample("coral", LISTENER)
    assert sample.said == "Nice to meet you."
    kept = await previews.sample("coral", LISTENER)
    assert kept.said == "Nice to meet you."
    assert len(services.speaker.heard) == 1
    assert await paid(database) == [(None, ADA.id, "gpt-audio-1.5")]


async def test_a_failure_is_not_kept(previews: Previews, services: Services) -> None:
    services.reciter.script.append(ChatApiError("busy", "Too many at once."))
    with pytest.raises(ChatApiError):
        await previews.sample("coral", LISTENER)
    assert (await previews.sample("coral", LISTENER)).voice == "coral"


async def test_what_was_paid_for_counts_also_when_its_sound_is_of_no_use(
    previews: Previews, services: Services, database: Database
) -> None:
    services.transcoder.broken = True
    with pytest.raises(Exception, match="could not be made"):
        await previews.sample("coral", LISTENER)
    assert len(await paid(database)) == 1


async def test_without_a_name_the_voice_in_force_is_heard(
    previews: Previews, services: Services
) -> None:
    await services.rooms.set(CHANNEL, "voice", "sage", MODERATOR)
    assert (await previews.sample(None, LISTENER)).voice == "sage"
    with pytest.raises(Refused, match="no persona with a voice"):
        await previews.sample("persona", LISTENER)


async def test_who_is_not_answered_makes_nobody_pay(previews: Previews, services: Services) -> None:
    await services.rooms.set(CHANNEL, "roles_denied", "77", MODERATOR)
    with pytest.raises(Refused, match="One of your roles"):
        await previews.sample("coral", Listener(Caller(ROOM, ADA, (77,)), "en-US", 5))
    assert services.reciter.read == []
