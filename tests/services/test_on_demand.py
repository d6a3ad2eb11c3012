"""The buttons below answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.access import Rights
from bot.domain.incoming import Caller
from bot.domain.reply import Button, Offer
from bot.domain.rooms import Room
from bot.domain.triggers import Verdict
from bot.errors import (
    ChatApiError,
    DeliveryError,
    FilesForbidden,
    Refused,
    SpeechUnavailable,
    TooLarge,
)
from bot.storage.database import Database
from tests.fakes import BOB, CHANNEL, DM, RecordingOutlet, asked
from tests.services.test_room_rules import HERE, choose, spoken
from tests.services.world import Services, build_services, said

CALLER = Caller(CHANNEL, BOB)


async def written(services: Services, **chosen: str) -> None:
    """An answer in writing, as turn 1."""
    await choose(services, HERE, **{"speak": "on_demand", **chosen})
    outlet = await services.ask(asked(1))
    [message] = outlet.posted
    assert (message.text, message.sound) == ("answer 1", None)
    assert message.buttons == (Button(Offer.SPEAK, 1),)


async def press(services: Services, outlet: RecordingOutlet) -> int:
    return await services.on_demand.speak(1, CALLER, outlet)


async def calls(database: Database) -> Sequence[object]:
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT turn_id, member_id, model, cost_microusd > 0 FROM usage ORDER BY id")
        )
        return [tuple(row) for row in rows]


async def test_a_press_speaks_the_stored_words_in_the_turns_voice_once(
    services: Services, database: Database
) -> None:
    await written(services, voice="coral", form="voice_note")
    await choose(services, voice="onyx")
    outlets = [RecordingOutlet(9_000 + n) for n in range(4)]
    found = await asyncio.gather(*(press(services, outlet) for outlet in outlets))
    assert len(set(found)) == 1
    [bubble] = [message for outlet in outlets for message in outlet.posted]
    assert bubble.clip is not None
    assert bubble.clip.data == b"coral reads answer 1"
    assert services.reciter.read == [("answer 1", "coral")]
    assert await calls(database) == [
        (1, 101, "gpt-audio-1.5", 1),
        (1, BOB.id, "gpt-4o-mini-tts", 1),
    ]


async def test_a_press_on_what_is_spoken_already_is_no_question_of_any_rate(
    database: Database,
) -> None:
    services = build_services(database, member_rate=1)
    await written(services)
    first = await press(services, RecordingOutlet(9_000))
    for _ in range(3):
        assert await press(services, RecordingOutlet()) == first
    services.clock.pass_time(timedelta(minutes=1))
    await services.ask(asked(2, member=BOB))


async def test_a_reply_to_the_sound_goes_on_with_the_conversation(services: Services) -> None:
    await written(services)
    sound = await press(services, RecordingOutlet(9_000))
    await services.ask(asked(2, "why?", reply_to=sound))
    assert len(said(services.speaker.heard[-1])) == 2


async def test_a_card_has_the_sound_alone_for_its_words_stand_above(services: Services) -> None:
    await written(services, file_format="opus", speed="2")
    outlet = RecordingOutlet(9_000)
    await press(services, outlet)
    [card] = outlet.posted
    assert card.sound is not None
    assert (card.text, card.sound.extension, card.sound.seconds) == ("", "opus", 1.0)


async def test_what_was_asked_by_voice_message_is_spoken_as_one(services: Services) -> None:
    await choose(services, HERE, speak="on_demand")
    await services.ask(spoken(services, 1))
    outlet = RecordingOutlet(9_000)
    await press(services, outlet)
    assert [message.clip is not None for message in outlet.posted] == [True]


@pytest.mark.parametrize(
    "refusal", [SpeechUnavailable(), ChatApiError("voice_refused", "It has no such voice.")]
)
async def test_else_the_chat_model_reads_and_other_words_are_told(
    services: Services, database: Database, refusal: ChatApiError
) -> None:
    await written(services)
    services.reciter.script = [refusal]
    services.speaker.script = [services.speaker.say("Answer, 2")]
    outlet = RecordingOutlet(9_000)
    await press(services, outlet)
    [card] = outlet.posted
    assert card.sound is not None
    assert "did not keep to these words. It said: Answer, 2" in card.text
    prompt = services.speaker.heard[-1]
    assert (prompt.voice, said(prompt)) == ("alloy", ["answer 1"])
    assert len(await calls(database)) == 2


async def test_the_same_words_in_another_spelling_are_the_same(services: Services) -> None:
    await written(services)
    services.reciter.script = [SpeechUnavailable()]
    services.speaker.script = [services.speaker.say("Answer: 1!")]
    outlet = RecordingOutlet(9_000)
    await press(services, outlet)
    assert outlet.texts == [""]


async def test_a_voice_that_neither_has_gives_way_and_is_named(services: Services) -> None:
    await written(services, voice="voice_gone")
    refused = ChatApiError("voice_refused", "It has no such voice.")
    services.reciter.script = [refused]
    services.speaker.script = [refused, services.speaker.say("answer 1")]
    outlet = RecordingOutlet(9_000)
    await press(services, outlet)
    [note] = outlet.texts
    assert "does not have the voice voice_gone, so I speak with alloy" in note
    assert [prompt.voice for prompt in services.speaker.heard[1:]] == ["voice_gone", "alloy"]


async def test_a_failure_is_told_and_leaves_the_button_as_it_was(services: Services) -> None:
    await written(services)
    services.reciter.script = [ChatApiError("rate_limited", "The model is busy.")]
    with pytest.raises(ChatApiError, match="rate_limited"):
        await press(services, RecordingOutlet())
    lost = TooLarge("sound_too_large", "The sound is too large.")
    with pytest.raises(DeliveryError, match="sound_lost"):
        await press(services, RecordingOutlet(refusals=[lost, lost]))
    services.reciter.script = [SpeechUnavailable()]
    services.speaker.script = [services.speaker.say("answer 1", sound=False)]
    with pytest.raises(ChatApiError, match="answer_without_sound"):
        await press(services, RecordingOutlet())
    outlet = RecordingOutlet(9_000)
    await press(services, outlet)
    assert len(outlet.posted) == 1


async def test_who_may_not_ask_may_not_have_it_spoken(services: Services) -> None:
    await written(services, roles_denied="9")
    with pytest.raises(Refused, match="role_denied"):
        await services.on_demand.speak(1, replace(CALLER, role_ids=(9,)), RecordingOutlet())
    assert services.reciter.read == []


async def test_where_no_sound_can_be_posted_none_is_paid_for(services: Services) -> None:
    await written(services)
    outlet = RecordingOutlet()
    outlet.soundless = FilesForbidden("files_forbidden", "I may not attach files.")
    with pytest.raises(FilesForbidden):
        await press(services, outlet)
    assert services.reciter.read == []


async def test_an_answer_is_spoken_and_shown_in_its_own_room_alone(services: Services) -> None:
    await written(services)
    for elsewhere in (Room(11, 1), Room(12, 2), Room(13)):
        own = Rights(own_dm=elsewhere.is_dm)
        with pytest.raises(Refused, match="turn_gone"):
            await services.on_demand.words(1, Caller(elsewhere, BOB, rights=own))
        with pytest.raises(Refused, match="turn_gone"):
            await services.on_demand.speak(1, Caller(elsewhere, BOB, rights=own), RecordingOutlet())
    assert services.reciter.read == []
    assert (
        await services.on_demand.words(1, Caller(Room(CHANNEL.channel_id, 1, thread_id=77), BOB))
        == "answer 1"
    )


async def test_an_answer_that_is_gone_cannot_be_spoken_or_shown(services: Services) -> None:
    with pytest.raises(Refused, match="turn_gone"):
        await press(services, RecordingOutlet())
    with pytest.raises(Refused, match="turn_gone"):
        await services.on_demand.words(1, CALLER)


async def test_words_cut_off_by_a_stop_come_with_their_button(services: Services) -> None:
    await choose(services, speak="on_demand")
    question = asked(1)
    await services.accept(question)
    services.speaker.script = [services.speaker.say("kept words", sound=False)]

    class Stopped(RecordingOutlet):
        async def post_text(self, *_: object, **__: object) -> int:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await services.replies.answer(question, Stopped())
    [again] = (await services.recover()).young
    outlet = RecordingOutlet()
    await services.replies.answer(again, outlet)
    [message] = outlet.posted
    assert (message.text, message.buttons) == ("kept words", (Button(Offer.SPEAK, 1),))
    assert await services.accept(question) is Verdict.IGNORE


async def test_what_was_answered_to_somebody_alone_is_not_given_to_another(
    services: Services,
) -> None:
    await services.ask(asked(1, room=DM))
    stranger = Caller(DM, BOB)
    with pytest.raises(Refused, match="not_your_dm"):
        await services.on_demand.words(1, stranger)
    with pytest.raises(Refused, match="not_your_dm"):
        await services.on_demand.speak(1, Caller(DM, BOB), RecordingOutlet())
