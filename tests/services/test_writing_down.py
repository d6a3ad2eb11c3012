"""What members say, written down: always, on a press, or where the model does not hear."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.access import Rights
from bot.domain.incoming import Caller
from bot.domain.prompt import FromMember, Prompt
from bot.domain.reply import Button, ModelAudio, Offer, SpokenReply, StandIn
from bot.domain.rooms import Room
from bot.domain.setting_words import Transcribe
from bot.domain.usage import Waste
from bot.errors import ChatApiError, Refused, TranscriptionUnavailable
from bot.services.writing_down import WritingDown
from bot.storage.database import Database
from bot.tasks import spawn
from tests.fakes import BOB, CHANNEL, DM, RecordingOutlet, ScriptedWriter, StoppedClock, asked
from tests.services.test_room_rules import HERE, choose, spoken
from tests.services.world import Services, build_services, history

CALLER = Caller(CHANNEL, BOB)
DEAF = ChatApiError("model_cannot_hear", "This model does not take sound.")
CLIP = ModelAudio(b"heard clip", "mp3", 4.0)
BUSY = ChatApiError("rate_limited", "The model is busy.")


@pytest.fixture
def always(database: Database) -> Services:
    return build_services(database, transcribe=Transcribe.ALWAYS)


@pytest.fixture
def press(database: Database) -> Services:
    return build_services(database, transcribe=Transcribe.PRESS)


async def kept(database: Database) -> list[tuple[object, ...]]:
    """What became of what members said: the words, seconds without words, clips."""
    async with database.reading() as session:
        rows = await session.execute(
            text(
                "SELECT text, heard, unkept_seconds,"
                " (SELECT count(*) FROM clips WHERE turn_id = turns.id) FROM turns ORDER BY id"
            )
        )
        return [tuple(row) for row in rows]


async def until(database: Database, wanted: list[tuple[object, ...]]) -> None:
    """Wait until that became of what members said."""
    async with asyncio.timeout(5):
        while await kept(database) != wanted:
            pass


async def calls(database: Database) -> Sequence[object]:
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT turn_id, member_id, model, cost_microusd FROM usage ORDER BY id")
        )
        return [tuple(row) for row in rows]


def question(services: Services) -> object:
    """What was asked last."""
    return services.speaker.heard[-1].messages[-1]


# Always.


async def test_what_was_said_is_shown_above_the_answer_and_kept_in_place_of_the_sound(
    always: Services, database: Database
) -> None:
    outlet = await always.ask(spoken(always, 1))
    assert [m.text for m in outlet.posted] == ["", "> 🗣️ clip\nanswer 1"]
    assert question(always) == FromMember(("[Ada] (voice message)", CLIP))
    assert await kept(database) == [("", "clip", 0.0, 0)]
    assert (None, 101, "gpt-transcribe", 300) in await calls(database)


async def test_later_questions_are_sent_the_words_and_no_sound(always: Services) -> None:
    said_first = await always.ask(replace(spoken(always, 1), text="About this:"))
    await always.ask(asked(2, "why?", reply_to=said_first.posted[-1].id))
    assert history(always.speaker.heard[-1])[0] == FromMember(("[Ada] About this:\n\nclip",))


async def test_it_is_written_down_while_the_model_thinks(always: Services) -> None:
    answer = always.speaker.speak

    async def think(prompt: Prompt, on_waste: Callable[[Waste], None]) -> SpokenReply:
        async with asyncio.timeout(5):
            await always.writer.begun.wait()
        return await answer(prompt, on_waste)

    always.speaker.speak = think  # type: ignore[method-assign] # to think for longer
    assert (await always.ask(spoken(always, 1))).texts == ["> 🗣️ clip\nanswer 1"]


@pytest.mark.parametrize("refusal", [BUSY, TranscriptionUnavailable()])
async def test_a_failure_of_writing_down_leaves_the_answer_as_it_is(
    always: Services, database: Database, refusal: ChatApiError
) -> None:
    always.writer.script = [refusal]
    outlet = await always.ask(spoken(always, 1))
    assert outlet.texts == ["answer 1"]
    assert await kept(database) == [("", None, 0.0, 1)]


async def test_words_that_come_late_are_kept_for_later_turns(database: Database) -> None:
    services = build_services(database, transcribe=Transcribe.ALWAYS, grace_s=0.0)
    services.writer.let.clear()
    assert (await services.ask(spoken(services, 1))).texts == ["answer 1"]
    assert await kept(database) == [("", None, 0.0, 1)]
    services.writer.let.set()
    await until(database, [("", "clip", 0.0, 0)])


async def test_words_that_come_just_after_the_answer_are_waited_for(
    always: Services, database: Database
) -> None:
    always.writer.let.clear()
    answering = spawn(always.ask(spoken(always, 1)), name="answering")
    await until(database, [("", None, 0.0, 1)])
    always.writer.let.set()
    assert (await answering).texts == ["> 🗣️ clip\nanswer 1"]
    assert await kept(database) == [("", "clip", 0.0, 0)]


async def test_words_that_are_on_their_way_are_not_paid_for_twice(database: Database) -> None:
    services = build_services(database, transcribe=Transcribe.ALWAYS, grace_s=0.0)
    services.writer.let.clear()
    await services.ask(spoken(services, 1))
    pressed = spawn(services.transcripts.of_turn(1, CALLER), name="by the button")
    menu = replace(spoken(services, 1), message_id=9, member=BOB)
    chosen = spawn(services.transcripts.write_down(1, menu), name="by the menu")
    async with asyncio.timeout(5):
        while services.turnstile.in_flight + services.turnstile.waiting < 2:
            await kept(database)
    services.writer.let.set()
    assert (await pressed, (await chosen).words) == ("clip", "clip")
    assert services.writer.heard == [CLIP]


async def test_words_that_were_on_their_way_and_never_came_are_written_down_anew(
    database: Database,
) -> None:
    services = build_services(database, transcribe=Transcribe.ALWAYS, grace_s=0.0)
    services.writer.let.clear()
    services.writer.script = [BUSY]
    await services.ask(spoken(services, 1))
    pressed = spawn(services.transcripts.of_turn(1, CALLER), name="by the button")
    async with asyncio.timeout(5):
        while not services.turnstile.in_flight:
            await kept(database)
    services.writer.let.set()
    assert await pressed == "clip"


async def test_a_defect_in_writing_down_costs_nobody_their_answer(
    always: Services, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    always.writer.defect = ValueError("nobody thought of this")
    assert (await always.ask(spoken(always, 1))).texts == ["answer 1"]
    assert await kept(database) == [("", None, 0.0, 1)]
    assert "a defect kept a recording from being written down" in caplog.text


async def test_a_question_without_a_recording_has_nothing_to_write_down(always: Services) -> None:
    outlet = await always.ask(asked(1))
    assert outlet.texts == ["answer 1"]
    assert always.writer.heard == []


async def test_silence_shows_nothing_and_is_a_message_without_words_later(
    always: Services,
) -> None:
    first = await always.ask(spoken(always, 1, b""))
    assert first.texts == ["answer 1"]
    await always.ask(asked(2, "why?", reply_to=first.posted[-1].id))
    assert history(always.speaker.heard[-1])[0] == FromMember(
        ("[Ada] (voice message without words)",)
    )


async def test_a_card_quotes_what_was_said_where_it_shows_words_at_all(always: Services) -> None:
    recording = replace(spoken(always, 1), text="Listen:", voice_message=False)
    assert (await always.ask(recording)).texts == ["> 🗣️ clip\nanswer 1"]
    await choose(always, HERE, transcript="folded")
    [card] = (await always.ask(replace(recording, message_id=2))).posted
    assert card.text.startswith("> 🗣️ clip\n-# 📄")
    await choose(always, HERE, transcript="off")
    assert (await always.ask(replace(recording, message_id=3))).texts == [""]


async def test_what_was_said_is_as_safe_as_all_we_post(always: Services) -> None:
    said = b"@everyone ``` [a](https://evil.example)\n# big"
    [words] = (await always.ask(spoken(always, 1, said))).texts
    assert words == "> 🗣️ @ everyone ''' [a] (https://evil.example) # big\nanswer 1"


async def test_long_words_get_a_message_of_their_own_and_no_more(always: Services) -> None:
    always.speaker.script = [
        always.speaker.say("reply " * 300),
        always.speaker.say("reply. " * 1_500),
    ]
    pages = (await always.ask(spoken(always, 1, b"word " * 190))).texts
    assert [page[:8] for page in pages] == ["> 🗣️ wor", "reply re"]
    said, beginning = (await always.ask(spoken(always, 2, b"word " * 199))).texts
    assert said.startswith("> 🗣️ word")
    assert "whole transcript is attached" in beginning


async def test_words_beyond_a_message_are_cut(database: Database) -> None:
    always = build_services(database, transcribe=Transcribe.ALWAYS)
    always.writer.words = "word " * 600
    said, _ = (await always.ask(spoken(always, 1))).texts
    assert (len(said) <= 2_000, said.endswith("word…")) == (True, True)


async def test_an_answer_cut_off_by_a_stop_comes_with_what_was_said(always: Services) -> None:
    note = spoken(always, 1)
    await always.accept(note)

    class Stopped(RecordingOutlet):
        async def post_voice(self, *_: object, **__: object) -> int:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await always.replies.answer(note, Stopped())
    [again] = (await always.recover()).young
    outlet = RecordingOutlet()
    await always.replies.answer(again, outlet)
    assert outlet.texts[0].startswith("> 🗣️ clip\nanswer 1")


# On a press.


async def test_whoever_presses_sees_the_words_which_are_paid_for_once(
    press: Services, database: Database
) -> None:
    outlet = await press.ask(spoken(press, 1))
    assert outlet.posted[-1].buttons == (Button(Offer.HEARD, 1),)
    assert press.writer.heard == []
    words = await asyncio.gather(*(press.transcripts.of_turn(1, CALLER) for _ in range(3)))
    assert words == ["clip"] * 3
    assert press.writer.heard == [CLIP]
    assert await kept(database) == [("", "clip", 0.0, 0)]
    assert (1, BOB.id, "gpt-transcribe", 300) in await calls(database)
    await press.ask(asked(2, "why?", reply_to=outlet.posted[-1].id))
    assert history(press.speaker.heard[-1])[0] == FromMember(("[Ada] clip",))


async def test_only_answers_to_recordings_get_the_button_beside_others(press: Services) -> None:
    assert (await press.ask(asked(1))).posted[-1].buttons == ()
    await choose(press, HERE, transcript="folded")
    [_, folded] = (await press.ask(spoken(press, 2))).posted
    assert [button.offer for button in folded.buttons] == [Offer.WORDS, Offer.HEARD]
    await choose(press, HERE, speak="on_demand")
    [written] = (await press.ask(spoken(press, 3))).posted
    assert [button.offer for button in written.buttons] == [Offer.SPEAK, Offer.HEARD]


async def test_no_button_without_the_setting(services: Services) -> None:
    assert [m.buttons for m in (await services.ask(spoken(services, 1))).posted] == [(), ()]


async def test_where_no_endpoint_is_to_be_had_the_model_writes_down_and_that_is_kept(
    press: Services, database: Database
) -> None:
    await press.ask(spoken(press, 1))
    press.writer.script = [TranscriptionUnavailable()]
    press.speaker.script = [press.speaker.say("so it said", sound=False)]
    assert await press.transcripts.of_turn(1, CALLER) == "so it said"
    assert await press.transcripts.of_turn(1, CALLER) == "so it said"
    assert len(press.speaker.heard) == 2
    assert await kept(database) == [("", "so it said", 0.0, 0)]


async def test_a_recording_that_is_no_longer_kept_cannot_be_written_down(press: Services) -> None:
    await press.ask(spoken(press, 1))
    await press.turns.forget_clips(press.clock() + timedelta(days=1))
    with pytest.raises(Refused, match="recording_gone"):
        await press.transcripts.of_turn(1, CALLER)


async def test_a_failure_is_told_and_leaves_the_recording_as_it_was(
    press: Services, database: Database
) -> None:
    await press.ask(spoken(press, 1))
    press.writer.script = [BUSY]
    with pytest.raises(ChatApiError, match="rate_limited"):
        await press.transcripts.of_turn(1, CALLER)
    assert await kept(database) == [("", None, 0.0, 1)]
    assert await press.transcripts.of_turn(1, CALLER) == "clip"


async def test_who_may_not_ask_sees_only_what_is_paid_for(press: Services) -> None:
    await choose(press, HERE, roles_denied="9")
    await press.ask(spoken(press, 1))
    denied = replace(CALLER, role_ids=(9,))
    with pytest.raises(Refused, match="role_denied"):
        await press.transcripts.of_turn(1, denied)
    assert press.writer.heard == []
    await press.transcripts.of_turn(1, CALLER)
    assert await press.transcripts.of_turn(1, denied) == "clip"


async def test_what_was_said_is_shown_in_its_own_room_alone(press: Services) -> None:
    await press.ask(spoken(press, 1))
    for elsewhere in (Room(11, 1), Room(12, 2), Room(13)):
        own = Rights(own_dm=elsewhere.is_dm)
        with pytest.raises(Refused, match="turn_gone"):
            await press.transcripts.of_turn(1, Caller(elsewhere, BOB, rights=own))
    with pytest.raises(Refused, match="turn_gone"):
        await press.transcripts.of_turn(2, CALLER)
    assert press.writer.heard == []


async def test_nothing_is_begun_while_we_close(press: Services) -> None:
    await press.ask(spoken(press, 1))
    await press.turnstile.drain(0)
    with pytest.raises(Refused, match="closing"):
        await press.transcripts.of_turn(1, CALLER)


async def test_what_was_spoken_is_answered_by_voice_later_too(press: Services) -> None:
    await choose(press, HERE, speak="on_demand")
    await press.ask(spoken(press, 1))
    await press.transcripts.of_turn(1, CALLER)
    outlet = RecordingOutlet(9_000)
    await press.on_demand.speak(1, CALLER, outlet)
    assert [message.clip is not None for message in outlet.posted] == [True]


# Where the model does not hear.


async def test_a_model_that_does_not_hear_is_sent_the_words(
    services: Services, database: Database
) -> None:
    services.speaker.script = [DEAF]
    outlet = await services.ask(spoken(services, 1))
    assert outlet.texts == ["answer 2"]
    assert question(services) == FromMember(("[Ada] clip",))
    assert await kept(database) == [("", "clip", 0.0, 0)]


async def test_the_next_questions_are_spared_the_refusal_for_an_hour(services: Services) -> None:
    services.speaker.script = [DEAF]
    await services.ask(spoken(services, 1))
    services.clock.pass_time(timedelta(minutes=59))
    await services.ask(spoken(services, 2))
    assert len(services.speaker.heard) == 3
    assert question(services) == FromMember(("[Ada] clip",))
    services.clock.pass_time(timedelta(minutes=1))
    await services.ask(spoken(services, 3))
    assert question(services) == FromMember(("[Ada] (voice message)", CLIP))


async def test_what_stands_in_for_a_model_that_hears_says_nothing_about_it(
    services: Services,
) -> None:
    another = replace(services.speaker.say("hello"), stand_in=StandIn("codingplanx", None))
    services.speaker.script = [DEAF, another]
    await services.ask(spoken(services, 1))
    await services.ask(spoken(services, 2))
    assert question(services) == FromMember(("[Ada] (voice message)", CLIP))


async def test_earlier_recordings_are_left_out_as_well(services: Services) -> None:
    await services.ask(replace(spoken(services, 1), room=DM))
    services.speaker.script = [DEAF]
    await services.ask(asked(2, "why?", room=DM))
    assert history(services.speaker.heard[-1])[0] == FromMember(
        ("(voice message, 4 s, not repeated here)",)
    )
    assert services.writer.heard == []


@pytest.mark.parametrize("refusal", [BUSY, TranscriptionUnavailable()])
async def test_where_nothing_writes_down_the_member_is_told(
    services: Services, refusal: ChatApiError
) -> None:
    services.writer.script = [refusal]
    services.speaker.script = [DEAF]
    outlet = await services.ask(spoken(services, 1))
    assert outlet.failures == ["This model does not take sound."]
    services.speaker.script = [DEAF]
    services.writer.script = [refusal]
    assert (await services.ask(spoken(services, 2))).failures == outlet.failures


async def test_what_is_written_down_anyway_is_not_paid_for_twice(always: Services) -> None:
    always.speaker.script = [DEAF]
    outlet = await always.ask(spoken(always, 1))
    assert outlet.texts == ["> 🗣️ clip\nanswer 2"]
    assert always.writer.heard == [CLIP]


async def test_a_recording_without_words_is_still_a_question(services: Services) -> None:
    services.speaker.script = [DEAF]
    await services.ask(spoken(services, 1, b""))
    assert question(services) == FromMember(("[Ada] (voice message without words)",))


# The servers that write down.


async def test_the_next_server_writes_down_and_one_that_cannot_is_left_alone_for_an_hour(
    services: Services,
) -> None:
    clock = StoppedClock()
    first, second = ScriptedWriter([TranscriptionUnavailable()]), ScriptedWriter([None, BUSY])
    writing_down = WritingDown((first, second), services.turns, clock)
    assert await writing_down.write([CLIP], CALLER) == "clip"
    with pytest.raises(ChatApiError, match="rate_limited"):
        await writing_down.write([CLIP], CALLER)
    assert (len(first.heard), len(second.heard)) == (1, 2)
    clock.pass_time(timedelta(hours=1))
    assert await writing_down.write([CLIP], CALLER) == "clip"
    assert (len(first.heard), len(second.heard)) == (2, 2)


async def test_without_any_server_nothing_is_tried(services: Services) -> None:
    with pytest.raises(TranscriptionUnavailable):
        await WritingDown((), services.turns, services.clock).write([CLIP], CALLER)


async def test_several_clips_become_paragraphs(services: Services) -> None:
    clips = [CLIP, ModelAudio(b"", "mp3", 1.0), ModelAudio(b"more", "wav", 2.0)]
    writing_down = WritingDown((services.writer,), services.turns, services.clock)
    assert await writing_down.write(clips, CALLER) == "clip\n\nmore"


async def test_nothing_is_written_any_further_once_all_is_closed(services: Services) -> None:
    services.writer.let.clear()
    writing_down = WritingDown((services.writer,), services.turns, services.clock)
    begun, never = (writing_down.of(number, [CLIP], CALLER) for number in (1, 2))
    assert begun is not None
    assert never is not None
    begun.begin()
    await services.writer.begun.wait()
    writing_down.close()
    with pytest.raises(asyncio.CancelledError):
        await begun.finish()
    assert (begun.words, never.begun) == (None, False)
