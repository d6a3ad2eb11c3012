"""Recordings are written down once paid for, and what we said ourselves from memory."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.domain.incoming import Address, FileKind, FileRef, Incoming, Quoted
from bot.domain.prompt import FromMember
from bot.domain.reply import ModelAudio, Usage
from bot.domain.usage import Waste
from bot.errors import ChatApiError, Refused, TranscriptionUnavailable
from bot.storage.database import Database
from bot.storage.tables import UsageRow
from tests.fakes import BOB, asked
from tests.services.world import Services, build_services

CLIP = FileRef(1, FileKind.SOUND, "a.ogg", "https://cdn/a.ogg", 5)
NEEDS_AUDIO = ChatApiError("model_needs_audio", "The model answers aloud only.")


@pytest.fixture
def services(database: Database) -> Services:
    made = build_services(database)
    made.files.files = {CLIP.url: b"hello"}
    made.writer.script = [TranscriptionUnavailable()]
    return made


def wanted(*files: FileRef) -> Incoming:
    question = asked(900, "", member=BOB, address=Address.COMMAND)
    return replace(question, quoted=Quoted("Ada", "", files))


async def costs(database: Database) -> list[tuple[int | None, int, str]]:
    async with database.reading() as session:
        rows = await session.execute(select(UsageRow.turn_id, UsageRow.member_id, UsageRow.model))
        return [(row[0], row[1], row[2]) for row in rows]


async def test_the_model_hears_it_and_its_price_is_kept(
    services: Services, database: Database
) -> None:
    written = await services.transcripts.write_down(1, wanted(CLIP))
    assert (written.words, written.exact) == ("answer 1", False)
    [prompt] = services.speaker.heard
    assert prompt.voice is None
    assert prompt.messages[1] == FromMember((ModelAudio(b"heard hello", "mp3", 4.0),))
    assert await costs(database) == [(None, BOB.id, "gpt-audio-1.5")]


async def test_a_model_that_only_answers_aloud_speaks_it(
    services: Services, database: Database
) -> None:
    services.speaker.script = [NEEDS_AUDIO]
    written = await services.transcripts.write_down(1, wanted(CLIP))
    assert written.words == "answer 2"
    assert [prompt.voice for prompt in services.speaker.heard] == [None, "alloy"]
    assert len(await costs(database)) == 1


async def test_what_was_paid_in_vain_is_kept_too(services: Services, database: Database) -> None:
    services.speaker.script = [ChatApiError("answer_empty", "Nothing came.")]
    services.speaker.waste = [Waste(Usage(audio_in=5), "gpt-audio-mini")]
    with pytest.raises(ChatApiError):
        await services.transcripts.write_down(1, wanted(CLIP))
    assert await costs(database) == [(None, BOB.id, "gpt-audio-mini")]


async def test_an_answer_of_ours_costs_nothing_but_its_question_is_heard(
    services: Services, database: Database
) -> None:
    outlet = await services.ask(asked(1))
    written = await services.transcripts.write_down(outlet.posted[-1].id, wanted(CLIP))
    assert (written.words, written.exact) == ("answer 1", True)
    assert len(services.speaker.heard) == 1
    assert not (await services.transcripts.write_down(1, wanted(CLIP))).exact


async def test_nothing_is_asked_where_nothing_can_be_heard(services: Services) -> None:
    with pytest.raises(Refused, match="nothing_to_hear"):
        await services.transcripts.write_down(1, wanted())
    await services.turnstile.drain(0)
    with pytest.raises(Refused, match="closing"):
        await services.transcripts.write_down(1, wanted(CLIP))
    assert services.speaker.heard == []


async def test_the_endpoint_for_that_is_asked_first(services: Services, database: Database) -> None:
    services.writer.script = []
    written = await services.transcripts.write_down(1, wanted(CLIP))
    assert (written.words, written.exact) == ("hello", False)
    assert services.speaker.heard == []
    assert await costs(database) == [(None, BOB.id, "gpt-transcribe")]


async def test_its_failure_is_told_and_the_model_is_not_asked(services: Services) -> None:
    services.writer.script = [ChatApiError("quota_exhausted", "The budget is used up.")]
    with pytest.raises(ChatApiError, match="quota_exhausted"):
        await services.transcripts.write_down(1, wanted(CLIP))
    assert services.speaker.heard == []


async def test_a_question_is_written_down_once_for_everybody(services: Services) -> None:
    services.writer.script = []
    await services.ask(replace(asked(1, "Listen:"), files=(CLIP,)))
    both = [services.transcripts.write_down(1, wanted(CLIP)) for _ in range(2)]
    assert [each.words for each in await asyncio.gather(*both)] == ["hello"] * 2
    assert len(services.writer.heard) == 1
    [turn] = await services.turns.ancestors(1, 1)
    assert (turn.said, turn.clips) == ("Listen:\n\nhello", ())


async def test_words_of_less_than_all_recordings_of_a_question_do_not_stand_for_all(
    services: Services,
) -> None:
    services.writer.script = []
    quoted = Quoted("Ada", "", (replace(CLIP, id=2),))
    await services.ask(replace(asked(1, "Listen:"), files=(CLIP,), quoted=quoted))
    await services.transcripts.write_down(1, wanted(CLIP))
    [turn] = await services.turns.ancestors(1, 1)
    assert (turn.heard, len(turn.clips)) == (None, 2)


async def test_a_question_whose_recording_is_no_longer_kept_is_paid_for_once_as_well(
    services: Services,
) -> None:
    services.writer.script = []
    await services.ask(replace(asked(1, "Listen:"), files=(CLIP,)))
    await services.turns.forget_clips(services.clock() + timedelta(days=8))
    for _ in range(2):
        assert (await services.transcripts.write_down(1, wanted(CLIP))).words == "hello"
    assert len(services.writer.heard) == 1
    [turn] = await services.turns.ancestors(1, 1)
    assert (turn.said, turn.unkept_seconds) == ("Listen:\n\nhello", 0.0)


async def test_a_question_without_a_recording_of_its_own_has_no_transcript(
    services: Services,
) -> None:
    services.writer.script = []
    await services.ask(replace(asked(1, "What is that?"), quoted=Quoted("Ada", "", (CLIP,))))
    await services.turns.keep_words(1, "hello")
    with pytest.raises(Refused, match="nothing_to_hear"):
        await services.transcripts.write_down(1, wanted())
