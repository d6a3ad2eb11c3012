"""Where somebody speaks in a recording, in pieces that the recogniser can take at once."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bot.local.speech.pcm import Samples

LONGEST_S = 12.0
_SHORTEST_S = 5.0
_WINDOW_S = 0.03
_PAUSE_WINDOWS = 7
_SILENT_DB = -50.0
_STEADY_DB = 6.0


def spoken_pieces(samples: Samples, rate_hz: int) -> Iterator[Samples]:
    """Cut at quiet points, at most every 12 seconds, and leave out what nobody speaks in."""
    for piece in _pieces(samples, rate_hz):
        if _has_speech(piece, rate_hz):
            yield piece


def _has_speech(piece: Samples, rate_hz: int) -> bool:
    """Tell speech from silence, and from noise and tones, whose level hardly changes."""
    levels = _levels_db(piece, rate_hz)
    if not len(levels):
        return False
    low, high = np.percentile(levels, (10, 95))
    return bool(high > _SILENT_DB and high - low > _STEADY_DB)


def _pieces(samples: Samples, rate_hz: int) -> Iterator[Samples]:
    longest = int(LONGEST_S * rate_hz)
    while len(samples) > longest:
        cut = _quietest(samples[:longest], rate_hz)
        yield samples[:cut]
        samples = samples[cut:]
    yield samples


def _quietest(samples: Samples, rate_hz: int) -> int:
    """Find the middle of the quietest fifth of a second, not too near to the beginning."""
    levels = _levels_db(samples, rate_hz)
    smooth = np.convolve(levels, np.ones(_PAUSE_WINDOWS) / _PAUSE_WINDOWS, "valid")
    first = int(_SHORTEST_S / _WINDOW_S)
    window = first + int(smooth[first:].argmin()) + _PAUSE_WINDOWS // 2
    return int(window * _WINDOW_S * rate_hz)


def _levels_db(samples: Samples, rate_hz: int) -> NDArray[np.float32]:
    size = int(_WINDOW_S * rate_hz)
    windows = samples[: len(samples) // size * size].reshape(-1, size)
    power = (windows * windows).mean(axis=1) + np.float32(1e-10)
    levels: NDArray[np.float32] = 10 * np.log10(power)
    return levels
