"""The last failures, by the numbers that members were told; kept in memory only."""

import logging
import secrets
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.errors import AttachmentError, AudioError, BotError, NoAccess, Refused
from bot.services.ports import Clock
from bot.words import Sentence, join

log = logging.getLogger(__name__)

KEPT = 50

_OURS = frozenset(
    {
        "audio_unavailable",
        "audio_worker_died",
        "file_refused",
        "file_unreachable",
        "storage_failing",
    }
)
"""What is to be mended on our side, or Discord's, though it is of a kind that mostly is not."""

_LAST = frozenset({"storage_failing"})
LASTS = timedelta(hours=1)
"""What all run into while it lasts has one number an hour in each server."""

NUMBER = Sentence("-# Incident `{incident}`")
DEFECT = Sentence(
    "Something went wrong on my side, and I have written it down. Please try "
    "again; if it stays, tell whoever runs me this number: `{incident}`.",
)


@dataclass(frozen=True, slots=True)
class Incident:
    """One of them.

    Attributes:
        where: the event or command in which it rose.
        kind: the code of an expected failure, the class of a defect; never its text.
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
        kind = error.code if isinstance(error, BotError) else type(error).__name__
        incident = Incident(secrets.token_hex(4), self._clock(), where, kind, guild_id)
        self._kept.append(incident)
        return incident

    def account_for(self, error: BaseException | None, where: str, guild_id: int | None) -> str:
        """Log an error, and put it into words for its member; all but refusals get a number."""
        if isinstance(error, BotError) and is_refusal(error):
            log.info("%s refused: %s", where, error.code)
            return error.sentence
        incident = self._lasting(error, guild_id) or self.note(error, where, guild_id)
        if isinstance(error, BotError):
            log.warning("incident %s in %s: %s", incident.id, where, error.code)
            return join("\n", (error.sentence, NUMBER.format(incident=incident.id)))
        log.error("incident %s in %s", incident.id, where, exc_info=error)
        return DEFECT.format(incident=incident.id)

    def _lasting(self, error: BaseException | None, guild_id: int | None) -> Incident | None:
        """Find the number that one failure, which many run into, has in a server already."""
        if not isinstance(error, BotError) or error.code not in _LAST:
            return None
        since = self._clock() - LASTS
        for incident in self.in_server(guild_id):
            if incident.kind == error.code and incident.at > since:
                return incident
        return None

    def everywhere(self) -> Sequence[Incident]:
        """Give all that are remembered, newest first."""
        return list(reversed(self._kept))

    def in_server(self, guild_id: int | None) -> Sequence[Incident]:
        """Give those of one server, newest first."""
        return [incident for incident in self.everywhere() if incident.guild_id == guild_id]


def is_refusal(error: BaseException) -> bool:
    """Tell whether what was asked is at fault, or where, and nothing is to be mended."""
    if isinstance(error, BotError) and error.code in _OURS:
        return False
    return isinstance(error, Refused | AudioError | AttachmentError | NoAccess)
