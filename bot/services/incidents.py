"""The last unexpected failures, by the numbers that members were told; kept in memory only."""

import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.services.ports import Clock

KEPT = 50


@dataclass(frozen=True, slots=True)
class Incident:
    """One of them.

    Attributes:
        where: the event or command in which it rose.
        kind: the error's class, never its text.
        guild_id: the server in which it rose; None outside servers.

    """

    id: str
    at: datetime
    where: str
    kind: str
    guild_id: int | None


class Incidents:
    """Gives numbers to failures and remembers the last ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: deque[Incident] = deque(maxlen=KEPT)

    def note(self, error: BaseException | None, where: str, guild_id: int | None) -> Incident:
        """Give a failure its number."""
        kind = type(error).__name__
        incident = Incident(secrets.token_hex(4), self._clock(), where, kind, guild_id)
        self._kept.append(incident)
        return incident

    def everywhere(self) -> Sequence[Incident]:
        """Give all that are remembered, newest first."""
        return list(reversed(self._kept))

    def in_server(self, guild_id: int | None) -> Sequence[Incident]:
        """Give those of one server, newest first."""
        return [incident for incident in self.everywhere() if incident.guild_id == guild_id]
