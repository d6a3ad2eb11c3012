"""Text or voice in, speech out: the two forms of an answer, and what they are made of."""

import base64
import statistics
import struct

import pytest

from bot.local.discord_server import building
from bot.local.discord_server.faults import Answer
from bot.local.discord_server.permissions import Permission
from tests.e2e.world import (
    GOLDEN,
    Talk,
    opus_head,
    recording,
    seconds_of,
    speech,
    upload,
)


async def test_a_mention_with_text_gets_one_card(talk: Talk) -> None:
    question = talk.mention(GOLDEN)
    card = await talk.card(question)
    await talk.ada.sees_typing(talk.general)
    [sound] = card.attachments
    assert "golden retriever" in card.content.lower()
    assert sound.filename == "answer.mp3"
    assert sound.description is not None
    assert sound.description.startswith("The answer spoken in the voice alloy")
    assert seconds_of(talk.ada.read(card)) > 1
    assert card.reference is not None
    assert card.reference.message_id == question.id
    assert (card.pinged_author_id, card.pinged_user_ids) == (None, [])


async def test_a_mention_with_a_recording_is_heard(talk: Talk) -> None:
    question = talk.mention(files=(upload("question.mp3", recording("mp3"), "audio/mpeg"),))
    card = await talk.card(question)
    assert card.attachments[0].filename == "answer.mp3"
    parts = talk.last_request[-1]["content"]
    assert isinstance(parts, list)
    heard = parts[-1]["input_audio"]
    assert heard["format"] == "wav"
    asked_s = len(speech()) / 48_000
    assert seconds_of(base64.b64decode(heard["data"])) == pytest.approx(asked_s, abs=0.7)


async def test_a_mention_with_text_and_a_recording_is_read_and_heard(talk: Talk) -> None:
    question = talk.mention("what is this?", files=(upload("q.ogg", recording(), "audio/ogg"),))
    await talk.card(question)
    parts = talk.last_request[-1]["content"]
    assert isinstance(parts, list)
    assert parts[0]["text"].endswith("what is this?")
    assert parts[1]["type"] == "input_audio"


async def test_text_in_a_dm_gets_a_voice_note(talk: Talk) -> None:
    question = talk.ada.say(talk.ada.dm_channel, GOLDEN)
    bubble, words = await talk.voice_note(question)
    assert bubble.attachments[0].filename == "voice-message.ogg"
    assert "golden" in words.content.lower()
    assert words.attachments == []


async def test_a_voice_message_in_a_dm_gets_a_voice_note(talk: Talk) -> None:
    await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording(), seconds=2.5))


async def test_any_recording_in_a_dm_gets_a_voice_note(talk: Talk) -> None:
    sound = upload("q.flac", recording("flac"), "audio/flac")
    await talk.voice_note(talk.ada.say(talk.ada.dm_channel, files=(sound,)))


async def test_a_voice_note_is_a_native_voice_message_that_plays_right(talk: Talk) -> None:
    bubble, _ = await talk.voice_note(talk.ada.say(talk.ada.dm_channel, GOLDEN))
    [sound] = bubble.attachments
    data = talk.ada.read(bubble)
    [request] = [
        call for call in talk.discord.traffic.to("POST", "/channels/*/messages") if call.parts
    ]
    assert bubble.flags & 8192
    assert request.parts[0].content_type == "audio/ogg"
    assert opus_head(data) == (1, 48_000)
    assert sound.duration_s is not None
    assert sound.duration_s == pytest.approx(seconds_of(data), abs=0.001)
    waveform = base64.b64decode(sound.waveform or "")
    assert 1 <= len(waveform) <= 256
    assert len(waveform) <= sound.duration_s * 10 + 1


async def test_the_waveform_of_a_bubble_shows_its_speech(talk: Talk) -> None:
    bubble, _ = await talk.voice_note(talk.ada.say(talk.ada.dm_channel, GOLDEN))
    shown = base64.b64decode(bubble.attachments[0].waveform or "")
    loudness = _loudness(talk.ada.read(bubble), points=len(shown))
    assert statistics.correlation(list(shown), loudness) > 0.9
    assert max(shown) == 255


def _loudness(data: bytes, *, points: int) -> list[float]:
    """Root of the mean level in so many equal parts, measured on what was posted."""
    from bot.audio.transcode import decode

    pcm = decode(data, max_seconds=600, deadline_s=20).pcm
    samples = struct.unpack(f"<{len(pcm) // 2}h", pcm)
    step = len(samples) / points
    parts = [samples[round(n * step) : round((n + 1) * step)] for n in range(points)]
    return [(sum(s * s for s in part) / max(1, len(part))) ** 0.25 for part in parts]


async def test_replies_to_an_answer_by_text_file_and_voice_get_their_forms(talk: Talk) -> None:
    card = await talk.card(talk.mention(GOLDEN))
    by_text = talk.ada.say(talk.general, "Why?", reply_to=card)
    assert not (await talk.card(by_text)).is_voice
    file = upload("why.wav", recording("wav", "Why?"), "audio/wav")
    by_file = talk.ada.say(talk.general, files=(file,), reply_to=card)
    assert not (await talk.card(by_file)).is_voice
    by_voice = talk.ada.speak(talk.general, recording(text="Why?"), seconds=1, reply_to=card)
    await talk.voice_note(by_voice)


async def test_where_voice_messages_are_forbidden_the_sound_is_a_file(talk: Talk) -> None:
    card = await talk.card(talk.mention(GOLDEN))
    role = building.bot_role(talk.discord.world, talk.discord.guild)
    building.set_overwrite(
        talk.discord.world, talk.general, role, deny=int(Permission.SEND_VOICE_MESSAGES)
    )
    reply = talk.ada.speak(talk.general, recording(text="Why?"), seconds=1, reply_to=card)
    answer = await talk.card(reply)
    assert not answer.is_voice
    assert answer.content
    assert seconds_of(talk.ada.read(answer)) > 0.5


async def test_a_refused_voice_message_becomes_a_file_and_is_not_tried_again_for_a_while(
    talk: Talk,
) -> None:
    forbidden = Answer(403, {"message": "Voice messages cannot be sent here.", "code": 50173})
    talk.discord.faults.add("POST", "/channels/*/messages", forbidden)
    first = await talk.card(talk.ada.say(talk.ada.dm_channel, GOLDEN))
    second = await talk.card(talk.ada.say(talk.ada.dm_channel, "Why?"))
    assert not first.is_voice
    assert not second.is_voice
    assert first.attachments[0].filename.startswith("answer.")


async def test_a_sound_too_large_becomes_a_smaller_file_then_words(talk: Talk) -> None:
    too_large = Answer(413, {"message": "Request entity too large", "code": 40005})
    talk.discord.faults.add("POST", "/channels/*/messages", too_large, times=2)
    smaller = await talk.card(talk.ada.say(talk.ada.dm_channel, GOLDEN))
    assert smaller.attachments
    talk.discord.faults.add("POST", "/channels/*/messages", too_large, times=3)
    words = await talk.card(talk.ada.say(talk.ada.dm_channel, GOLDEN))
    assert words.attachments == []
    assert "golden" in words.content.lower()
    assert "🔇" in words.content


async def test_without_the_right_to_attach_files_the_words_come(talk: Talk) -> None:
    role = building.bot_role(talk.discord.world, talk.discord.guild)
    building.set_overwrite(
        talk.discord.world, talk.general, role, deny=int(Permission.ATTACH_FILES)
    )
    card = await talk.card(talk.mention(GOLDEN))
    assert card.attachments == []
    assert "golden" in card.content.lower()


async def test_a_mention_of_the_bots_role_counts_and_is_told_when_it_cannot_be_read(
    talk: Talk,
) -> None:
    question = talk.ada.say(talk.general, f"{talk.discord.role_mention} {GOLDEN}")
    [notice] = await talk.answer(question)
    assert "mention me as a member" in notice.content


async def test_a_forwarded_voice_message_is_heard(talk: Talk) -> None:
    spoken = talk.ada.speak(talk.general, recording(), seconds=2.5)
    await talk.voice_note(talk.ada.forward(spoken, talk.ada.dm_channel))
    parts = talk.last_request[-1]["content"]
    assert isinstance(parts, list)
    assert parts[-1]["type"] == "input_audio"


async def test_talk_between_members_is_left_alone(talk: Talk) -> None:
    talk.ada.say(talk.general, "Hello everybody")
    await talk.card(talk.mention(GOLDEN))
    assert len(talk.chat.completions_seen) == 1
