"""Sound files spoilt in every way that a stranger might think of; all by chance, from a seed."""

import random
import struct
from collections.abc import Callable, Sequence

Spoil = Callable[[bytearray, random.Random, Sequence[bytes]], None]

_EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 2**32 - 1)
_HEAD_BYTES = 512
_CUT_AT_MOST = 4_096
_GROWN_AT_MOST = 1 << 20


def mutant(data: bytes, others: Sequence[bytes], chances: random.Random) -> bytes:
    """Spoil a file once to four times; `others` are what it may be mixed with."""
    spoilt = bytearray(data)
    for _ in range(chances.choice((1, 1, 2, 4))):
        if spoilt:
            chances.choice(_WAYS)(spoilt, chances, others)
    return bytes(spoilt[:_GROWN_AT_MOST])


def _flip_bits(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    for _each in range(chances.choice((1, 8, 64))):
        data[chances.randrange(len(data))] ^= 1 << chances.randrange(8)


def _spoil_head(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    for _each in range(chances.choice((1, 4, 16))):
        data[chances.randrange(min(len(data), _HEAD_BYTES))] = chances.randrange(256)


def _lie_about_number(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    """Put an extreme where a length, a rate or a count may be."""
    form = chances.choice((">B", "<H", ">H", "<I", ">I", "<Q", ">Q"))
    size = struct.calcsize(form)
    place = min(len(data), chances.choice((64, _HEAD_BYTES, len(data)))) - size
    if place > 0:
        number = chances.choice(_EXTREMES) & (2 ** (8 * size) - 1)
        struct.pack_into(form, data, chances.randrange(place), number)


def _truncate(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    del data[chances.randrange(len(data)) :]


def _behead(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    del data[: chances.randrange(min(len(data), _HEAD_BYTES))]


def _cut_out(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    start, end = _range(data, chances)
    del data[start:end]


def _swap(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    """Let two chunks change places."""
    (a, b), (c, d) = sorted((_range(data, chances), _range(data, chances)))
    if b <= c:
        data[a:d] = data[c:d] + data[b:c] + data[a:b]


def _repeat(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    start, end = _range(data, chances)
    data[end:end] = data[start:end] * chances.choice((1, 2, 50))


def _fill(data: bytearray, chances: random.Random, _: Sequence[bytes]) -> None:
    start, end = _range(data, chances)
    data[start:end] = bytes([chances.choice((0, 0xFF, 0x7F))]) * (end - start)


def _splice(data: bytearray, chances: random.Random, others: Sequence[bytes]) -> None:
    """Go on as another file does."""
    other = chances.choice(others)
    data[chances.randrange(len(data)) :] = other[chances.randrange(len(other)) :]


def _insert(data: bytearray, chances: random.Random, others: Sequence[bytes]) -> None:
    other = chances.choice(others)
    start = chances.randrange(len(other))
    at = chances.randrange(len(data))
    data[at:at] = other[start : start + chances.randrange(1, _CUT_AT_MOST)]


def _lie_about_kind(data: bytearray, chances: random.Random, others: Sequence[bytes]) -> None:
    """Take the first bytes of another kind of file."""
    size = chances.choice((4, 8, 12, 16, 32))
    data[:size] = chances.choice(others)[:size]


def _append(data: bytearray, chances: random.Random, others: Sequence[bytes]) -> None:
    data += chances.choice(others)


_WAYS: tuple[Spoil, ...] = (
    _flip_bits, _spoil_head, _lie_about_number, _lie_about_number, _truncate, _behead, _cut_out,
    _swap, _repeat, _fill, _splice, _insert, _lie_about_kind, _append,
)  # fmt: skip


def _range(data: bytearray, chances: random.Random) -> tuple[int, int]:
    start = chances.randrange(len(data))
    return start, min(len(data), start + chances.randrange(1, _CUT_AT_MOST))
