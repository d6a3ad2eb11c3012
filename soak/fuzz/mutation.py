"""Samples spoilt by chance, and put together of the words of their own grammar."""

import random
from collections.abc import Sequence

_MOST_BYTES = 4_096
_LONG_BYTES = 20_000
_ONE_IN_LONG = 500
"""So many inputs are short before one repeats itself for long: what takes too much time shows."""


def make(samples: Sequence[bytes], words: Sequence[bytes], chances: random.Random) -> bytes:
    """Make one input."""
    kind = chances.random()
    if kind * _ONE_IN_LONG < 1:
        part = b"".join(chances.choices(words, k=chances.choice((1, 1, 2, 3))))
        return (part * (_LONG_BYTES // max(len(part), 1)))[:_LONG_BYTES] + chances.choice(samples)
    if kind < 0.3:
        return b"".join(chances.choices(words, k=1 + int(chances.random() * 24)))
    data = bytearray(chances.choice(samples))
    for _ in range(chances.choice((1, 1, 1, 2, 3, 6))):
        _spoil(data, samples, words, chances)
    return bytes(data[:_MOST_BYTES])


def _spoil(
    data: bytearray, samples: Sequence[bytes], words: Sequence[bytes], chances: random.Random
) -> None:
    at = int(chances.random() * (len(data) + 1))
    end = at + int(chances.random() ** 3 * 40)
    match int(chances.random() * 9):
        case 0 if at < len(data):
            data[at] ^= 1 << int(chances.random() * 8)
        case 1 if at < len(data):
            data[at] = int(chances.random() * 256)
        case 2:
            del data[at:end]
        case 3:
            data[at:at] = data[at:end] * chances.choice((1, 2, 20))
        case 4:
            del data[at:]
        case 5:
            other = chances.choice(samples)
            data[at:] = other[int(chances.random() * len(other)) :]
        case 6:
            data[at:end] = chances.choice(words)
        case _:
            data[at:at] = chances.choice(words)


def cut(data: bytes, chances: random.Random) -> list[bytes]:
    """Cut an input into pieces, some of them empty or a single byte."""
    pieces, at = [], 0
    while at < len(data):
        size = chances.choice((0, 1, 1, 2, 5, 17, 100, 1_000))
        pieces.append(data[at : at + size])
        at += size
    return pieces
