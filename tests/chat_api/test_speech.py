"""Given words spoken word for word, over the stand-in's endpoint."""

from typing import Any

import pytest

from bot.audio.decode import decode
from bot.audio.service import AudioWorker
from bot.chat_api.speech import MOST_CHARACTERS
from bot.domain.reply import SPEECH_HZ, SoundFormat
from bot.errors import ChatApiError, Refused, SpeechUnavailable
from bot.local.chat_server import faults
from bot.local.chat_server.faults import Fault
from tests.chat_api.world import Calls
from tests.local.chat_spec import speech_problems

WORDS = "The quick brown fox jumps over the lazy dog."
LONG = "\n\n".join(f"This is the paragraph number {n}. {WORDS} {WORDS}" for n in range(30))


def asked(calls: Calls) -> list[Any]:
    return [seen.body for seen in calls.server.seen]


async def failed(calls: Calls, fault: Fault, times: int = 1, **options: Any) -> ChatApiError:  # noqa: ANN401 - of `Calls.speech`
    calls.server.speech_faults.next(fault, times)
    with pytest.raises(ChatApiError) as caught:
        await calls.speech(**options).synthesize(WORDS, "coral")
    return caught.value


@pytest.mark.parametrize("format", ["wav", "mp3", "opus", "flac", "aac"])
async def test_words_become_sound_of_the_format_that_was_asked_for(
    calls: Calls, format: SoundFormat
) -> None:
    sound = await calls.speech().synthesize(WORDS, "coral", format=format)
    heard = decode(sound.data, max_seconds=30)
    assert sound.format == format
    assert heard.container == {"opus": "ogg"}.get(format, format)
    assert 1.5 < heard.seconds < 6


async def test_raw_samples_are_called_by_the_endpoints_own_name(calls: Calls) -> None:
    sound = await calls.speech().synthesize(WORDS, "coral", format="pcm16")
    assert sound.format == "pcm16"
    assert 1.5 < len(sound.data) / 2 / SPEECH_HZ < 6
    assert asked(calls)[0]["response_format"] == "pcm"


async def test_the_whole_request_is_as_documented(calls: Calls) -> None:
    api = calls.speech()
    await api.synthesize(f" {WORDS}\n", "voice_12", speed=1, instructions="Whisper.")
    await api.synthesize("c\ud800d", "ash")

    assert asked(calls) == [
        {
            "model": "gpt-4o-mini-tts",
            "input": WORDS,
            "voice": {"id": "voice_12"},
            "response_format": "wav",
            "speed": 1.0,
            "instructions": "Whisper.",
        },
        {"model": "gpt-4o-mini-tts", "input": "c?d", "voice": "ash", "response_format": "wav"},
    ]
    assert [speech_problems(body) for body in asked(calls)] == [[], []]


async def test_the_same_words_make_the_same_bytes(calls: Calls) -> None:
    for _ in range(2):
        await calls.speech().synthesize(WORDS, "coral", speed=1.5)
    first, second = calls.server.seen
    assert first.raw == second.raw


async def test_a_model_that_cannot_be_told_how_to_speak_is_not_told(calls: Calls) -> None:
    await calls.speech(model="tts-1").synthesize(WORDS, "coral", instructions="Whisper.")
    assert "instructions" not in asked(calls)[0]


async def test_a_long_text_is_spoken_passage_by_passage_and_joined(calls: Calls) -> None:
    sound = await calls.speech().synthesize(LONG, "coral", format="mp3")
    parts = [body["input"] for body in asked(calls)]
    alone = [
        len((await calls.speech().synthesize(part, "coral", format="pcm16")).data) for part in parts
    ]

    assert len(parts) == 2
    assert "\n\n".join(parts) == LONG
    assert sound.format == "pcm16"
    assert len(sound.data) == sum(alone)
    assert [speech_problems(body) for body in asked(calls)] == [[]] * 4


async def test_signs_that_are_a_token_each_stay_below_the_limit(calls: Calls) -> None:
    api = calls.speech(max_sound_bytes=128 * 1024 * 1024)
    sound = await api.synthesize("字" * 4_000, "coral")
    assert len(sound.data) > 0
    assert len(asked(calls)) == 2


async def test_what_was_read_aloud_can_be_posted_at_any_speed(calls: Calls) -> None:
    async with AudioWorker() as worker:
        for text in (WORDS, LONG):
            sound = await calls.speech().synthesize(text, "coral")
            clip = await worker.voice_clip(sound, limit_bytes=1 << 24)
            faster = await worker.voice_clip(sound, limit_bytes=1 << 24, speed=2)
            card = await worker.sound_file(sound, wanted="mp3", limit_bytes=1 << 24)
            assert clip.seconds > 1.5
            assert faster.seconds == pytest.approx(clip.seconds / 2, rel=0.01)
            assert card.extension == "mp3"


async def test_files_in_place_of_samples_are_not_joined_to_noise(calls: Calls) -> None:
    calls.server.speech_faults.next(faults.raw(b"RIFF....WAVE", content_type="audio/wav"), 2)
    with pytest.raises(ChatApiError) as caught:
        await calls.speech().synthesize(LONG, "coral")
    assert caught.value.code == "answer_unreadable"


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "nothing_to_speak"), (" \n", "nothing_to_speak"),
     ("x" * (MOST_CHARACTERS + 1), "too_long_to_speak")],
)  # fmt: skip
async def test_no_words_and_too_many_are_refused_before_anything_is_paid(
    calls: Calls, text: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        await calls.speech().synthesize(text, "coral")
    assert caught.value.code == code
    assert not calls.server.seen


UNAVAILABLE = [
    faults.error(404, "Invalid URL (POST /v1/audio/speech)"),
    faults.error(405, "Method Not Allowed"),
    faults.error(501, "Not Implemented"),
    faults.error(403, "no access to model tts", code="model_not_found"),
    faults.relay_no_channel,
    faults.html_200,
]


@pytest.mark.parametrize("fault", UNAVAILABLE)
async def test_a_server_without_this_endpoint_is_told_apart(calls: Calls, fault: Fault) -> None:
    error = await failed(calls, fault)
    assert isinstance(error, SpeechUnavailable)
    assert error.code == "speech_unavailable"
    assert calls.waits_s == []


async def test_an_unknown_address_or_model_is_a_server_without_this_endpoint(calls: Calls) -> None:
    origin = calls.server.base_url.removesuffix("/v1")
    for api in (calls.speech(base_url=f"{origin}/other"), calls.speech(model="tts-9")):
        with pytest.raises(SpeechUnavailable):
            await api.synthesize(WORDS, "coral")


async def test_a_voice_that_this_endpoint_lacks_is_named_as_such(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.speech(model="tts-1").synthesize(WORDS, "cedar")
    assert caught.value.code == "voice_refused"
    assert len(calls.server.seen) == 1


@pytest.mark.parametrize(
    ("fault", "code", "requests"),
    [
        (faults.server_error, "server_failed", 3),
        (faults.rate_limited("1"), "rate_limited", 3),
        (faults.quota(), "quota_exhausted", 1),
        (faults.reset, "unreachable", 3),
        (faults.redirected("https://elsewhere.example/"), "redirected", 1),
        (faults.html_502, "server_failed", 3),
        (faults.raw(b"", content_type="audio/wav"), "answer_empty", 3),
        (faults.raw(b"{}"), "answer_unreadable", 2),
        (faults.too_large, "request_too_large", 1),
    ],
)
async def test_failures_are_named_and_repeated_where_that_makes_sense(
    calls: Calls, fault: Fault, code: str, requests: int
) -> None:
    error = await failed(calls, fault, times=5)
    assert error.code == code
    assert not isinstance(error, SpeechUnavailable)
    assert len(calls.server.seen) == requests


async def test_what_passes_is_not_noticed(calls: Calls) -> None:
    calls.server.speech_faults.next(faults.server_error)
    assert (await calls.speech().synthesize(WORDS, "coral")).data
    assert len(calls.waits_s) == 1


async def test_a_wrong_key_is_refused(calls: Calls) -> None:
    with pytest.raises(ChatApiError) as caught:
        await calls.speech(key="sk-nobody").synthesize(WORDS, "coral")
    assert caught.value.code == "key_refused"


@pytest.mark.parametrize("fault", [faults.blackhole, faults.drip()])
async def test_sound_that_does_not_come_in_time_is_given_up(calls: Calls, fault: Fault) -> None:
    assert (await failed(calls, fault, deadline_s=0.2)).code == "timed_out"


async def test_sound_beyond_all_measure_is_not_read(calls: Calls) -> None:
    error = await failed(calls, faults.gzip_bomb(8 * 1024 * 1024), max_sound_bytes=1024 * 1024)
    assert error.code == "answer_too_large"


async def test_all_passages_share_one_measure(calls: Calls) -> None:
    sizes = [
        len((await calls.speech().synthesize(LONG[:1_900], "coral", format="pcm16")).data),
        len((await calls.speech().synthesize(LONG, "coral")).data),
    ]
    between = sum(sizes) // 2
    with pytest.raises(ChatApiError) as caught:
        await calls.speech(max_sound_bytes=between).synthesize(LONG, "coral")
    assert caught.value.code == "answer_too_large"


async def test_neither_key_nor_words_are_shown(
    calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    api = calls.speech()
    calls.server.speech_faults.next(faults.server_error, times=5)
    with pytest.raises(ChatApiError):
        await api.synthesize(WORDS, "coral")
    assert calls.server.key not in repr(api) + caplog.text
    assert "fox" not in caplog.text
