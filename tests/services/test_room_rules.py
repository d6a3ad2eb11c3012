"""What is set for a room, and what it does to the next answer there."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.domain.access import Actor, Rights
from bot.domain.incoming import Address, Caller, FileKind, FileRef, Incoming
from bot.domain.prompt import KEEP_SPEAKING, FromMember, System, WrittenBefore
from bot.domain.reply import Button, ModelAudio, Offer
from bot.domain.rooms import Place, Scope
from bot.domain.sampling import Sampling
from bot.domain.triggers import Verdict
from bot.domain.voices import VOICES
from bot.errors import ChatApiError, SpeechUnavailable, TooLarge
from bot.services.pages import FOLDED
from bot.storage.database import Database
from tests.fakes import ADA, BOB, CHANNEL, DM, THREAD, RecordingOutlet, asked
from tests.services.world import Services, said

HERE = Place(Scope.CHANNEL, CHANNEL.channel_id, CHANNEL.guild_id)
SERVER = Place(Scope.SERVER, 1, 1)
MODERATOR = Actor(7, Rights(manage_channels=True, manage_server=True))
VOICE_REFUSED = ChatApiError("voice_refused", "The model's server does not have this voice.")


async def choose(services: Services, place: Place = HERE, **chosen: str) -> None:
    for name, value in chosen.items():
        actor = Actor(place.id) if place.scope is Scope.MEMBER else MODERATOR
        await services.rooms.set(place, name, value, actor)


def mine(member_id: int = ADA.id) -> Place:
    return Place(Scope.MEMBER, member_id, None)


def spoken(services: Services, message_id: int, clip: bytes = b"clip") -> Incoming:
    services.files.files["note"] = clip
    note = FileRef(1, FileKind.SOUND, "note.ogg", "note", 10, "audio/ogg", 4)
    return asked(message_id, "", files=(note,), voice_message=True)


def overheard(message_id: int, text: str = "and what of cats?") -> Incoming:
    return asked(message_id, text, address=Address.NONE)


# Voices.


async def test_a_random_voice_stays_for_a_conversation_and_changes_between_them(
    services: Services,
) -> None:
    await choose(services, voice="random")
    outlet = await services.ask(asked(1 << 22, "one"))
    for number in range(2, 6):
        reply_to = outlet.posted[0].id
        outlet = await services.ask(asked(number << 22, "and?", reply_to=reply_to))
    [voice] = {prompt.voice for prompt in services.speaker.heard}
    assert voice in VOICES
    for number in range(6, 12):
        await services.ask(asked(number << 22, "new"))
    assert len({prompt.voice for prompt in services.speaker.heard}) > 1


async def test_members_choose_their_own_voice_unless_it_is_locked(services: Services) -> None:
    await choose(services, voice="coral")
    await choose(services, mine(), voice="sage")
    await services.ask(asked(1))
    await services.ask(asked(2, member=BOB))
    await choose(services, voice_lock="on")
    await services.ask(asked(3))
    assert [p.voice for p in services.speaker.heard] == ["sage", "coral", "coral"]


async def test_a_persona_speaks_in_its_own_words_voice_and_language(services: Services) -> None:
    await services.personas.add(SERVER, "Pirate", "You say arr.", "onyx", MODERATOR)
    await choose(services, persona="Pirate", voice="persona", language="de")
    await services.ask(asked(1))
    await services.ask(asked(2))
    first, second = services.speaker.heard
    assert first.voice == "onyx"
    assert first.messages[0] == second.messages[0]
    assert isinstance(first.messages[0], System)
    assert "You are Pirate. You say arr." in first.messages[0].text
    assert "Answer in German" in first.messages[0].text


async def test_a_withdrawn_voice_gives_way_to_the_next_and_that_is_said_once(
    services: Services,
) -> None:
    await choose(services, SERVER, voice="echo")
    await choose(services, voice="voice_gone")
    services.speaker.script = [VOICE_REFUSED]
    first = await services.ask(asked(1))
    services.speaker.script = [VOICE_REFUSED]
    second = await services.ask(asked(2))
    assert [p.voice for p in services.speaker.heard] == ["voice_gone", "echo"] * 2
    assert "does not have the voice voice_gone, so I speak with echo" in first.texts[0]
    assert "voice_gone" not in second.texts[0]


async def test_where_no_voice_is_to_be_had_that_is_the_answer(services: Services) -> None:
    services.speaker.script = [VOICE_REFUSED]
    outlet = await services.ask(asked(1))
    assert outlet.failures == ["The model's server does not have this voice."]


# Form.


async def test_the_form_is_the_rooms_and_before_it_the_members(services: Services) -> None:
    await choose(services, form="voice_note")
    noted = await services.ask(asked(1))
    await choose(services, mine(), form="card")
    carded = await services.ask(spoken(services, 2))
    assert [m.clip is not None for m in noted.posted] == [True, False]
    assert [m.sound is not None for m in carded.posted] == [True]


async def test_cards_carry_the_rooms_file_format_at_its_speed(services: Services) -> None:
    await choose(services, file_format="flac", speed="0.5")
    [card] = (await services.ask(asked(1))).posted
    assert card.sound is not None
    assert (card.sound.extension, card.sound.seconds) == ("flac", 4.0)
    assert services.speaker.heard[0].format == "flac"
    await choose(services, mine(), speed="2")
    bubble = (await services.ask(spoken(services, 2))).posted[0]
    assert bubble.clip is not None
    assert bubble.clip.seconds == 1.0


async def test_a_folded_transcript_is_behind_a_button(services: Services) -> None:
    await choose(services, transcript="folded")
    [card] = (await services.ask(asked(1))).posted
    assert card.sound is not None
    assert (card.text, card.buttons) == (f"-# {FOLDED}", (Button(Offer.WORDS, 1),))
    bubble, beside = (await services.ask(spoken(services, 2))).posted
    assert bubble.clip is not None
    assert (beside.text, beside.buttons) == (f"-# {FOLDED}", (Button(Offer.WORDS, 2),))
    assert await services.on_demand.words(1, Caller(CHANNEL, BOB)) == "answer 1"


async def test_without_a_transcript_the_sound_stands_alone_and_words_are_kept(
    services: Services,
) -> None:
    await choose(services, transcript="off")
    [card] = (await services.ask(asked(1))).posted
    [bubble] = (await services.ask(spoken(services, 2))).posted
    assert (card.text, card.sound is not None, card.buttons) == ("", True, ())
    assert bubble.clip is not None
    [turn] = await services.turns.ancestors(2, 1)
    assert turn.transcript == "answer 2"


@pytest.mark.parametrize("transcript", ["folded", "off"])
async def test_where_the_sound_fails_the_words_come_whatever_was_chosen(
    services: Services, transcript: str
) -> None:
    await choose(services, transcript=transcript)
    lost = TooLarge("sound_too_large", "The sound is too large.")
    outlet = await services.ask(asked(1), RecordingOutlet(refusals=[lost, lost]))
    [words] = outlet.texts
    assert words.startswith("answer 1\n-# 🔇")


# Where and whom.


async def test_where_nothing_is_answered_a_call_is_told_so_once(services: Services) -> None:
    await choose(services, SERVER, answer="denied")
    await choose(services, answer="allowed", listen="on")
    first = await services.ask(asked(1))
    assert "I do not answer here. Whoever has the permission Manage Server" in first.texts[0]
    assert (await services.ask(asked(2))).posted == []
    assert len((await services.ask(asked(3, member=BOB))).posted) == 1
    assert (await services.ask(overheard(4))).posted == []
    assert services.speaker.heard == []
    assert await services.inbox.state(4) == "refused"


async def test_roles_decide_who_may_ask(services: Services) -> None:
    await choose(services, roles_allowed="5 6", roles_denied="9")
    allowed = await services.ask(replace(asked(1), role_ids=(1, 6)))
    lacking = await services.ask(replace(asked(2), role_ids=(1,)))
    denied = await services.ask(replace(asked(3), role_ids=(5, 9)))
    assert allowed.texts == ["answer 1"]
    assert "you need a role that you do not have" in lacking.texts[0]
    assert "One of your roles may not ask me here" in denied.texts[0]


async def test_a_listen_room_needs_no_mention(services: Services) -> None:
    assert await services.accept(overheard(1)) is Verdict.IGNORE
    await choose(services, listen="on")
    assert (await services.ask(overheard(2))).texts == ["answer 1"]
    to_bob = replace(overheard(3), mentions_others=True)
    assert await services.accept(to_bob) is Verdict.IGNORE
    in_thread = asked(4, "in a thread", room=THREAD, address=Address.THREAD)
    assert (await services.ask(in_thread)).texts == ["answer 2"]


async def test_each_question_gets_a_thread_where_that_is_chosen(services: Services) -> None:
    await choose(services, threads="on")
    [card] = (await services.ask(asked(1, "Why is the sky blue?"))).posted
    assert card.thread == "Why is the sky blue?"
    [nameless] = (await services.ask(replace(spoken(services, 2), voice_message=False))).posted
    assert nameless.thread == "Question of Ada"
    [inside] = (await services.ask(asked(3, room=THREAD))).posted
    assert inside.thread is None


async def test_bots_are_ignored_unless_the_room_answers_them_and_never_without_end(
    services: Services,
) -> None:
    def bot(message_id: int) -> Incoming:
        return replace(asked(message_id, member=BOB), by_bot=True)

    assert await services.accept(bot(1)) is Verdict.IGNORE
    await choose(services, bots="answered")
    verdicts = [await services.accept(bot(number)) for number in range(2, 8)]
    assert verdicts == [Verdict.ANSWER] * 3 + [Verdict.IGNORE] * 3
    services.clock.pass_time(timedelta(hours=1))
    for _ in range(4):  # an edit brings the same message again
        await services.accept(bot(20))
    assert await services.accept(bot(21)) is Verdict.ANSWER
    await services.ask(asked(8))
    assert await services.accept(bot(9)) is Verdict.ANSWER
    unasked = replace(overheard(10), by_bot=True)
    assert await services.accept(unasked) is Verdict.IGNORE


async def test_a_clock_that_is_put_back_shuts_no_bot_out(services: Services) -> None:
    await choose(services, bots="answered")
    for number in range(1, 4):
        await services.accept(replace(asked(number, member=BOB), by_bot=True))
    services.clock.pass_time(timedelta(days=-365))
    another = replace(asked(4, member=BOB), by_bot=True)
    assert await services.accept(another) is Verdict.ANSWER


async def test_a_silent_question_is_answered_without_notifying_anybody(services: Services) -> None:
    silent = replace(asked(1), silent=True)
    assert (await services.ask(silent)).posted[0].silent
    assert not (await services.ask(asked(2))).posted[0].silent
    await choose(services, silent="off")
    assert not (await services.ask(replace(silent, message_id=3))).posted[0].silent


# The model.


async def test_the_rooms_model_answers_as_freely_and_as_long_as_it_is_set(
    services: Services,
) -> None:
    await choose(services, model="gpt-audio-mini", temperature="0.6", answer_tokens="64")
    await choose(services, SERVER, answer_tokens="32")
    await services.ask(asked(1))
    [prompt] = services.speaker.heard
    assert (prompt.model, prompt.max_tokens) == ("gpt-audio-mini", 32)
    assert prompt.sampling == Sampling(temperature=0.6)
    await choose(services, SERVER, models_denied="gpt-audio-mini")
    await services.ask(asked(2))
    assert services.speaker.heard[-1].model is None


# When to speak.


async def test_never_answers_text_by_the_text_model_and_speech_by_the_one_that_hears(
    services: Services,
) -> None:
    await choose(services, speak="never")
    written = await services.ask(asked(1))
    heard = await services.ask(spoken(services, 2))
    for outlet in (written, heard):
        [message] = outlet.posted
        assert (message.sound, message.clip, message.buttons) == (None, None, ())
        assert "🔇" not in message.text
    by_text, by_ear = services.speaker.heard
    assert (by_text.voice, by_text.model) == (None, "gpt-5-mini")
    assert (by_ear.voice, by_ear.model) == (None, None)
    assert by_ear.has_sound


async def test_mirror_speaks_to_those_who_speak(services: Services) -> None:
    await choose(services, speak="mirror")
    [written] = (await services.ask(asked(1))).posted
    bubble, _ = (await services.ask(spoken(services, 2))).posted
    beside_words = replace(spoken(services, 3), voice_message=False, text="listen")
    [card] = (await services.ask(beside_words)).posted
    assert written.sound is None
    assert bubble.clip is not None
    assert card.sound is not None


async def test_a_text_model_gets_earlier_turns_in_writing_without_sound(
    services: Services,
) -> None:
    first = await services.ask(spoken(services, 1))
    await choose(services, speak="never")
    await services.ask(asked(2, "why?", reply_to=first.posted[0].id))
    prompt = services.speaker.heard[-1]
    assert not prompt.has_sound
    assert WrittenBefore("answer 1") in prompt.messages
    assert said(prompt)[-1] == "[Ada] why?"
    assert isinstance(prompt.messages[0], System)
    assert KEEP_SPEAKING not in prompt.messages[0].text


async def test_a_model_that_must_have_sound_is_named_in_its_sentence(services: Services) -> None:
    await choose(services, speak="never")
    services.speaker.script = [ChatApiError("model_needs_audio", "Only where sound is involved.")]
    assert (await services.ask(asked(1))).failures == ["Only where sound is involved."]


async def test_what_the_model_only_wrote_is_read_aloud_in_the_same_voice(
    services: Services, database: Database
) -> None:
    await choose(services, voice="coral")
    services.speaker.script = [services.speaker.say("only words", sound=False)]
    [card] = (await services.ask(asked(1))).posted
    assert card.sound is not None
    assert card.sound.data == b"coral reads only words"
    assert card.text == "only words"
    async with database.reading() as session:
        rows = await session.execute(text("SELECT turn_id, model FROM usage ORDER BY id"))
        assert rows.all() == [(1, "gpt-audio-1.5"), (1, "gpt-4o-mini-tts")]


async def test_a_denial_of_the_model_is_not_read_aloud(services: Services) -> None:
    refusal = services.speaker.say("I cannot do that.", sound=False)
    services.speaker.script = [replace(refusal, finish="refused")]
    outlet = await services.ask(asked(1))
    assert services.reciter.read == []
    assert "declined" in outlet.texts[0]


async def test_where_nothing_reads_aloud_the_words_stand_and_that_is_told(
    services: Services,
) -> None:
    services.speaker.script = [services.speaker.say("only words", sound=False)]
    services.reciter.script = [SpeechUnavailable()]
    outlet = await services.ask(asked(1))
    assert outlet.texts[0].startswith("only words\n-# 🔇")


# Changes.


async def test_a_change_in_the_database_itself_counts_for_the_next_answer(
    services: Services, database: Database
) -> None:
    await services.ask(asked(1))
    async with database.writing() as session:
        await session.execute(
            text(
                "INSERT INTO room_settings (scope, place_id, name, value, guild_id, set_by, set_at)"
                " VALUES ('channel', 10, 'voice', 'marin', 1, 7, '2026-11-21 12:00:00')"
            )
        )
    await services.ask(asked(2))
    async with database.writing() as session:
        await session.execute(text("UPDATE room_settings SET value = 'verse'"))
    await services.ask(asked(3))
    assert [p.voice for p in services.speaker.heard] == ["alloy", "marin", "verse"]


async def test_in_a_dm_a_member_sets_what_holds_there(services: Services) -> None:
    dm = Place(Scope.CHANNEL, DM.channel_id, None)
    await services.rooms.set(dm, "form", "card", Actor(ADA.id, Rights(own_dm=True)))
    [card] = (await services.ask(asked(1, room=DM))).posted
    assert card.sound is not None


async def test_a_clip_of_now_reaches_the_model_whatever_is_spoken(services: Services) -> None:
    await choose(services, speak="on_demand")
    await services.ask(spoken(services, 1))
    assert services.speaker.heard[0].messages[-1] == FromMember(
        ("[Ada] (voice message)", ModelAudio(b"heard clip", "mp3", 4))
    )
