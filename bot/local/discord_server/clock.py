"""The server's own time, and ids made of it."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH_MS = 1_420_070_400_000
"""Discord's snowflakes count milliseconds since the first second of 2015."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time of day, UTC."""
    return datetime.now(UTC)


class AdvancingClock:
    """The real time plus whatever was added with `advance`: hours pass without waiting."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Tell the time of day, UTC."""
        return utc_now() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._ahead += timedelta(seconds=seconds)


class Snowflakes:
    """Ids that grow with time and never repeat, also after a restart with an older state."""

    def __init__(self, clock: Clock, last: int = 0) -> None:
        self._clock = clock
        self._count = itertools.count()
        self.last = last

    def next(self) -> int:
        """Make the next id."""
        ms = int(self._clock().timestamp() * 1000) - EPOCH_MS
        self.last = max((ms << 22) | (next(self._count) & 0xFFF), self.last + 1)
        return self.last
