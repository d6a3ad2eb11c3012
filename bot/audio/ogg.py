"""Ogg pages (RFC 3533) and Ogg Opus (RFC 7845): chains, lengths, the rate in OpusHead."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

OPUS_HZ = 48_000
"""Ogg Opus counts time at 48 kHz whatever went into the encoder."""

_HEAD_BYTES = 27
_NO_GRANULE = 0xFFFF_FFFF_FFFF_FFFF
_FIRST_PAGE = 2
_CRC_AT = 22
_RATE_AT = 12


@dataclass(frozen=True, slots=True)
class Page:
    """One page: where it is, and its granule position (None when no packet ends on it)."""

    start: int
    body: int
    end: int
    first: bool
    granule: int | None


def pages(data: bytes) -> Iterator[Page]:
    """Yield the pages in order, skipping what is between them."""
    at = data.find(b"OggS")
    while 0 <= at <= len(data) - _HEAD_BYTES:
        page = _read_page(data, at)
        yield page
        at = data.find(b"OggS", page.end)


def _read_page(data: bytes, at: int) -> Page:
    granule = int.from_bytes(data[at + 6 : at + 14], "little")
    body = at + _HEAD_BYTES + data[at + 26]
    end = body + sum(data[at + _HEAD_BYTES : body])
    first = bool(data[at + 5] & _FIRST_PAGE)
    return Page(at, body, end, first, None if granule == _NO_GRANULE else granule)


def links(data: bytes) -> list[bytes]:
    """Split a chained file into its links; one link is given back as it is.

    FFmpeg 8 and 9 stop at the second link of a chain when they cannot seek in it.
    """
    cuts = _link_starts(data)
    if len(cuts) < 2:
        return [data]
    return [data[start:end] for start, end in zip(cuts, [*cuts[1:], len(data)], strict=True)]


def _link_starts(data: bytes) -> list[int]:
    starts: list[int] = []
    in_headers = False
    for page in pages(data):
        if page.first and not in_headers:
            starts.append(page.start)
        in_headers = page.first
    return starts


def opus_seconds(link: bytes) -> float | None:
    """Read the exact length of one Ogg Opus link; None when it is not Opus."""
    head: Page | None = None
    last_granule = 0
    for page in pages(link):
        head = head or page
        last_granule = max(last_granule, page.granule or 0)
    if head is None or not link.startswith(b"OpusHead", head.body):
        return None
    (pre_skip,) = struct.unpack_from("<H", link.ljust(head.body + 12), head.body + 10)
    return float(max(0, last_granule - pre_skip)) / OPUS_HZ


def with_opus_rate(first_page: bytes, rate_hz: int) -> bytes:
    """Write the informative input rate into an OpusHead page, and the page's new checksum."""
    body = _read_page(first_page, 0).body
    page = bytearray(first_page)
    struct.pack_into("<I", page, body + _RATE_AT, rate_hz)
    struct.pack_into("<I", page, _CRC_AT, 0)
    struct.pack_into("<I", page, _CRC_AT, page_crc(page))
    return bytes(page)


def page_crc(page: bytes | bytearray) -> int:
    """Compute the checksum of a page whose own checksum field is zero."""
    crc = 0
    for byte in page:
        crc = (crc << 8 & 0xFFFFFFFF) ^ _CRC_TABLE[crc >> 24 ^ byte]
    return crc


def _crc_entry(index: int) -> int:
    value = index << 24
    for _ in range(8):
        value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
    return value


_CRC_TABLE = tuple(_crc_entry(index) for index in range(256))
