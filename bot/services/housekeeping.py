"""What is kept no longer than it is needed."""

import logging
from datetime import timedelta

from bot.domain.rooms import Scope
from bot.services.ports import Clock
from bot.services.rooms import KEPT_CHANGES
from bot.storage.changes import ChangeStore
from bot.storage.gone_places import GonePlaceStore, Servers
from bot.storage.turns import TurnStore

log = logging.getLogger(__name__)

KEPT_AFTER_LEAVING = timedelta(days=30)
"""How long the settings of a deleted room, or of a server that we left, are kept."""


class Housekeeping:
    """Throws away members' old recordings, and what was set for places that are gone."""

    def __init__(
        self,
        turns: TurnStore,
        places: GonePlaceStore,
        changes: ChangeStore,
        keep_audio_days: int,
        clock: Clock,
    ) -> None:
        self._turns = turns
        self._places = places
        self._changes = changes
        self._keep = timedelta(days=keep_audio_days)
        self._clock = clock

    @property
    def audio_days(self) -> int:
        """For how many days members' recordings are kept."""
        return self._keep.days

    async def tidy(self) -> None:
        """Erase what is over the age at which it is kept."""
        now = self._clock()
        if count := await self._turns.forget_clips(now - self._keep):
            log.info("erased %s recordings of members", count)
        await self._changes.forget(now - KEPT_CHANGES)
        if count := await self._places.purge(now - KEPT_AFTER_LEAVING):
            log.info("forgot what was set for %s places that are gone", count)

    async def place_gone(self, *places: tuple[Scope, int]) -> None:
        """Note that rooms were deleted, or that we left a server."""
        await self._places.leave(places, self._clock())

    async def server_entered(self, guild_id: int) -> None:
        """Note that we are in a server, maybe again: its settings stay."""
        await self._places.come_back([(Scope.SERVER, guild_id)])

    async def take_stock(self, servers: Servers) -> None:
        """Note what happened to servers and rooms while nobody listened."""
        if count := await self._places.take_stock(servers, self._clock()):
            log.info("%s places with settings are gone", count)
