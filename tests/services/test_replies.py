import asyncio
import math
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest
from sqlalchemy import text

from bot.deadlines import left_s
from bot.domain.fairness import Asker
from bot.domain.incoming import Address, FileKind, FileRef, Quoted, ReplyTo
from bot.domain.prompt import KEEP_SPEAKING, FromMember, SpokenBefore, System, WrittenBefore
from bot.domain.reply import ModelAudio, Standing, Usage
from bot.domain.rooms import Room
from bot.domain.triggers import Verdict
from bot.domain.usage import Waste
from bot.errors import (
    AudioGone,
    BotError,
    ChatApiError,
    DatabaseError,
    DeliveryError,
    FilesForbidden,
    FormatRefused,
    NoAccess,
    SourceGone,
    SpeechUnavailable,
    TooLarge,
    Unreachable,
    VoiceForbidden,
)
from bot.storage.database import Database
from bot.tasks import spawn
from tests.fakes import (
    ADA,
    BOB,
    CHANNEL,
    DM,
    NOON,
    THREAD,
    RecordingOutlet,
    asked,
)
from tests.services.world import Services, build_services, history, said


def recording(name: str = "note", *, size: int = 10, seconds: float | None = 4) -> FileRef:
    return FileRef(1, FileKind.SOUND, f"{name}.ogg", name, size, "audio/ogg", seconds)


def document(name: str = "notes", *, size: int = 10) -> FileRef:
    return FileRef(2, FileKind.TEXT, f"{name}.md", name, size, "text/markdown")


async def test_text_in_a_server_gets_one_card_with_transcript_and_sound(
    services: Services,
) -> None:
    outlet = await services.ask(asked(1))
    [card] = outlet.posted
    assert card.text == "answer 1"
    assert card.sound is not None
    assert card.sound.data == b"sound of answer 1"
    assert card.alt_text == "The answer spoken in the voice alloy, 2 seconds"
    assert outlet.was_typing
    assert await services.inbox.state(1) == "answered"


async def test_a_voice_message_gets_a_voice_note_and_its_transcript(services: Services) -> None:
    services.files.files["note"] = b"clip"
    outlet = await services.ask(asked(1, "", files=(recording(),), voice_message=True))
    bubble, words = outlet.posted
    assert bubble.clip is not None
    assert (words.text, words.sound) == ("answer 1", None)
    [prompt] = services.speaker.heard
    assert prompt.messages[-1] == FromMember(
        ("[Ada] (voice message)", ModelAudio(b"heard clip", "mp3", 4))
    )
    assert prompt.format == "wav"


async def test_text_in_a_dm_gets_a_voice_note(services: Services) -> None:
    outlet = await services.ask(asked(1, room=DM))
    assert [message.clip is not None for message in outlet.posted] == [True, False]


async def test_a_reply_to_any_part_of_an_answer_continues_the_conversation(
    services: Services,
) -> None:
    services.files.files["note"] = b"clip"
    first = await services.ask(asked(1, "", files=(recording(),), voice_message=True))
    for number, part in enumerate(first.posted, start=2):
        await services.ask(asked(number, "why?", reply_to=part.id, member=BOB))
        prompt = services.speaker.heard[-1]
        assert isinstance(prompt.messages[2], SpokenBefore)
        assert prompt.messages[2].handle.id == "audio_answer_1"
        assert prompt.messages[-1] == FromMember(("[Bob] why?",))


async def test_a_reply_to_an_older_answer_branches_there(services: Services) -> None:
    first = await services.ask(asked(1, "one"))
    await services.ask(asked(2, "two", reply_to=first.posted[0].id))
    await services.ask(asked(3, "three", reply_to=first.posted[0].id))
    said = [m.parts[0] for m in services.speaker.heard[-1].messages if isinstance(m, FromMember)]
    assert said == ["[Ada] one", "[Ada] three"]


async def test_the_next_message_in_a_dm_continues_and_a_new_mention_does_not(
    services: Services,
) -> None:
    await services.ask(asked(1, "one", room=DM))
    await services.ask(asked(2, "two", room=DM))
    await services.ask(asked(3, "three"))
    await services.ask(asked(4, "four"))
    assert len(history(services.speaker.heard[1])) == 2
    assert history(services.speaker.heard[3]) == []


async def test_a_thread_that_grew_from_an_answer_goes_on_without_a_mention(
    services: Services,
) -> None:
    first = await services.ask(asked(1, "one"))
    thread = replace(THREAD, thread_id=first.posted[0].id)
    await services.ask(asked(2, "two", room=thread, address=Address.THREAD))
    await services.ask(asked(3, "three", room=thread, address=Address.THREAD))
    said = [m.parts[0] for m in services.speaker.heard[-1].messages if isinstance(m, FromMember)]
    assert said == ["[Ada] one", "[Ada] two", "[Ada] three"]


async def test_a_week_later_the_words_continue_the_conversation(services: Services) -> None:
    first = await services.ask(asked(1, "one"))
    services.clock.pass_time(timedelta(days=7))
    await services.ask(asked(2, "two", reply_to=first.posted[0].id))
    prompt = services.speaker.heard[-1]
    assert history(prompt) == [FromMember(("[Ada] one",)), WrittenBefore("answer 1")]
    assert isinstance(prompt.messages[0], System)
    assert KEEP_SPEAKING in prompt.messages[0].text


async def test_an_id_of_another_server_key_or_model_is_not_sent(services: Services) -> None:
    first = await services.ask(asked(1, "one"))
    services.speaker.origin = "elsewhere"
    await services.ask(asked(2, "two", reply_to=first.posted[0].id))
    assert history(services.speaker.heard[-1])[1] == WrittenBefore("answer 1")


async def test_a_dead_id_is_replaced_by_its_words_and_never_sent_again(
    services: Services,
) -> None:
    first = await services.ask(asked(1, "one"))
    services.speaker.script = [AudioGone("audio_answer_1")]
    reply_to = first.posted[0].id
    outlet = await services.ask(asked(2, "two", reply_to=reply_to))
    assert outlet.texts == ["answer 3"]
    assert history(services.speaker.heard[-1])[1] == WrittenBefore("answer 1")
    await services.ask(asked(3, "three", reply_to=reply_to))
    assert history(services.speaker.heard[-1])[1] == WrittenBefore("answer 1")
    assert len(services.speaker.heard) == 4


async def test_a_server_that_keeps_finding_ids_dead_is_not_asked_for_ever(
    services: Services,
) -> None:
    first = await services.ask(asked(1, "one"))
    services.speaker.script = [AudioGone(None)] * 5
    outlet = await services.ask(asked(2, "two", reply_to=first.posted[0].id))
    assert len(services.speaker.heard) == 3
    assert outlet.texts[0].startswith("⚠️")


async def test_a_refused_container_is_sent_again_as_wav(services: Services) -> None:
    services.files.files["note"] = b"clip"
    services.speaker.script = [FormatRefused("format_refused", "cannot read")]
    await services.ask(asked(1, "", files=(recording(),)))
    clip = services.speaker.heard[-1].messages[-1].parts[-1]  # type: ignore[union-attr]
    assert isinstance(clip, ModelAudio)
    assert clip.format == "wav"


async def test_an_earlier_clip_in_a_refused_container_is_sent_again_as_wav_too(
    services: Services,
) -> None:
    services.files.files["note"] = b"clip"
    await services.ask(asked(1, "", room=DM, files=(recording(),), voice_message=True))
    services.speaker.script = [FormatRefused("format_refused", "cannot read")]
    await services.ask(asked(2, "and now?", room=DM))
    earlier = history(services.speaker.heard[-1])[0]
    assert earlier == FromMember((ModelAudio(b"heard clip", "wav", 4),))


async def test_a_conversation_the_model_refuses_does_not_block_the_dm_for_ever(
    services: Services,
) -> None:
    await services.ask(asked(1, "poison", room=DM))
    services.speaker.script = [ChatApiError("request_refused", "refused")]
    outlet = await services.ask(asked(2, "hello", room=DM))
    assert "begins a new one" in outlet.texts[0]
    assert history(services.speaker.heard[-1]) == []
    await services.ask(asked(3, "again", room=DM))
    assert [m.parts for m in history(services.speaker.heard[-1])[:1]] == [("hello",)]  # type: ignore[attr-defined]


async def test_in_a_thread_a_reply_to_somebody_else_still_knows_the_conversation(
    services: Services,
) -> None:
    first = await services.ask(asked(1, "one"))
    thread = replace(THREAD, thread_id=first.posted[0].id)
    question = replace(asked(2, "true?", room=thread), reply_to=ReplyTo(555, ours=False))
    await services.ask(question)
    assert len(history(services.speaker.heard[-1])) == 2


@pytest.mark.parametrize("code", ["context_too_long", "request_too_large"])
async def test_a_conversation_too_long_for_the_model_is_halved(
    services: Services, code: str
) -> None:
    for number in range(1, 5):
        await services.ask(asked(number, f"q{number}", room=DM))
    services.speaker.script = [ChatApiError(code, "too long")]
    await services.ask(asked(5, "q5", room=DM))
    assert len(history(services.speaker.heard[-2])) == 8
    assert len(history(services.speaker.heard[-1])) == 4


async def test_earlier_recordings_are_sent_again_and_lost_ones_are_named(
    services: Services,
) -> None:
    services.files.files["note"] = b"clip"
    await services.ask(asked(1, "", room=DM, files=(recording(),), voice_message=True))
    await services.ask(asked(2, "two", room=DM))
    assert history(services.speaker.heard[-1])[0] == FromMember(
        (ModelAudio(b"heard clip", "mp3", 4),)
    )
    await services.turns.forget_clips(services.clock() + timedelta(days=1))
    await services.ask(asked(3, "three", room=DM))
    assert history(services.speaker.heard[-1])[0] == FromMember(
        ("(voice message, 4 s, not repeated here)",)
    )


async def test_a_text_file_is_part_of_the_question(services: Services) -> None:
    services.files.files["notes"] = "\ufeffDogs are loyal.".encode()
    await services.ask(asked(1, "Summarise this aloud", room=DM, files=(document(),)))
    assert services.speaker.heard[-1].messages[-1] == FromMember(
        ("The file notes.md:\n~~~\nDogs are loyal.\n~~~\n\nSummarise this aloud",)
    )


async def test_a_question_about_somebodys_message_quotes_it_and_hears_its_clip(
    services: Services,
) -> None:
    services.files.files["note"] = b"clip"
    quoting = replace(asked(1, "true?"), quoted=Quoted("Bob", "cats bark", (recording(),)))
    await services.ask(quoting)
    assert services.speaker.heard[-1].messages[-1] == FromMember(
        (
            '[Ada] (about this message of Bob: "cats bark")\n\ntrue?',
            ModelAudio(b"heard clip", "mp3", 4),
        )
    )


@pytest.mark.parametrize(
    ("files", "data", "code"),
    [
        ((recording(size=0),), b"", "file_empty"),
        ((recording(size=5_000),), b"x", "file_too_large"),
        ((recording(seconds=200),), b"x", "too_long"),
        ((recording(),) * 3, b"x", "too_long"),
        ((recording(size=600),) * 2, b"x", "files_too_large"),
        ((recording(seconds=1),) * 5, b"x", "too_many_clips"),
        ((recording("gone"),), b"x", "file_gone"),
        ((recording(),), b"silence", "silent"),
        ((document(),), b"\xff\xfe\x00", "not_text"),
        ((document(),), b"a\0b", "not_text"),
        ((document(),) * 5, b"x", "too_many_documents"),
        ((FileRef(3, FileKind.OTHER, "cat.png", "cat", 10),), b"x", "files_unusable"),
        ((), b"", "empty"),
    ],
)
async def test_what_cannot_be_used_is_refused_in_words_before_anything_is_paid(
    services: Services,
    files: tuple[FileRef, ...],
    data: bytes,
    code: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    services.files.files.update(note=data, notes=data)
    outlet = await services.ask(asked(1, "", files=files))
    [notice] = outlet.texts
    assert notice.startswith("⚠️ ")
    assert services.speaker.heard == []
    assert await services.inbox.state(1) == "refused"
    assert f"question 1 not answered: {code}" in caplog.text


async def test_pictures_beside_words_are_left_out_and_named(services: Services) -> None:
    picture = FileRef(3, FileKind.OTHER, "cat.png", "cat", 10)
    outlet = await services.ask(asked(1, files=(picture,)))
    assert "\n-# I could not look at cat.png" in outlet.texts[0]


async def test_an_answer_without_sound_is_posted_as_words_and_says_so(
    services: Services,
) -> None:
    services.speaker.script = [services.speaker.say("only words", sound=False)]
    services.reciter.script = [SpeechUnavailable()]
    outlet = await services.ask(asked(1, room=DM))
    [words] = outlet.texts
    assert words.startswith("only words\n-# 🔇")


@pytest.mark.parametrize(
    ("finish", "note"),
    [("length", "cut at the length limit"), ("refused", "declined"), ("content_filter", "filter")],
)
async def test_an_answer_that_did_not_end_by_itself_says_so(
    services: Services, finish: Literal["length", "refused", "content_filter"], note: str
) -> None:
    services.speaker.script = [replace(services.speaker.say("words"), finish=finish)]
    assert note in (await services.ask(asked(1))).texts[0]


@pytest.mark.parametrize("refusal", [VoiceForbidden("voice_forbidden", ""), TooLarge("large", "")])
async def test_where_voice_messages_are_not_taken_the_sound_is_a_file(
    services: Services, refusal: VoiceForbidden | TooLarge
) -> None:
    outlet = RecordingOutlet(refusals=[refusal])
    await services.ask(asked(1, room=DM), outlet)
    [card] = outlet.posted
    assert card.sound is not None
    assert card.sound.extension == "opus"


async def test_the_ladder_goes_on_to_a_smaller_file_and_to_words(services: Services) -> None:
    large = TooLarge("large", "")
    smaller = RecordingOutlet(refusals=[large, large])
    await services.ask(asked(1, room=DM), smaller)
    assert smaller.posted[0].sound is not None
    words = RecordingOutlet(2_000, refusals=[large, large, large])
    await services.ask(asked(2, room=DM), words)
    assert words.posted[0].sound is None
    assert words.texts[0].startswith("answer 2\n-# 🔇")


async def test_words_are_not_lost_where_files_are_forbidden_or_the_sound_fails(
    services: Services,
) -> None:
    outlet = RecordingOutlet(refusals=[FilesForbidden("files", "")])
    await services.ask(asked(1), outlet)
    services.transcoder.broken = True
    other = await services.ask(asked(2, room=DM))
    assert outlet.texts[0].startswith("answer 1\n-# 🔇")
    assert other.texts[0].startswith("answer 2\n-# 🔇")


@pytest.mark.parametrize("room", [CHANNEL, DM])
async def test_words_are_not_lost_where_discord_refuses_the_sound_for_any_reason(
    services: Services, room: Room
) -> None:
    broken = DeliveryError("discord_refused", "")
    outlet = RecordingOutlet(refusals=[broken] * (2 if room.is_dm else 1))
    await services.ask(asked(1, room=room), outlet)
    assert [text.partition("\n")[0] for text in outlet.texts] == ["answer 1"]
    assert await services.inbox.state(1) == "answered"


@pytest.mark.parametrize("stands", [True, False])
async def test_an_answer_that_was_lost_on_the_way_is_looked_for_and_posted_once(
    services: Services, stands: bool
) -> None:
    outlet = RecordingOutlet(refusals=[Unreachable("discord_unreachable", "")])
    if stands:
        outlet.standing_already = [Standing(1_000, "answer 1", has_files=True)]
    await services.ask(asked(1), outlet)
    assert len(outlet.posted) == (0 if stands else 1)
    assert await services.inbox.state(1) == "answered"


async def test_a_link_does_not_come_alive_where_a_cut_opens_its_code(services: Services) -> None:
    words = "word " * 396 + "`aaaaaaa bbbbbb [click](https://evil.example/x) ccc`"
    services.speaker.script = [services.speaker.say(words)]
    outlet = await services.ask(asked(1))
    assert len(outlet.texts) == 2
    assert "[click](" not in outlet.texts[1]


async def test_a_long_transcript_is_split_and_a_very_long_one_attached(
    services: Services,
) -> None:
    long, very_long = "word " * 900, "word " * 3_000
    services.speaker.script = [services.speaker.say(long), services.speaker.say(very_long)]
    split = await services.ask(asked(1))
    assert [m.sound is not None for m in split.posted] == [True, False, False]
    assert [m.part for m in split.posted] == [1, 2, 3]
    attached = await services.ask(asked(2))
    [card] = attached.posted
    assert card.transcript == very_long
    assert len(card.text) <= 2_000
    assert "whole transcript is attached" in card.text


async def test_a_very_long_transcript_is_split_where_it_cannot_be_attached(
    services: Services,
) -> None:
    services.speaker.script = [services.speaker.say("word " * 3_000)]
    refused = FilesForbidden("files", "")
    outlet = await services.ask(asked(1), RecordingOutlet(refusals=[refused, refused]))
    assert len(outlet.posted) == 8
    assert all(message.transcript is None for message in outlet.posted)


async def test_repairs_and_the_speaking_of_words_share_the_deadline_of_the_answer(
    database: Database,
) -> None:
    services = build_services(database, deadline_s=30)
    services.speaker.takes_s = 0.05
    services.speaker.script = [
        FormatRefused("format_refused", "Not this."),
        services.speaker.say("in writing", sound=False),
    ]
    services.files.files["note"] = b"clip"
    await services.ask(asked(1, "", files=(recording(),)))
    assert services.reciter.read == [("in writing", "alloy")]
    first_s, again_s, spoken_s = *services.speaker.left_s, *services.reciter.left_s
    at_least_s = 0.04  # timers may wake a little early
    assert 30 >= first_s >= again_s + at_least_s
    assert again_s >= spoken_s + at_least_s
    assert left_s(math.inf) == math.inf


async def test_an_error_of_the_model_reaches_the_member_and_the_question_is_closed(
    services: Services,
) -> None:
    services.speaker.script = [ChatApiError("rate_limited", "The model is busy.")]
    outlet = await services.ask(asked(1))
    assert outlet.failures == ["The model is busy."]
    assert await services.inbox.state(1) == "failed"


@pytest.mark.parametrize("script", [[], [ChatApiError("content_filter", "The filter.")]])
async def test_what_was_paid_for_without_an_answer_is_kept_with_its_cost(
    services: Services, database: Database, script: list[BotError]
) -> None:
    services.speaker.waste = [Waste(Usage(text_in=100, text_out=7), "gpt-audio-1.5")]
    services.speaker.script = [*script]
    await services.ask(asked(1))
    async with database.reading() as session:
        rows = await session.execute(
            text("SELECT member_id, text_in, cost_microusd FROM usage WHERE turn_id IS NULL")
        )
        assert [tuple(row) for row in rows] == [(ADA.id, 100, 320)]


async def test_without_a_right_to_write_the_asker_is_told_alone_and_nothing_is_paid(
    services: Services,
) -> None:
    outlet = RecordingOutlet()
    outlet.closed = NoAccess("no_access", "I may not write there.")
    await services.ask(asked(1), outlet)
    assert outlet.whispered == ["I may not write there."]
    assert services.speaker.heard == []


async def test_an_error_that_cannot_be_posted_is_whispered(services: Services) -> None:
    services.speaker.script = [ChatApiError("rate_limited", "The model is busy.")]
    outlet = await services.ask(asked(1), RecordingOutlet(refusals=[NoAccess("no_access", "")]))
    assert outlet.whispered[0].startswith("The model is busy.\n-# Incident ")


async def test_a_question_deleted_meanwhile_gets_neither_answer_nor_error(
    services: Services,
) -> None:
    outlet = await services.ask(asked(1), RecordingOutlet(refusals=[SourceGone("gone", "")]))
    assert outlet.posted == []
    assert await services.inbox.state(1) == "cancelled"


@pytest.mark.parametrize(("before", "paid"), [("preparing", 0), ("speaker", 1), ("recording", 1)])
async def test_a_question_deleted_while_its_answer_is_made_is_not_answered(
    services: Services, monkeypatch: pytest.MonkeyPatch, before: str, paid: int
) -> None:
    stage, name = {
        "preparing": (services.replies._preparing, "prepare"),
        "speaker": (services.speaker, "speak"),
        "recording": (services.replies._recording, "hear_out"),
    }[before]
    go_on = getattr(stage, name)

    async def delete_first(*args: object) -> object:
        await services.intake.cancel([1])
        return await go_on(*args)

    monkeypatch.setattr(stage, name, delete_first)
    services.speaker.script = [services.speaker.say("in writing", sound=before == "recording")]
    outlet = await services.ask(asked(1))
    assert (outlet.posted, len(services.speaker.heard)) == ([], paid)
    assert services.reciter.read == []
    assert await services.inbox.state(1) == "cancelled"
    assert await services.outbox.find(1) is None


async def test_a_question_deleted_after_the_bubble_does_not_lose_the_words(
    services: Services,
) -> None:
    gone = RecordingOutlet(refusals=[None, SourceGone("gone", "")])
    await services.ask(asked(1, room=DM), gone)
    assert gone.texts == ["answer 1"]
    assert await services.inbox.state(1) == "answered"


async def test_a_failure_nobody_expected_is_logged_and_told_by_its_number(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    services.speaker.script = [ZeroDivisionError("a secret")]
    outlet = await services.ask(asked(1))
    [number] = re.findall(r"`([0-9a-f]{8})`", outlet.texts[0])
    assert "secret" not in outlet.texts[0]
    assert f"incident {number} in answering" in caplog.text
    assert "ZeroDivisionError: a secret" in caplog.text
    assert await services.inbox.state(1) == "failed"


async def test_a_question_deleted_before_it_was_begun_costs_nothing(services: Services) -> None:
    assert await services.accept(asked(1)) is Verdict.ANSWER
    await services.intake.cancel([1])
    outlet = RecordingOutlet()
    await services.replies.answer(asked(1), outlet)
    assert (outlet.posted, services.speaker.heard) == ([], [])


async def test_an_edit_before_the_answer_began_is_what_is_answered(services: Services) -> None:
    await services.accept(asked(1, "frist"))
    assert await services.intake.revise(asked(1, "first"), NOON)
    await services.replies.answer(asked(1, "frist"), RecordingOutlet())
    assert services.speaker.heard[0].messages[-1] == FromMember(("[Ada] first",))
    assert not await services.intake.revise(asked(1, "too late"), NOON)


async def test_a_replayed_event_is_answered_once(services: Services) -> None:
    await services.ask(asked(1))
    assert await services.accept(asked(1)) is Verdict.IGNORE


async def test_of_many_who_bring_the_same_question_one_has_it_answered(
    services: Services,
) -> None:
    outlets = [RecordingOutlet(number * 1_000) for number in range(1, 21)]
    await asyncio.gather(*(services.replies.receive(asked(1), each) for each in outlets))
    assert sum(bool(outlet.posted) for outlet in outlets) == 1
    assert len(services.speaker.heard) == 1
    assert services.turnstile.in_flight == services.turnstile.waiting == 0


async def test_what_is_known_counts_for_no_rate_and_has_no_second_end(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.ask(asked(1))
    asker, line = Asker.of(asked(1).caller), services.turnstile
    given_back: list[Asker] = []
    monkeypatch.setattr(line, "give_back", given_back.append)

    async def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(services.rooms, "rules", fail)
    outlet = RecordingOutlet()
    await services.replies.receive(asked(1), outlet)
    assert (outlet.posted, given_back) == ([], [asker])
    assert await services.inbox.state(1) == "answered"


async def test_a_notice_whose_posting_breaks_is_posted_once_more_with_its_own_part(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    services.speaker.script = [ChatApiError("rate_limited", "The model is busy.")]
    defect = ZeroDivisionError("not ours")
    outlet = RecordingOutlet(refusals=[defect])  # type: ignore[list-item] # a defect is no refusal
    await services.ask(asked(1), outlet)
    assert [(each.part, "busy" in each.text) for each in outlet.posted] == [(99, True)]
    assert "it is posted once more" in caplog.text
    assert not await services.intake.break_off(asked(1))


async def test_rules_that_cannot_be_read_are_a_failure_that_is_told(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseError("database_unavailable", "out of order")

    monkeypatch.setattr(services.rooms, "rules", fail)
    outlet = await services.ask(asked(1))
    assert "out of order" in outlet.texts[0]
    assert await services.inbox.state(1) == "failed"


async def test_whose_turn_is_yet_to_come_may_edit_their_question(services: Services) -> None:
    question = asked(1, "frist", room=DM)
    async with services.turnstile.turn(Asker.of(question.caller), DM.id):
        waiting = spawn(services.ask(question), name="who waits")
        while (state := await services.inbox.state(1)) is None:
            continue
        assert state == "received"
        assert await services.intake.revise(asked(1, "first", room=DM), NOON)
    await waiting
    assert services.speaker.heard[0].messages[-1] == FromMember(("first",))


@pytest.mark.parametrize("stored", [False, True])
async def test_a_defect_at_the_beginning_is_told_once_a_question_is_stored(
    services: Services, monkeypatch: pytest.MonkeyPatch, stored: bool
) -> None:
    accept_begun = services.inbox.accept_begun

    async def fail(*question: Any) -> None:  # noqa: ANN401 - passed on as it comes
        if stored:
            await accept_begun(*question)
        raise ZeroDivisionError

    monkeypatch.setattr(services.inbox, "accept_begun", fail)
    outlet = RecordingOutlet()
    if stored:
        await services.ask(asked(1), outlet)
        assert len(outlet.texts) == 1
    else:
        with pytest.raises(ZeroDivisionError):
            await services.ask(asked(1), outlet)
        assert outlet.texts == []
    assert await services.inbox.state(1) == ("failed" if stored else None)
    assert services.turnstile.in_flight == 0


async def test_an_edit_that_takes_the_mention_away_cancels_the_question(
    services: Services,
) -> None:
    await services.accept(asked(1))
    assert await services.intake.revise(asked(1, "never mind", address=Address.NONE), NOON)
    assert await services.inbox.state(1) == "cancelled"


@pytest.mark.parametrize("posting_fails", [False, True])
async def test_a_message_that_stands_but_cannot_be_noted_is_logged_and_not_told(
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    posting_fails: bool,
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseError("database_unavailable", "out of order")

    monkeypatch.setattr(services.outbox, "note", fail)
    refusals = [None, NoAccess("no_access", "")] if posting_fails else []
    outlet = await services.ask(asked(1, room=DM), RecordingOutlet(refusals=refusals))
    assert "an answer was posted but not noted" in caplog.text
    assert not any("out of order" in text for text in outlet.texts)
    if not posting_fails:  # then they are noted with the end, so that one can go on below them
        assert await services.turns.parts(1) == [1_000, 1_001]


async def test_questions_in_one_dm_are_answered_in_their_order(services: Services) -> None:
    questions = [asked(n, f"q{n}", room=DM) for n in range(1, 6)]
    for question in questions:
        await services.accept(question)
    await asyncio.gather(
        *(services.replies.answer(q, RecordingOutlet(q.message_id * 100)) for q in questions)
    )
    assert [len(history(p)) for p in services.speaker.heard] == [0, 2, 4, 6, 8]


async def test_while_we_are_closing_questions_wait_for_the_next_start(
    services: Services,
) -> None:
    assert await services.turnstile.drain(1)
    await services.accept(asked(1))
    outlet = RecordingOutlet()
    await services.replies.answer(asked(1), outlet)
    assert outlet.posted == []
    assert [q.message_id for q in (await services.recover()).young] == [1]


async def test_what_discord_withholds_is_explained_once_in_a_room(services: Services) -> None:
    first = await services.ask(asked(1, "one"))
    thread = replace(THREAD, thread_id=first.posted[0].id)
    withheld = replace(asked(2, "", room=thread, address=Address.THREAD), content_visible=False)
    assert await services.accept(withheld) is Verdict.UNREADABLE
    outlet = RecordingOutlet()
    await services.replies.explain_silence(withheld, outlet)
    assert "mention me" in outlet.texts[0]
    assert await services.inbox.state(2) == "refused"
    again, silent = replace(withheld, message_id=3), RecordingOutlet()
    assert await services.accept(again) is Verdict.UNREADABLE
    await services.replies.explain_silence(again, silent)
    assert silent.texts == []
    assert await services.inbox.state(3) == "refused"


async def test_a_kill_before_it_is_said_that_nothing_is_to_be_read_changes_nothing(
    services: Services,
) -> None:
    mention = asked(1, "", address=Address.ROLE_MENTION)
    await services.accept(replace(mention, content_visible=False))
    [again] = (await services.recover()).young
    outlet = RecordingOutlet()
    await services.replies.answer(again, outlet)
    assert "mention me" in outlet.texts[0]
    assert services.speaker.heard == []
    assert await services.inbox.state(1) == "refused"


async def test_a_role_mention_that_discord_withholds_is_explained_each_time(
    services: Services,
) -> None:
    for number in (1, 2):
        mention = replace(asked(number, ""), address=Address.ROLE_MENTION, content_visible=False)
        assert await services.accept(mention) is Verdict.UNREADABLE
        outlet = RecordingOutlet()
        await services.replies.explain_silence(mention, outlet)
        assert len(outlet.texts) == 1


async def test_members_are_named_to_the_model_but_never_by_their_ids(services: Services) -> None:
    await services.ask(asked(1))
    [prompt] = services.speaker.heard
    assert str(ADA.id) not in prompt.asker
    assert len(prompt.asker) <= 64


async def test_what_was_taken_back_before_it_was_answered_is_not_gone_on_with(
    services: Services,
) -> None:
    await services.ask(asked(1, "My name is Ada.", room=DM))
    gone = RecordingOutlet(refusals=[SourceGone("gone", "")])
    await services.ask(asked(2, "I am sad.", room=DM), gone)
    await services.ask(asked(3, "What did I say?", room=DM))
    assert said(services.speaker.heard[2]) == ["My name is Ada.", "What did I say?"]
