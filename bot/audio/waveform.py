"""The picture of a voice message: loudness every 100 ms, drawn as 1 to 256 bytes."""

import math
import warnings
from collections.abc import Sequence

from bot.domain.reply import SPEECH_HZ

with warnings.catch_warnings():
    # Python 3.12 warns that 3.13 removes it; there audioop-lts takes its place.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import audioop

POINTS_AT_MOST = 256
WINDOW_BYTES = SPEECH_HZ // 10 * 2
"""100 ms: Discord's clients take at most one point per 100 ms."""


class LevelMeter:
    """Collects one loudness per whole 100 ms of samples that come in pieces of any size."""

    def __init__(self) -> None:
        self.levels: list[int] = []
        self._rest = b""

    def feed(self, pcm: bytes | bytearray | memoryview) -> None:
        """Measure more samples."""
        view = memoryview(self._rest + bytes(pcm)) if self._rest else memoryview(pcm)
        whole = len(view) - len(view) % WINDOW_BYTES
        for at in range(0, whole, WINDOW_BYTES):
            self.levels.append(audioop.rms(view[at : at + WINDOW_BYTES], 2))
        self._rest = bytes(view[whole:])

    def draw(self) -> bytes:
        """Draw what was fed so far."""
        return draw_waveform(self.levels or [audioop.rms(self._rest[: len(self._rest) & ~1], 2)])


def draw_waveform(levels: Sequence[int]) -> bytes:
    """Turn RMS levels into 1 to 256 bytes, the loudest 255.

    The square root keeps soft speech visible beside loud speech.
    """
    points = min(POINTS_AT_MOST, max(1, len(levels)))
    peaks = [_loudest(levels, point, points) for point in range(points)]
    scale = 255 / math.sqrt(max(peaks) or 1)
    return bytes(round(math.sqrt(peak) * scale) for peak in peaks)


def _loudest(levels: Sequence[int], point: int, points: int) -> int:
    start, end = point * len(levels) // points, (point + 1) * len(levels) // points
    return max(levels[start:end], default=0)
