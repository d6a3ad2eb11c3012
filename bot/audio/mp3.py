"""MPEG audio layer III, frame by frame: exact length, proven constant bit rate, bare frames."""

from collections.abc import Iterator
from dataclasses import dataclass

_KBIT_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_VBR_MARKS = (b"Xing", b"Info", b"VBRI")
_SEARCH_BYTES = 65_536
_BASIC = 0xFFFE0C00
"""Header bits that no stream changes: sync, version, layer, sample rate (not the CRC bit)."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame's header. `size_bytes` counts header and padding."""

    size_bytes: int
    samples: int
    rate_hz: int
    bit_rate: int


@dataclass(frozen=True, slots=True)
class Walk:
    """What walking all frames told.

    Attributes:
        start: offset of the first frame that carries sound.
        end: offset after the last complete frame.
        seconds: exact length of the frames in between.
        bit_rate: None when frames differ in it.
        announced: whether a Xing, Info or VBRI frame came first.

    """

    start: int
    end: int
    seconds: float
    bit_rate: int | None
    announced: bool


def tags_end(data: bytes) -> int:
    """Find the offset after all ID3v2 tags at the start."""
    at = 0
    while data.startswith(b"ID3", at) and len(data) >= at + 10:
        size = 0
        for byte in data[at + 6 : at + 10]:
            size = size << 7 | byte & 127
        footer_bytes = 10 if data[at + 5] & 0x10 else 0
        at += 10 + size + footer_bytes
    return at


def parse_frame(data: bytes, at: int) -> Frame | None:
    """Read the layer III header at `at`, None when there is none (ISO 11172-3, 13818-3)."""
    word = int.from_bytes(data[at : at + 4], "big")
    version, layer = word >> 19 & 3, word >> 17 & 3
    rate_index, kbit_index = word >> 10 & 3, word >> 12 & 15
    if word >> 21 != 0x7FF or version == 1 or layer != 1 or rate_index == 3:
        return None
    if kbit_index in (0, 15):
        return None
    kbit = (_KBIT_MPEG1 if version == 3 else _KBIT_MPEG2)[kbit_index]
    samples = 1152 if version == 3 else 576
    rate_hz = _RATES_HZ[version][rate_index]
    size_bytes = samples // 8 * kbit * 1000 // rate_hz + (word >> 9 & 1)
    return Frame(size_bytes, samples, rate_hz, kbit * 1000)


def first_frame(data: bytes, start: int) -> int | None:
    """Find the first frame that another one (or the end) follows, near `start`."""
    at = data.find(b"\xff", start)
    while 0 <= at < start + _SEARCH_BYTES:
        if (frame := parse_frame(data, at)) is not None and _followed(data, at, frame):
            return at
        at = data.find(b"\xff", at + 1)
    return None


def _followed(data: bytes, at: int, frame: Frame) -> bool:
    after = at + frame.size_bytes
    if after >= len(data):
        return after == len(data)
    return parse_frame(data, after) is not None and _alike(data, at, after)


def _alike(data: bytes, at: int, other: int) -> bool:
    first = int.from_bytes(data[at : at + 4], "big")
    return first & _BASIC == int.from_bytes(data[other : other + 4], "big") & _BASIC


def walk(data: bytes) -> Walk | None:
    """Walk the frames from the first to where they stop; None when there is no frame."""
    start = first_frame(data, tags_end(data))
    if start is None:
        return None
    announced = _is_vbr_mark(data, start)
    if announced and (mark := parse_frame(data, start)) is not None:
        start += mark.size_bytes
    end, seconds, bit_rates = start, 0.0, set[int]()
    for frame, count in _runs(data, start):
        end += frame.size_bytes * count
        seconds += frame.samples * count / frame.rate_hz
        bit_rates.add(frame.bit_rate)
    bit_rate = bit_rates.pop() if len(bit_rates) == 1 else None
    return Walk(start, end, seconds, bit_rate, announced)


def _is_vbr_mark(data: bytes, start: int) -> bool:
    head = data[start : start + 64]
    return any(mark in head for mark in _VBR_MARKS)


def _runs(data: bytes, at: int) -> Iterator[tuple[Frame, int]]:
    """Yield each different frame header with how often it came; complete frames only."""
    known: dict[bytes, Frame] = {}
    counts: dict[bytes, int] = {}
    total = len(data)
    while True:
        # The last byte of a header holds the stereo mode extension, which changes freely.
        head = data[at : at + 3]
        frame = known.get(head) or parse_frame(data, at)
        if frame is None or at + frame.size_bytes > total:
            break
        count = 1 if known else _repeated(data, at, frame.size_bytes)
        known[head] = frame
        counts[head] = counts.get(head, 0) + count
        at += frame.size_bytes * count
    for head, count in counts.items():
        yield known[head], count


def _repeated(data: bytes, at: int, size_bytes: int) -> int:
    """Count the whole frames from `at` on where all to the end begin alike; else 1.

    So it is where the bit rate is constant and nothing padded; that is seen without a look at each.
    """
    count = (len(data) - at) // size_bytes
    end = at + count * size_bytes
    alike = all(
        data[at + n : end : size_bytes] == data[at + n : at + n + 1] * count for n in range(3)
    )
    return count if alike else 1


def constant_frames(data: bytes) -> tuple[bytes, Walk] | None:
    """Strip tags from an MP3 of proven constant bit rate; None when it is not proven.

    Servers were seen to refuse valid MP3 of variable bit rate.
    """
    found = walk(data)
    if found is None or found.announced or found.bit_rate is None:
        return None
    if not _only_tags_after(data, found.end):
        return None
    return data[found.start : found.end], found


def _only_tags_after(data: bytes, end: int) -> bool:
    rest = data[end : end + 8]
    return not rest or rest.startswith((b"TAG", b"APETAGEX", b"LYRICS", b"ID3")) or not any(rest)
