"""Periodic work."""

import logging

from discord.ext import commands, tasks

from bot.client import VoiceBot
from bot.errors import BotError
from bot.services.housekeeping import Housekeeping

log = logging.getLogger(__name__)


class PeriodicWork(commands.Cog):
    """Tidies up at start and every few hours."""

    def __init__(self, housekeeping: Housekeeping) -> None:
        self._housekeeping = housekeeping

    async def cog_load(self) -> None:
        """Begin."""
        self.tidy.start()

    async def cog_unload(self) -> None:
        """End."""
        self.tidy.cancel()

    @tasks.loop(hours=6)
    async def tidy(self) -> None:
        """Throw away what is kept too long."""
        try:
            await self._housekeeping.tidy()
        except BotError as error:  # one that rises would end the loop for good
            log.warning("not tidied up this time: %s", error.code)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(PeriodicWork(bot.services.housekeeping))
