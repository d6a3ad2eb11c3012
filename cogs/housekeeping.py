"""Periodic work."""

from discord.ext import commands, tasks

from bot.client import VoiceBot
from bot.services.housekeeping import Housekeeping


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
        await self._housekeeping.tidy()


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(PeriodicWork(bot.services.housekeeping))
