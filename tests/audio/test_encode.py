"""What we encode, judged by an independent decoder: PyAV as its manual uses it."""

import io
from typing import get_args

import av
import pytest

from bot.audio import mp3, wav
from bot.audio.encode import MP3_MODEL_BIT_RATE, encode, encode_mp3
from bot.audio.formats import sniff
from bot.audio.frames import pieces
from bot.domain.reply import SPEECH_HZ, SoundFormat
from soak.media.sounds import likeness, quieter, speech, tone_strength

FORMATS = [kind for kind in get_args(SoundFormat) if kind != "pcm16"]


def plainly_decoded(data: bytes) -> bytes:
    resampler = av.AudioResampler("s16", "mono", SPEECH_HZ)
    made = bytearray()
    with av.open(io.BytesIO(data), "r") as container:
        for frame in container.decode(audio=0):
            for part in resampler.resample(frame):
                made += bytes(part.planes[0])[: part.samples * 2]
    for part in resampler.resample(None):
        made += bytes(part.planes[0])[: part.samples * 2]
    return bytes(made)


@pytest.mark.parametrize("sound_format", FORMATS)
def test_an_independent_decoder_hears_the_same_speech(sound_format: SoundFormat) -> None:
    original = speech(3)
    heard = plainly_decoded(encode(original, sound_format))
    assert len(heard) / 2 / SPEECH_HZ == pytest.approx(3, abs=0.1)
    assert likeness(heard, original) > 0.95


@pytest.mark.parametrize("sound_format", FORMATS)
def test_the_spectrum_survives(sound_format: SoundFormat) -> None:
    original = speech(1)
    heard = plainly_decoded(encode(original, sound_format))
    delay = {"mp3": 1105, "aac": 1024}.get(sound_format, 0) * 2
    for hz in (130, 140, 390, 910):
        before = tone_strength(original, hz)
        assert tone_strength(heard[delay:], hz) == pytest.approx(before, rel=0.25, abs=15)


def test_raw_samples_stay_as_they_are() -> None:
    assert encode(bytearray(speech(0.1)), "pcm16") == speech(0.1)


def test_a_wav_of_ours_is_its_header_and_the_samples() -> None:
    data = encode(speech(0.1), "wav")
    found = wav.read_pcm(data)
    assert found is not None
    assert found.is_speech
    assert bytes(found.samples) == speech(0.1)


@pytest.mark.parametrize("bit_rate", [MP3_MODEL_BIT_RATE, 64_000])
def test_mp3_is_constant_and_bare(bit_rate: int) -> None:
    data = encode_mp3(pieces(speech(2)), bit_rate=bit_rate)
    proven = mp3.constant_frames(data)
    assert proven is not None
    assert proven[0] == data
    assert proven[1].bit_rate == bit_rate


@pytest.mark.parametrize("sound_format", FORMATS)
@pytest.mark.parametrize("samples", [1, 239, 24_001])
def test_clips_of_odd_length_can_be_encoded(sound_format: SoundFormat, samples: int) -> None:
    data = encode(quieter(speech(2), 0.5)[: samples * 2], sound_format)
    assert sniff(data) is not None
