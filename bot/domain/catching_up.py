"""Where to look for what was asked while nobody listened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

MOST_READS = 100
"""Pages of history that are read in one look, all rooms and second tries together."""


class Kind(IntEnum):
    """What a room is, the most urgent first."""

    DM = 0
    THREAD = 1
    CHANNEL = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A room where something may have been asked.

    Attributes:
        newest: the time of its newest message; None where nobody told.
        guild_id: its server; None for a DM.

    """

    room_id: int
    kind: Kind
    newest: datetime | None
    guild_id: int | None = None


def in_order(candidates: Iterable[Candidate], since: datetime) -> list[Candidate]:
    """Choose where to look: DMs first, then threads, then channels, each with the newest first."""
    worth = (each for each in candidates if each.newest is None or each.newest >= since)

    def urgency(each: Candidate) -> tuple[int, float]:
        return each.kind, -each.newest.timestamp() if each.newest is not None else 0.0

    return sorted(worth, key=urgency)
