"""RIFF/WAVE: find the samples whatever the header claims, and write honest headers."""

import struct
from dataclasses import dataclass

from bot.domain.reply import SPEECH_HZ

_PCM, _EXTENSIBLE = 1, 0xFFFE


@dataclass(frozen=True, slots=True)
class WavPcm:
    """The samples of a PCM WAV file: a view into the file from `start`, whole frames only."""

    start: int
    samples: memoryview
    rate_hz: int
    channels: int
    bits: int

    @property
    def seconds(self) -> float:
        """Length of the samples."""
        return len(self.samples) / (self.rate_hz * self.channels * (self.bits // 8))

    @property
    def is_speech(self) -> bool:
        """Whether this is already what all speech inside the bot is."""
        return (self.rate_hz, self.channels, self.bits) == (SPEECH_HZ, 1, 16)


def read_pcm(data: bytes) -> WavPcm | None:
    """Find the samples; None when this is not integer PCM in RIFF/WAVE.

    Sizes of 0, 0xFFFFFFFF or past the end mean "to the end": streamed files carry them, and so
    do the files of OpenAI's chat completions.
    """
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    layout: tuple[int, int, int] | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        at += 8
        if name == b"fmt ":
            layout = _read_layout(data, at, size)
        elif name == b"data":
            return _take_samples(data, at, size, layout)
        at += size + (size & 1)
    return None


def _read_layout(data: bytes, at: int, size: int) -> tuple[int, int, int] | None:
    """Read (rate, channels, bits) of a PCM format chunk; None for anything else."""
    if size < 16 or at + 16 > len(data):
        return None
    tag, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", data, at)
    if tag == _EXTENSIBLE and size >= 26 and at + 26 <= len(data):
        (tag,) = struct.unpack_from("<H", data, at + 24)
    if tag != _PCM or not rate_hz or not channels or bits not in (8, 16, 24, 32):
        return None
    return rate_hz, channels, bits


def _take_samples(
    data: bytes, at: int, size: int, layout: tuple[int, int, int] | None
) -> WavPcm | None:
    if layout is None:
        return None
    rate_hz, channels, bits = layout
    room = len(data) - at
    size = room if size in (0, 0xFFFFFFFF) else min(size, room)
    size -= size % (channels * bits // 8)
    return WavPcm(at, memoryview(data)[at : at + size], rate_hz, channels, bits)


def header(samples_bytes: int, *, rate_hz: int = SPEECH_HZ) -> bytes:
    """Make the header of a mono 16-bit file."""
    riff = struct.pack("<4sI4s", b"RIFF", 36 + samples_bytes, b"WAVE")
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, 1, rate_hz, rate_hz * 2, 2, 16)
    return riff + layout + struct.pack("<4sI", b"data", samples_bytes)


def from_pcm(pcm: bytes | bytearray | memoryview) -> bytes:
    """Wrap mono 16-bit samples of our own rate into a file."""
    return b"".join((header(len(pcm)), pcm))


def repaired(data: bytes) -> tuple[bytes, float] | None:
    """Give a PCM file true sizes; returns it with its seconds, None when it is no PCM WAV."""
    found = read_pcm(data)
    if found is None:
        return None
    start = found.start
    head = bytearray(data[:start])
    size = len(found.samples)
    struct.pack_into("<I", head, 4, start + size - 8 + (size & 1))
    struct.pack_into("<I", head, start - 4, size)
    return b"".join((head, found.samples, b"\0" * (size & 1))), found.seconds
