"""The trial of the parsers finds what is wrong with them."""

import random
import re
from collections.abc import Iterator

from soak.fuzz.mutation import cut, make
from soak.fuzz.target import Target, feed, require
from soak.trials.parsers import TARGETS, shares

SLOW = re.compile(rb"(a+)+$")


def ends_in_b(data: bytes, _: random.Random) -> None:
    require(not data.endswith(b"b"), "it ends in b")


def backtracks(data: bytes, _: random.Random) -> None:
    SLOW.match(b"a" * min(data.count(b"a"), 24) + b"b")


def unpacks(data: bytes, _: random.Random) -> None:
    data.decode("ascii")


def failures_of(check: object) -> Iterator[str]:
    target = Target("one", (b"ab", b"aa"), (b"a", b"b", b"\xff"), check, 1)  # type: ignore[arg-type]
    return feed(target, 7, range(3_000))


def test_what_does_not_hold_is_told_with_what_it_takes_to_see_it_again() -> None:
    [first, *_] = failures_of(ends_in_b)
    number = int(re.match(r"seed 7: one (\d+): Broken\('it ends in b'\) of b'", first)[1])  # type: ignore[index]
    chances = random.Random(f"7:one:{number}")
    assert make((b"ab", b"aa"), (b"a", b"b", b"\xff"), chances).endswith(b"b")


def test_what_is_raised_is_told() -> None:
    assert any("UnicodeDecodeError" in each for each in failures_of(unpacks))


def test_what_takes_too_long_is_told() -> None:
    assert any("took" in each for each in failures_of(backtracks))


def test_pieces_make_the_whole() -> None:
    chances = random.Random(1)
    data = bytes(range(256)) * 20
    assert b"".join(cut(data, chances)) == data


def test_every_parser_gets_its_share() -> None:
    counts = shares(10_000_000, 200_000)
    assert sum(counts.values()) >= 10_000_000
    assert min(counts.values()) >= 200_000
    assert len(counts) == len(TARGETS), "two have one name"
