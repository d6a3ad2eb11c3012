"""What a clip sounds like: true measurements, said in a sentence."""

import array
import audioop
import math
import operator
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.reply import SPEECH_HZ

_ANALYSIS_HZ = 8000
_LOWEST_HZ, _HIGHEST_HZ = 60, 420
_WINDOW = 400
_MOST_WINDOWS = 20
_SAME_PITCH = 0.97
_VOICED = 0.5
_PULSE_S = 0.02
_SILENT_DBFS = -55.0
_LOUDNESS = ((-32, "very quiet"), (-24, "quite quiet"), (-15, "of ordinary loudness"))
_HEIGHTS = ((90, "very low"), (135, "rather low"), (175, "medium high"), (230, "rather high"))
_PACES = ((2.2, "slow"), (4.2, "steady"))


@dataclass(frozen=True, slots=True)
class Impression:
    """Measurements of one clip.

    Attributes:
        seconds: its length.
        loudness_dbfs: RMS level, 0 for the loudest possible square wave.
        pitch_hz: the median fundamental frequency; None when nothing in it has a pitch.
        syllables_per_s: bursts of energy per second, about one for each syllable.

    """

    seconds: float
    loudness_dbfs: float
    pitch_hz: float | None
    syllables_per_s: float

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to hear."""
        return self.loudness_dbfs < _SILENT_DBFS


def measure(pcm: bytes) -> Impression:
    """Measure s16le samples, mono, 24 kHz."""
    seconds = len(pcm) / 2 / SPEECH_HZ
    return Impression(
        seconds=seconds,
        loudness_dbfs=_dbfs(audioop.rms(pcm, 2)) if pcm else -math.inf,
        pitch_hz=_pitch_hz(pcm),
        syllables_per_s=_count_bursts(pcm) / seconds if seconds else 0.0,
    )


def describe(heard: Impression) -> str:
    """Say what was heard: "I heard 3.2 seconds of a rather low voice around 110 hertz, …"."""
    if heard.is_silent:
        return f"I heard {heard.seconds:.1f} seconds of silence, or nearly so."
    loudness = _pick(heard.loudness_dbfs, _LOUDNESS, "quite loud")
    if heard.pitch_hz is None:
        return f"I heard {heard.seconds:.1f} seconds of sound without a clear pitch, {loudness}."
    height = _pick(heard.pitch_hz, _HEIGHTS, "very high")
    pace = _pick(heard.syllables_per_s, _PACES, "quick")
    return (
        f"I heard {heard.seconds:.1f} seconds of a {height} voice "
        f"around {heard.pitch_hz:.0f} hertz, {loudness}, at a {pace} pace."
    )


def _pick(value: float, steps: Sequence[tuple[float, str]], beyond: str) -> str:
    return next((word for limit, word in steps if value < limit), beyond)


def _dbfs(rms: float) -> float:
    return 20 * math.log10(max(rms, 1e-3) / 32768)


def _pitch_hz(pcm: bytes) -> float | None:
    """Take the median of the loudest windows in which the wave repeats itself."""
    coarse = audioop.ratecv(pcm, 2, 1, SPEECH_HZ, _ANALYSIS_HZ, None)[0]
    samples = array.array("h", coarse)
    longest_lag = _ANALYSIS_HZ // _LOWEST_HZ
    size = _WINDOW + longest_lag
    windows = [samples[at : at + size] for at in range(0, len(samples) - size, _WINDOW)]
    loudest = sorted(windows, key=lambda w: audioop.rms(w.tobytes(), 2), reverse=True)
    pitches = [p for w in loudest[:_MOST_WINDOWS] if (p := _pitch_of_window(w)) is not None]
    return statistics.median(pitches) if pitches else None


def _pitch_of_window(window: "array.array[int]") -> float | None:
    """Find the shortest lag at which the window is nearly as like itself as at the best one."""
    head = window[:_WINDOW]
    energy = sum(map(operator.mul, head, head))
    if not energy:
        return None
    likeness: dict[int, float] = {}
    for lag in range(_ANALYSIS_HZ // _HIGHEST_HZ, _ANALYSIS_HZ // _LOWEST_HZ + 1):
        later = window[lag : lag + _WINDOW]
        scale = math.sqrt(energy * sum(map(operator.mul, later, later)))
        likeness[lag] = sum(map(operator.mul, head, later)) / scale if scale else 0.0
    best = max(likeness.values())
    if best < _VOICED:
        return None
    peaks = (
        lag
        for lag, like in likeness.items()
        if like >= best * _SAME_PITCH
        and like >= likeness.get(lag - 1, -1)
        and like >= likeness.get(lag + 1, -1)
    )
    return _ANALYSIS_HZ / next(peaks)


def _count_bursts(pcm: bytes) -> int:
    """Count rises of the level from a valley to a peak at least twice as loud."""
    step = int(_PULSE_S * SPEECH_HZ) * 2
    levels = [audioop.rms(pcm[at : at + 3 * step], 2) for at in range(0, len(pcm) - step, step)]
    floor = max(levels, default=0) * 0.1
    bursts, valley, rising = 0, 0.0, False
    for level in levels:
        if not rising and level > max(2 * valley, floor):
            bursts, rising, valley = bursts + 1, True, level
        elif rising and level < valley / 2:
            rising, valley = False, level
        else:
            valley = max(valley, level) if rising else min(valley, level)
    return bursts
