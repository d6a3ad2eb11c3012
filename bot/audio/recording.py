"""A member's recording made fit for the model: silence at the ends cut, quiet speech raised.

pydub wraps the samples and measures; it never opens a file and never starts a program.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.audio.failures import failure
from bot.audio.frames import Pcm, pieces
from bot.domain.reply import SPEECH_HZ

with warnings.catch_warnings():
    # pydub 0.25.1 looks for ffmpeg, which we do not use, has invalid escapes in its source,
    # and imports the audioop that Python 3.12 announces the end of.
    warnings.filterwarnings("ignore", "Couldn't find ff", RuntimeWarning)
    warnings.filterwarnings("ignore", category=SyntaxWarning)
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    warnings.filterwarnings("ignore", "invalid escape sequence", DeprecationWarning)
    from pydub import AudioSegment

WINDOW_MS = 50
_WINDOW_BYTES = WINDOW_MS * SPEECH_HZ // 1000 * 2
SILENCE_DBFS = -60.0
"""Nothing louder than this anywhere: the microphone was off."""

_SPEECH_BELOW_PEAK_DB = 40.0
"""Windows this much under the loudest one hold no speech."""

_LONG_SILENCE_MS = 1_000
_KEPT_SILENCE_MS = 300
_QUIET_DBFS = -30.0
_TARGET_DBFS = -20.0
_GAIN_DB_AT_MOST = 24.0
_HEADROOM_DB = 1.0


@dataclass(frozen=True, slots=True)
class Recording:
    """What of the samples is worth sending, and by how much to raise it.

    `uncut` when nothing fell away at the ends.
    """

    pcm: memoryview
    gain_db: float
    uncut: bool

    @property
    def seconds(self) -> float:
        """Length of what is sent."""
        return len(self.pcm) / 2 / SPEECH_HZ

    @property
    def untouched(self) -> bool:
        """Whether the member's own file says the same."""
        return self.uncut and not self.gain_db

    def pieces(self) -> Iterator[Pcm]:
        """Yield the sound second by second, raised where it was too quiet."""
        for piece in pieces(self.pcm):
            yield piece if not self.gain_db else _segment(piece).apply_gain(self.gain_db).raw_data


def tidy(pcm: bytes | bytearray | memoryview) -> Recording:
    """Measure a recording of at least one sample and decide what to send.

    Raises:
        AudioError: it is silent from end to end.

    """
    view = memoryview(pcm)
    levels = [_segment(window).dBFS for window in _windows(view)]
    loudest = max(levels)
    if loudest < SILENCE_DBFS:
        raise failure("audio_silent")
    lead, tail = _silent_ends(levels, below_dbfs=loudest - _SPEECH_BELOW_PEAK_DB)
    kept = view[_cut_bytes(lead) : len(view) - _cut_bytes(tail)]
    return Recording(kept, _gain_db(view, loudest), uncut=len(kept) == len(view))


def _silent_ends(levels: Sequence[float], *, below_dbfs: float) -> tuple[int, int]:
    """Count the windows without speech at the start and at the end."""
    lead = next(n for n, level in enumerate(levels) if level >= below_dbfs)
    tail = next(n for n, level in enumerate(reversed(levels)) if level >= below_dbfs)
    return lead, tail


def _cut_bytes(silent_windows: int) -> int:
    silent_ms = silent_windows * WINDOW_MS
    cut_ms = silent_ms - _KEPT_SILENCE_MS if silent_ms > _LONG_SILENCE_MS else 0
    return cut_ms * SPEECH_HZ // 1000 * 2


def _windows(view: memoryview) -> Iterator[memoryview]:
    """Cut by samples: pydub cuts by rounded milliseconds, and fails on the last, incomplete one."""
    for at in range(0, len(view), _WINDOW_BYTES):
        yield view[at : at + _WINDOW_BYTES]


def _gain_db(view: memoryview, loudest: float) -> float:
    """How much to raise a recording that is quiet all through, without clipping its peak."""
    if loudest >= _QUIET_DBFS:
        return 0.0
    room_db = -float(_segment(view).max_dBFS) - _HEADROOM_DB
    return max(0.0, min(_TARGET_DBFS - loudest, room_db, _GAIN_DB_AT_MOST))


def _segment(pcm: Pcm) -> AudioSegment:
    return AudioSegment(data=pcm, sample_width=2, frame_rate=SPEECH_HZ, channels=1)
