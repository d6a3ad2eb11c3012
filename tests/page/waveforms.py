"""Waveforms held against the one that the bot would draw of the same sound."""

import base64
from statistics import correlation

from bot.audio.transcode import decode
from bot.audio.waveform import LevelMeter


def waveforms_agree(waveform: str, sound: bytes) -> bool:
    """Whether a waveform (base64) has the length and the shape of the sound."""
    points = base64.b64decode(waveform)
    meter = LevelMeter()
    meter.feed(decode(sound, max_seconds=60).pcm)
    expected = meter.draw()
    both = min(len(points), len(expected))
    is_alike = correlation(points[:both], expected[:both]) > 0.9
    return is_alike and max(points) == 255 and abs(len(points) - len(expected)) <= 1
