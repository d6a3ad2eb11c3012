"""WebM files put together byte by byte, in the forms that browsers and other writers choose."""

import struct
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

Lacing = Literal["none", "xiph", "fixed", "ebml"]

_FLAGS = {"none": 0, "xiph": 2, "fixed": 4, "ebml": 6}
_UNKNOWN = b"\x01" + b"\xff" * 7


def write_webm(
    head: bytes,
    packets: Sequence[bytes],
    *,
    lacing: Lacing = "none",
    per_block: int = 1,
    sized: bool = True,
    grouped: bool = False,
    discard_ns: int = 0,
) -> bytes:
    """Write one Opus track.

    Args:
        head: the OpusHead.
        packets: of 20 ms each.
        lacing: how several packets share a block.
        per_block: how many of them.
        sized: whether segment and clusters tell their size; a live recording does not know it.
        grouped: blocks in groups instead of simple blocks.
        discard_ns: what a player drops from the end; groups only.

    """
    blocks = [packets[at : at + per_block] for at in range(0, len(packets), per_block)]
    clusters = b""
    for start in range(0, len(blocks), 50):
        body = _element("E7", _number(start * per_block * 20))
        for index, frames in enumerate(blocks[start : start + 50]):
            last = start + index == len(blocks) - 1
            block = _block(frames, index * per_block * 20, lacing if len(frames) > 1 else "none")
            body += _placed(block, grouped=grouped, discard_ns=discard_ns if last else 0)
        clusters += _element("1F43B675", body, sized=sized)
    return _ebml_header() + _element("18538067", _info() + _tracks(head) + clusters, sized=sized)


def _ebml_header() -> bytes:
    return _element("1A45DFA3", _element("4282", b"webm") + _element("4287", b"\x04"))


def _info() -> bytes:
    return _element("1549A966", _element("2AD7B1", _number(1_000_000)))


def _tracks(head: bytes) -> bytes:
    entry = b"".join(
        (
            _element("D7", b"\x01"),
            _element("73C5", b"\x01"),
            _element("83", b"\x02"),
            _element("86", b"A_OPUS"),
            _element("63A2", head),
            _element("56AA", _number(_pre_skip(head) * 1_000_000_000 // 48_000)),
            _element("E1", _element("B5", struct.pack(">d", 48_000)) + _element("9F", b"\x01")),
        )
    )
    return _element("1654AE6B", _element("AE", entry))


def _pre_skip(head: bytes) -> int:
    return int.from_bytes(head[10:12], "little")


def _placed(block: bytes, *, grouped: bool, discard_ns: int) -> bytes:
    if not grouped:
        return _element("A3", block)
    padding = _element("75A2", discard_ns.to_bytes(4, "big", signed=True)) if discard_ns else b""
    return _element("A0", _element("A1", block) + padding)


def _block(frames: Sequence[bytes], at_ms: int, lacing: Lacing) -> bytes:
    start = b"\x81" + struct.pack(">hB", at_ms, 0x80 | _FLAGS[lacing])
    return start + _lace_head(frames, lacing) + b"".join(frames)


def _lace_head(frames: Sequence[bytes], lacing: Lacing) -> bytes:
    if lacing == "none":
        return b""
    sizes = [len(frame) for frame in frames[:-1]]
    count = bytes([len(frames) - 1])
    if lacing == "fixed":
        return count
    if lacing == "xiph":
        return count + b"".join(b"\xff" * (size // 255) + bytes([size % 255]) for size in sizes)
    steps = [after - before for before, after in pairwise(sizes)]
    return count + _vint(sizes[0], 2) + b"".join(_vint(step + 2**13 - 1, 2) for step in steps)


def _element(id_hex: str, body: bytes, *, sized: bool = True) -> bytes:
    return bytes.fromhex(id_hex) + (_vint(len(body), 8) if sized else _UNKNOWN) + body


def _vint(value: int, length: int) -> bytes:
    return (value | 1 << 7 * length).to_bytes(length, "big")


def _number(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
