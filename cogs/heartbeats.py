"""Ends a connection on which Discord does not answer any more, so that the library takes it up."""

import logging

from discord.ext import commands, tasks

from bot.client import VoiceBot

log = logging.getLogger(__name__)


class Heartbeats(commands.Cog):
    """Looks whether our heartbeats are answered."""

    def __init__(self, bot: VoiceBot) -> None:
        self._bot = bot

    async def cog_load(self) -> None:
        """Begin."""
        self.look.start()

    async def cog_unload(self) -> None:
        """End."""
        self.look.cancel()

    @tasks.loop(seconds=1)
    async def look(self) -> None:
        """Close what is dead; the session is taken up on a new connection."""
        if self._bot.is_unanswered:
            log.warning("Discord answers no heartbeats any more: the connection is begun anew")
            await self._bot.ws.close()


async def setup(bot: VoiceBot) -> None:
    """Give the cog what it looks after."""
    await bot.add_cog(Heartbeats(bot))
