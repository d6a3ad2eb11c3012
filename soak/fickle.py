"""A Discord that is not to be relied on: what it was asked is done, or not, and nobody is told."""

import random
from collections.abc import Callable

from bot.local.discord_server.faults import (
    Action,
    Answer,
    Fault,
    Faults,
    Reset,
    Slow,
    Truncate,
    rate_limited,
)

Make = Callable[[random.Random], tuple[Action, bool]]
"""Makes a fault, and tells whether it comes after the work is done."""

_POSTING: tuple[tuple[float, Make], ...] = (
    (3.0, lambda chances: (Answer(chances.choice((500, 502, 503, 504))), True)),
    (2.0, lambda _: (Reset(), True)),
    (2.0, lambda _: (Truncate(), True)),
    (2.0, lambda _: (Reset(), False)),
    (3.0, lambda chances: (Slow(chances.uniform(0, 0.6)), True)),
    (4.0, lambda chances: (Slow(chances.uniform(0, 0.6)), False)),
    (2.0, lambda chances: (rate_limited(chances.uniform(0.05, 0.3)), False)),
)
_READING: tuple[tuple[float, Make], ...] = (
    (1.0, lambda _: (Answer(502), False)),
    (1.0, lambda _: (Reset(), False)),
)


class FickleFaults(Faults):
    """Faults by chance, as many of a hundred requests as the tables say, while `fickle`."""

    def __init__(self, chances: random.Random) -> None:
        super().__init__()
        self.fickle = False
        self.happened = 0
        self._chances = chances

    def take(self, method: str, path: str, *, has_files: bool) -> Fault | None:
        """Find a fault that was asked for, or throw the dice."""
        fault = super().take(method, path, has_files=has_files)
        if fault is not None or not self.fickle:
            return fault
        rolled = 100 * self._chances.random()
        for share, make in _table_for(method, path):
            rolled -= share
            if rolled < 0:
                self.happened += 1
                action, afterwards = make(self._chances)
                return Fault(method, path, action, afterwards=afterwards)
        return None


def _table_for(method: str, path: str) -> tuple[tuple[float, Make], ...]:
    if not path.endswith("/messages"):
        return ()
    return _POSTING if method == "POST" else _READING
