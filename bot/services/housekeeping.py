"""What is kept no longer than it is needed."""

import logging
from datetime import timedelta

from bot.services.ports import Clock
from bot.storage.turns import TurnStore

log = logging.getLogger(__name__)


class Housekeeping:
    """Throws members' old recordings away."""

    def __init__(self, turns: TurnStore, keep_audio_days: int, clock: Clock) -> None:
        self._turns = turns
        self._keep = timedelta(days=keep_audio_days)
        self._clock = clock

    async def tidy(self) -> None:
        """Erase recordings that are over the age at which they are kept."""
        count = await self._turns.forget_clips(self._clock() - self._keep)
        if count:
            log.info("erased %s recordings of members", count)
