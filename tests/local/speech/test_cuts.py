"""Where recordings are cut, and what is taken for speech."""

import numpy as np
import pytest

from bot.local.speech.cuts import LONGEST_S, spoken_pieces
from bot.local.speech.pcm import Samples, resample, to_pcm, to_samples

RATE_HZ = 16_000


def talk(seconds: float, seed: int = 0) -> Samples:
    """Noise that comes and goes four times a second, as syllables do."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    noise = np.random.default_rng(seed).normal(0, 0.2, len(times))
    samples: Samples = (noise * np.sin(2 * np.pi * 2 * times) ** 2).astype(np.float32)
    return samples


def pause(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def test_a_short_recording_stays_whole() -> None:
    [piece] = spoken_pieces(talk(11), RATE_HZ)
    assert len(piece) == 11 * RATE_HZ


def test_a_long_recording_is_cut_in_its_pauses() -> None:
    whole = np.concatenate([talk(8), pause(0.6), talk(9), pause(0.6), talk(7)])
    lengths = [len(piece) / RATE_HZ for piece in spoken_pieces(whole, RATE_HZ)]
    assert sum(lengths) == len(whole) / RATE_HZ
    assert 8 <= lengths[0] <= 8.6
    assert 17.6 <= lengths[0] + lengths[1] <= 18.2


def test_speech_without_pauses_is_cut_all_the_same() -> None:
    lengths = [len(piece) / RATE_HZ for piece in spoken_pieces(talk(50), RATE_HZ)]
    assert max(lengths) <= LONGEST_S
    assert sum(lengths) == pytest.approx(50)


def test_what_nobody_speaks_in_is_left_out() -> None:
    steady = np.random.default_rng(3).normal(0, 0.2, 3 * RATE_HZ).astype(np.float32)
    tone = (0.3 * np.sin(np.arange(3 * RATE_HZ) / 10)).astype(np.float32)
    for sound in (pause(3), steady, tone, pause(0), talk(3) * np.float32(0.001)):
        assert list(spoken_pieces(sound, RATE_HZ)) == []


def test_samples_survive_the_way_to_bytes_and_back() -> None:
    samples = talk(0.1)
    assert np.abs(to_samples(to_pcm(samples)) - samples).max() <= 1 / 32768
    assert to_pcm(np.array([2.0, -2.0], np.float32)) == b"\xff\x7f\x00\x80"


def test_a_tone_keeps_its_pitch_and_what_is_too_high_is_gone() -> None:
    times = np.arange(24_000) / 24_000
    low = np.sin(2 * np.pi * 440 * times).astype(np.float32)
    high = np.sin(2 * np.pi * 10_000 * times).astype(np.float32)
    found = resample(low + high, RATE_HZ)
    spectrum = np.abs(np.fft.rfft(found))
    assert len(found) == RATE_HZ
    assert spectrum.argmax() == 440
    assert np.delete(spectrum, 440).max() < 0.01 * spectrum[440]
