"""What a file is, by its content only: names and content types are claims of strangers."""

from typing import Literal

from bot.audio import mp3

Container = Literal["ogg", "wav", "flac", "mov", "matroska", "amr", "aiff", "asf", "mp3", "aac"]
"""The containers we open, by FFmpeg's names of their demuxers."""

_MAGIC: tuple[tuple[int, bytes, Container], ...] = (
    (0, b"OggS", "ogg"),
    (0, b"fLaC", "flac"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"#!AMR", "amr"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf"),
    (4, b"ftyp", "mov"),
    (4, b"moov", "mov"),
    (4, b"mdat", "mov"),
    (4, b"wide", "mov"),
    (4, b"free", "mov"),
    (4, b"skip", "mov"),
)
_RIFFS = (b"RIFF", b"RIFX", b"RF64")
_AIFFS = (b"AIFF", b"AIFC")


def sniff(data: bytes) -> Container | None:
    """Name the container of `data`, or None when it is none that we open."""
    return _by_magic(data, 0) or _by_frames(data)


def _by_magic(data: bytes, at: int) -> Container | None:
    head = data[at : at + 16]
    if head[:4] in _RIFFS and head[8:12] == b"WAVE":
        return "wav"
    if head[:4] == b"FORM" and head[8:12] in _AIFFS:
        return "aiff"
    for offset, magic, container in _MAGIC:
        if head.startswith(magic, offset):
            return container
    return None


def _by_frames(data: bytes) -> Container | None:
    start = mp3.tags_end(data)
    if start and data.startswith(b"fLaC", start):
        return "flac"
    if _is_adts(data, start):
        return "aac"
    return "mp3" if mp3.first_frame(data, start) is not None else None


def _is_adts(data: bytes, at: int) -> bool:
    """Two consecutive ADTS headers, or one frame that is the whole file."""
    length = adts_frame_bytes(data, at)
    if length is None:
        return False
    return at + length >= len(data) or adts_frame_bytes(data, at + length) is not None


def adts_frame_bytes(data: bytes, at: int) -> int | None:
    """Read the length of the AAC frame at `at`; None when there is no ADTS header (13818-7)."""
    head = data[at : at + 7]
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else None
