"""Faster and slower speech: lengths and pitches as measured by what knows nothing of FFmpeg."""

import array
import math
import statistics
from collections.abc import Iterator

import pytest

from bot.audio.decode import decode
from bot.audio.encode import encode
from bot.audio.service import AudioWorker
from bot.audio.tempo import at_speed
from bot.audio.waveform import draw_waveform
from bot.domain.reply import SPEECH_HZ, Sound, SoundFormat
from soak.media.sounds import likeness, silence, speech, tone_strength

pytestmark = pytest.mark.once

MIB = 1 << 20
SPEEDS = [0.5, 0.75, 1.25, 1.5, 2.0]
CARD_FORMATS: list[SoundFormat] = ["mp3", "opus", "flac", "wav", "aac"]
MODEL_FORMATS: list[SoundFormat] = [*CARD_FORMATS, "pcm16"]


def tone(hz: float, seconds: float) -> bytes:
    step = 2 * math.pi * hz / SPEECH_HZ
    count = round(seconds * SPEECH_HZ)
    return array.array("h", (int(9_000 * math.sin(step * n)) for n in range(count))).tobytes()


def seconds_of(pcm: bytes | bytearray | memoryview) -> float:
    return len(pcm) / 2 / SPEECH_HZ


def pitches_hz(pcm: bytes | bytearray | memoryview) -> Iterator[float]:
    """F0 of each 50 ms from the times between rising zeros; edges are left out."""
    samples = array.array("h", bytes(pcm))[SPEECH_HZ // 5 : -SPEECH_HZ // 5]
    window = SPEECH_HZ // 20
    for start in range(0, len(samples) - window, window):
        piece = samples[start : start + window]
        rises = [
            n - piece[n] / (piece[n] - piece[n - 1])
            for n in range(1, window)
            if piece[n - 1] < 0 <= piece[n]
        ]
        yield SPEECH_HZ * (len(rises) - 1) / (rises[-1] - rises[0])


def pitch_hz(pcm: bytes | bytearray | memoryview) -> float:
    return statistics.median(pitches_hz(pcm))


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_length_changes_and_the_pitch_does_not(speed: float) -> None:
    made = at_speed(tone(200, 3), speed)
    assert len(made) == round(3 * SPEECH_HZ / speed) * 2
    assert pitch_hz(made) == pytest.approx(200, rel=0.01)


@pytest.mark.parametrize("speed", [0.51, 0.9, 1.01, 1.1, 1.3333333, 1.99])
@pytest.mark.parametrize("samples", [1, 2, 240, 1_023, 24_001, 79_999])
def test_every_length_is_exact_to_the_sample(speed: float, samples: int) -> None:
    assert len(at_speed(speech(4)[: samples * 2], speed)) == round(samples / speed) * 2


def test_the_end_of_the_last_word_is_not_lost() -> None:
    made = at_speed(silence(2) + tone(200, 0.1), 0.5)
    assert tone_strength(made[-SPEECH_HZ // 5 * 2 :], 200) > 4_000


def test_what_is_said_stays_in_its_order() -> None:
    slow = at_speed(speech(5), 0.5)
    assert likeness(at_speed(slow, 2), speech(5)) > 0.9


def test_speech_at_its_own_speed_is_not_touched() -> None:
    pcm = speech(1)
    assert at_speed(pcm, 1.0) is pcm


@pytest.mark.parametrize("speed", [0.49, 2.01, 0, -1, math.nan, math.inf])
async def test_what_is_no_speed_is_refused_before_any_work(
    worker: AudioWorker, speed: float
) -> None:
    sound = Sound(encode(speech(1), "mp3"), "mp3")
    with pytest.raises(ValueError, match="a speed is from"):
        at_speed(speech(1), speed)
    with pytest.raises(ValueError, match="a speed is from"):
        await worker.voice_clip(sound, limit_bytes=MIB, speed=speed)
    with pytest.raises(ValueError, match="a speed is from"):
        await worker.sound_file(sound, wanted="mp3", limit_bytes=MIB, speed=speed)
    assert worker.pid is None


@pytest.mark.parametrize("speed", SPEEDS)
async def test_the_locked_worker_makes_a_faster_or_slower_voice_message(
    worker: AudioWorker, speed: float
) -> None:
    clip = await worker.voice_clip(
        Sound(encode(tone(200, 6), "wav"), "wav"), limit_bytes=MIB, speed=speed
    )
    heard = decode(clip.data, max_seconds=60)
    assert clip.seconds == pytest.approx(6 / speed, abs=0.0001)
    assert heard.seconds == pytest.approx(6 / speed, rel=0.01)
    assert pitch_hz(heard.pcm) == pytest.approx(200, rel=0.01)


async def test_the_picture_is_drawn_of_the_changed_sound(worker: AudioWorker) -> None:
    pcm = silence(3) + tone(200, 3)
    clip = await worker.voice_clip(Sound(pcm, "pcm16"), limit_bytes=MIB, speed=2)
    assert len(clip.waveform) == 30
    assert max(clip.waveform[:14]) < 20 < 200 < min(clip.waveform[16:29])
    assert clip.waveform != draw_waveform([0] * 30)


@pytest.mark.parametrize("wanted", CARD_FORMATS)
@pytest.mark.parametrize("speed", [0.5, 1.25, 2.0])
async def test_every_card_file_may_be_faster_or_slower(
    worker: AudioWorker, wanted: SoundFormat, speed: float
) -> None:
    sound = Sound(encode(tone(200, 16), "opus"), "opus")
    made = await worker.sound_file(sound, wanted=wanted, limit_bytes=4 * MIB, speed=speed)
    heard = decode(made.data, max_seconds=60)
    assert made.extension == ("ogg" if wanted == "opus" else wanted)
    assert made.seconds == pytest.approx(16 / speed, rel=0.01)
    assert heard.seconds == pytest.approx(16 / speed, rel=0.01)
    assert pitch_hz(heard.pcm) == pytest.approx(200, rel=0.01)


async def test_a_faster_file_too_big_becomes_smaller_opus(worker: AudioWorker) -> None:
    sound = Sound(encode(speech(10), "wav"), "wav")
    made = await worker.sound_file(sound, wanted="wav", limit_bytes=30_000, speed=1.25)
    assert made.extension == "ogg"
    assert made.seconds == pytest.approx(8)
    assert len(made.data) <= 30_000


@pytest.mark.parametrize("wanted", CARD_FORMATS)
async def test_every_card_file_is_made_of_any_sound_the_model_sends(
    worker: AudioWorker, wanted: SoundFormat
) -> None:
    original = speech(3)
    for sent in MODEL_FORMATS:
        sound = Sound(encode(original, sent), sent)
        made = await worker.sound_file(sound, wanted=wanted, limit_bytes=MIB)
        heard = decode(made.data, max_seconds=60)
        assert made.extension == ("ogg" if wanted == "opus" else wanted)
        assert seconds_of(heard.pcm) == pytest.approx(3, abs=0.2)
        assert likeness(heard.pcm, original) > 0.9


@pytest.mark.parametrize("kept", ["mp3", "opus", "flac", "wav", "aac"])
async def test_sound_that_is_already_right_is_passed_on_only_at_its_own_speed(
    worker: AudioWorker, kept: SoundFormat
) -> None:
    sound = Sound(encode(speech(2), kept), kept)
    same = await worker.sound_file(sound, wanted=kept, limit_bytes=MIB, speed=1.0)
    assert same.data == sound.data
    assert worker.pid is None
    faster = await worker.sound_file(sound, wanted=kept, limit_bytes=MIB, speed=2.0)
    assert faster.data != sound.data
    assert faster.seconds == pytest.approx(1, abs=0.1)
