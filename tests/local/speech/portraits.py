"""Voices told apart by measure alone: the height of the voice, and its colour over loud moments."""

import itertools
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.reply import SPEECH_HZ
from bot.local.speech.pcm import resample, to_samples

_FRAME = 600
_BANDS = 24
_LOWEST_HZ, _HIGHEST_HZ = 100.0, 8000.0
_LOUD_SHARE = 0.6
_PITCH_RATE_HZ, _PITCH_FRAME, _PITCH_HOP = 8000, 400, 160
_LAGS = np.arange(_PITCH_RATE_HZ // 450, _PITCH_RATE_HZ // 60)
_VOICED, _SAME_PITCH = 0.7, 0.98


@dataclass(frozen=True)
class Portrait:
    """How one recording sounds.

    Attributes:
        pitch_hz: the median height of the voice.
        colour_db: energy by mel band around its own mean.
        centroid_hz: the middle of its spectrum.

    """

    pitch_hz: float
    colour_db: NDArray[np.float64]
    centroid_hz: float


def portrait(pcm: bytes) -> Portrait:
    power = _loud_power(pcm)
    hz = np.fft.rfftfreq(_FRAME, 1 / SPEECH_HZ).astype(np.float64)
    # The mean of levels, not the level of means: no vowel may speak for the voice.
    levels = (10 * np.log10(_mel_filters(hz) @ power.T + 1e-9)).mean(axis=1)
    mean = power.mean(axis=0)
    return Portrait(_pitch_hz(pcm), levels - levels.mean(), float((hz * mean).sum() / mean.sum()))


def distance(one: Portrait, other: Portrait) -> float:
    """1 for two semitones, or for 1 dB in every band: about what anybody notices."""
    semitones = 12 * math.log2(one.pitch_hz / other.pitch_hz)
    colour_db = float(np.sqrt(np.mean((one.colour_db - other.colour_db) ** 2)))
    return math.hypot(semitones / 2, colour_db)


def told_apart(portraits: Mapping[str, Sequence[Portrait]]) -> float:
    """How many recordings are nearest to one of the same voice, among those of other words."""
    named = [(name, n, each) for name, group in portraits.items() for n, each in enumerate(group)]
    right = 0
    for name, number, each in named:
        others = [(n, p) for n, k, p in named if k != number]
        right += min(others, key=lambda other: distance(each, other[1]))[0] == name
    return right / len(named)


def closest(portraits: Mapping[str, Sequence[Portrait]]) -> tuple[float, str, str]:
    """The two voices that are most alike when they say the same words, on average."""
    pairs: dict[tuple[str, str], list[float]] = defaultdict(list)
    for one, other in itertools.combinations(portraits, 2):
        same_words = zip(portraits[one], portraits[other], strict=True)
        pairs[one, other] = [distance(a, b) for a, b in same_words]
    means = {pair: float(np.mean(distances)) for pair, distances in pairs.items()}
    pair = min(means, key=lambda pair: means[pair])
    return means[pair], *pair


def _pitch_hz(pcm: bytes) -> float:
    """The median over every moment in which the wave repeats itself."""
    samples = resample(to_samples(pcm), _PITCH_RATE_HZ).astype(np.float64)
    moments = np.lib.stride_tricks.sliding_window_view(samples, _PITCH_FRAME + int(_LAGS[-1]))
    moments = moments[::_PITCH_HOP]
    head = moments[:, :_PITCH_FRAME]
    later = [moments[:, lag : lag + _PITCH_FRAME] for lag in _LAGS]
    energy = (head**2).sum(axis=1)
    likeness = np.stack(
        [(head * x).sum(axis=1) / np.sqrt(energy * (x**2).sum(axis=1) + 1e-9) for x in later]
    )
    best = likeness.max(axis=0)
    heard = (best > _VOICED) & (energy > 0.02 * energy.max())
    # Of nearly equal likenesses the shortest period is the true one; its top, not its slope.
    tops = (likeness >= np.roll(likeness, 1, 0)) & (likeness >= np.roll(likeness, -1, 0))
    first = (tops & (likeness >= _SAME_PITCH * best)).argmax(axis=0)
    return float(np.median(_PITCH_RATE_HZ / _LAGS[first[heard]]))


def _loud_power(pcm: bytes) -> NDArray[np.float64]:
    samples = to_samples(pcm).astype(np.float64)
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power: NDArray[np.float64] = np.abs(np.fft.rfft(frames * np.hanning(_FRAME))) ** 2
    loudness = power.sum(axis=1)
    loud: NDArray[np.float64] = power[loudness >= np.quantile(loudness, 1 - _LOUD_SHARE)]
    return loud


def _mel_filters(hz: NDArray[np.float64]) -> NDArray[np.float64]:
    mels = np.linspace(_mel(_LOWEST_HZ), _mel(_HIGHEST_HZ), _BANDS + 2)
    edges = 700 * (10 ** (mels / 2595) - 1)
    rows = [
        np.clip(np.minimum((hz - a) / (b - a), (c - hz) / (c - b)), 0, None)
        for a, b, c in zip(edges, edges[1:], edges[2:], strict=False)
    ]
    filters = np.stack(rows)
    even: NDArray[np.float64] = filters / filters.sum(axis=1, keepdims=True)
    return even


def _mel(hz: float) -> float:
    return 2595 * math.log10(1 + hz / 700)
