"""Containers in and out of the stand-in: what members' clips hold, and what answers come in."""

import io
import struct
import wave

from bot.domain.reply import SPEECH_HZ, SoundFormat

_UNKNOWN_SIZE = 0xFFFFFFFF


def streamed_wav(pcm: bytes) -> bytes:
    """Put a header before the samples as the real API does: both sizes are 0xFFFFFFFF."""
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", _UNKNOWN_SIZE, b"WAVE",
        b"fmt ", 16, 1, 1, SPEECH_HZ, SPEECH_HZ * 2, 2, 16,
        b"data", _UNKNOWN_SIZE,
    )  # fmt: skip
    return header + pcm


def read_clip(data: bytes, container: str, place: int) -> bytes:
    """Decode a member's clip to s16le samples, mono, 24 kHz."""
    with wave.open(io.BytesIO(data)) as clip:
        pcm: bytes = clip.readframes(clip.getnframes())
    return pcm


def write_answer(pcm: bytes, wanted: SoundFormat) -> bytes:
    """Put samples into the format that was asked for."""
    if wanted == "pcm16":
        return pcm
    return streamed_wav(pcm)
