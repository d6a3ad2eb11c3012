"""Samples: s16le bytes, mono, 24 kHz, as the stand-in passes them on; floats for the models."""

import numpy as np
from numpy.typing import NDArray

from bot.domain.reply import SPEECH_HZ

Samples = NDArray[np.float32]
"""Mono, -1 to 1."""

_FULL_SCALE = 32768.0


def to_samples(pcm: bytes) -> Samples:
    """Read s16le bytes."""
    whole = pcm[: len(pcm) // 2 * 2]
    return np.frombuffer(whole, "<i2").astype(np.float32) / np.float32(_FULL_SCALE)


def to_pcm(samples: Samples) -> bytes:
    """Write s16le bytes; what is too loud is clipped."""
    scaled = np.clip(samples * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE - 1)
    data: bytes = scaled.astype("<i2").tobytes()
    return data


def resample(samples: Samples, to_hz: int) -> Samples:
    """Bring 24 kHz samples to a lower rate, without what that rate cannot hold."""
    count = len(samples) * to_hz // SPEECH_HZ
    if not count:
        return np.zeros(0, np.float32)
    spectrum = np.fft.rfft(samples)[: count // 2 + 1]
    return (np.fft.irfft(spectrum, count) * (count / len(samples))).astype(np.float32)
