"""How often we begin anew with Discord's gateway: it resets the token of a bot that overdoes it.

The limit is 1000 in a day (https://docs.discord.com/developers/events/gateway#rate-limiting). A
crash loop under a supervisor would use them up, so they are counted where restarts count, too.
"""

import asyncio
import json
import logging
import math
from datetime import datetime, timedelta

from bot.errors import DatabaseError
from bot.services.ports import Clock
from bot.storage.keys import KeyStore

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)

_KEY = "session_starts"


class SessionStarts:
    """Lets so many sessions begin in any hour."""

    def __init__(self, keys: KeyStore, per_hour: int, clock: Clock) -> None:
        self._keys = keys
        self._per_hour = per_hour
        self._clock = clock
        self._begun: list[datetime] | None = None

    async def wait(self) -> None:
        """Wait until another session may begin, and say so in the log if that is not now."""
        while (pause := await self.pause()) > timedelta():
            log.warning(
                "%s sessions with Discord began within an hour, so the next one begins in %s s; "
                "more often, and Discord would reset the token",
                self._per_hour,
                math.ceil(pause.total_seconds()),
            )
            await asyncio.sleep(pause.total_seconds())

    async def pause(self) -> timedelta:
        """Tell how long until another session may begin; nothing if it may now."""
        begun, now = await self._within_the_hour(), self._clock()
        if len(begun) < self._per_hour:
            return timedelta()
        return begun[-self._per_hour] + HOUR - now

    async def take(self) -> bool:
        """Count a session that begins now; False, and nothing is counted, if it may not."""
        if await self.pause() > timedelta():
            return False
        self._begun = [*await self._within_the_hour(), self._clock()]
        try:
            await self._keys.put(_KEY, _encoded(self._begun))
        except DatabaseError as error:
            log.warning("a session with Discord is not counted beyond a restart: %s", error.code)
        return True

    async def _within_the_hour(self) -> list[datetime]:
        """Give those that count; what a clock that was put back made later than now does not."""
        if self._begun is None:
            self._begun = _decoded(await self._keys.get(_KEY))
        now = self._clock()
        return [moment for moment in self._begun if now - HOUR < moment <= now]


def _encoded(moments: list[datetime]) -> bytes:
    return json.dumps([moment.isoformat() for moment in moments]).encode()


def _decoded(kept: bytes | None) -> list[datetime]:
    return [datetime.fromisoformat(moment) for moment in json.loads(kept or b"[]")]
