"""What a parser has to stand: any input, its invariants, and a bound of time."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from soak.fuzz.mutation import make

CPU_S, LONG_CPU_S = 0.05, 0.1
"""The most an input may take of the processor: patterns that backtrack take minutes."""

_LONG_BYTES = 5_000

_SHOWN_BYTES = 300
_TRIES = 3


class Broken(Exception):
    """An invariant did not hold."""


def require(holds: object, what: str) -> None:
    """Let pass what holds.

    Raises:
        Broken: it does not.

    """
    if not holds:
        raise Broken(what)


@dataclass(frozen=True, slots=True)
class Target:
    """A parser.

    Attributes:
        name: how it is called in the report.
        samples: what it is made for.
        words: what its grammar consists of.
        check: parses an input, and raises for whatever must not be.
        share: how many inputs of a hundred thousand it gets.

    """

    name: str
    samples: Sequence[bytes]
    words: Sequence[bytes]
    check: Callable[[bytes, random.Random], None]
    share: int


def feed(target: Target, seed: int, numbers: range) -> Iterator[str]:
    """Feed inputs by their numbers; yield what went wrong, with what it takes to see it again."""
    check, samples, words = target.check, target.samples, target.words
    clock = time.process_time
    for number in numbers:
        chances = random.Random(f"{seed}:{target.name}:{number}")
        data = make(samples, words, chances)
        begun = clock()
        try:
            check(data, chances)
        except Exception as error:  # noqa: BLE001 - whatever comes out is what is looked for
            yield _told(target, seed, number, data, repr(error))
        most_s = LONG_CPU_S if len(data) > _LONG_BYTES else CPU_S
        if clock() - begun > most_s and (took_s := _least_time_s(target, data)) > most_s:
            yield _told(target, seed, number, data, f"took {took_s:.3f} s")


def _least_time_s(target: Target, data: bytes) -> float:
    """Take the time again: collecting garbage is nobody's fault."""
    return min(_time_s(target, data) for _ in range(_TRIES))


def _time_s(target: Target, data: bytes) -> float:
    begun = time.process_time()
    with suppress(Exception):  # told already
        target.check(data, random.Random(0))
    return time.process_time() - begun


def _told(target: Target, seed: int, number: int, data: bytes, what: str) -> str:
    shown = repr(data[:_SHOWN_BYTES]) + ("..." if len(data) > _SHOWN_BYTES else "")
    return f"seed {seed}: {target.name} {number}: {what[:_SHOWN_BYTES]} of {shown}"
