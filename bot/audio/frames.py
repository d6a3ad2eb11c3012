"""Samples of speech (24 kHz mono, 16 bit) and the frames that encoders take."""

from collections.abc import Iterator
from fractions import Fraction

import av

from bot.domain.reply import SPEECH_HZ

Pcm = bytes | bytearray | memoryview
"""Samples: s16le, 24 kHz, mono."""

PIECE_BYTES = SPEECH_HZ * 2
"""One second: encoders are fed in pieces, so that memory stays small."""

_TIME_BASE = Fraction(1, SPEECH_HZ)


def pieces(pcm: Pcm) -> Iterator[memoryview]:
    """Cut samples into seconds without copying."""
    view = memoryview(pcm)
    for at in range(0, len(view), PIECE_BYTES):
        yield view[at : at + PIECE_BYTES]


def speech_frame(piece: Pcm, *, at_sample: int) -> av.AudioFrame:
    """Make a frame of samples that begins at `at_sample`."""
    frame = av.AudioFrame(format="s16", layout="mono", samples=len(piece) // 2)
    frame.planes[0].update(piece)  # type: ignore[arg-type]  # any buffer will do
    frame.sample_rate = SPEECH_HZ
    frame.time_base = _TIME_BASE
    frame.pts = at_sample
    return frame
