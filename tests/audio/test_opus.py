"""Voice messages: mono Ogg Opus, exact length, tiers of size."""

import random
import struct

import pytest

from bot.audio import ogg
from bot.audio.decode import decode
from bot.audio.opus import TIERS, OpusSettings, OpusWriter, encode_voice, plan_tiers
from bot.errors import AudioError
from soak.media.sounds import likeness, speech

MIB = 1 << 20


def test_a_voice_message_is_what_discord_asks_for() -> None:
    clip = encode_voice(speech(5), limit_bytes=MIB)
    channels, _, rate_hz = struct.unpack_from("<BHI", clip.data, 28 + 9)
    assert (channels, rate_hz) == (1, 48_000)
    assert clip.seconds == 5
    assert len(clip.waveform) == 50


@pytest.mark.parametrize("samples", [240, 479, 480, 24_001, 100_003])
def test_the_length_is_exact_to_the_sample(samples: int) -> None:
    pcm = speech(5)[: samples * 2]
    clip = encode_voice(pcm, limit_bytes=MIB)
    assert clip.seconds == samples / 24_000
    assert ogg.opus_seconds(clip.data) == pytest.approx(clip.seconds, abs=1e-9)
    assert len(decode(clip.data, max_seconds=60).pcm) / 2 == pytest.approx(samples, abs=1)


def test_speech_at_full_rate_is_not_heard_at_half_speed() -> None:
    original = speech(4)
    heard = decode(encode_voice(original, limit_bytes=MIB).data, max_seconds=60)
    assert heard.seconds == pytest.approx(4)
    assert likeness(heard.pcm, original) > 0.98


@pytest.mark.parametrize(
    ("minutes", "bit_rate"), [(1, 64_000), (18, 64_000), (24, 48_000), (45, 24_000), (90, 12_000)]
)
def test_ten_mebibytes_hold_ninety_minutes_in_tiers(minutes: int, bit_rate: int) -> None:
    assert plan_tiers(minutes * 60, limit_bytes=10 * MIB - 65_536)[0].bit_rate == bit_rate


def test_the_smallest_tier_is_tried_however_small_the_limit() -> None:
    assert plan_tiers(3600, limit_bytes=1) == TIERS[-1:]


@pytest.mark.parametrize("limit_bytes", [90_000, 70_000, 40_000, 22_000])
def test_a_clip_is_made_smaller_until_it_fits(limit_bytes: int) -> None:
    clip = encode_voice(speech(10), limit_bytes=limit_bytes)
    assert limit_bytes / 3 < len(clip.data) <= limit_bytes
    assert clip.seconds == 10


def test_a_tier_that_comes_out_too_big_is_dropped() -> None:
    rng = random.Random(1)
    noise = rng.randbytes(10 * 48_000)
    plain = OpusWriter(OpusSettings(12_000, 8, "voip"))
    plain.feed(noise)
    smallest = plain.finish()
    planned_bytes = 24_000 // 8 * 10 * 1.13
    assert len(smallest.data) < planned_bytes
    clip = encode_voice(noise, limit_bytes=round(planned_bytes))
    assert len(clip.data) <= planned_bytes


def test_what_fits_into_no_tier_is_refused() -> None:
    with pytest.raises(AudioError) as caught:
        encode_voice(speech(10), limit_bytes=5_000)
    assert caught.value.code == "audio_does_not_fit"


def test_nothing_makes_no_voice_message() -> None:
    with pytest.raises(AudioError) as caught:
        encode_voice(b"", limit_bytes=MIB)
    assert caught.value.code == "audio_empty"


def test_speech_can_be_fed_as_it_comes() -> None:
    writer = OpusWriter(OpusSettings())
    pcm = speech(3)
    for at in range(0, len(pcm), 19_200):
        writer.feed(pcm[at : at + 19_200])
    clip = writer.finish()
    assert clip.seconds == 3
    assert likeness(decode(clip.data, max_seconds=60).pcm, pcm) > 0.98
