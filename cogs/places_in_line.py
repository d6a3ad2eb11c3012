"""Places in line that a kill left standing are taken back by the next start."""

import logging

from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.network import CALL_ERRORS
from bot.services.shown_places import ShownPlace, ShownPlaces

log = logging.getLogger(__name__)


class PlacesInLine(commands.Cog):
    """Deletes what an earlier run told and could not take back."""

    def __init__(self, bot: VoiceBot, shown_places: ShownPlaces) -> None:
        self._bot = bot
        self._shown_places = shown_places
        self._left_over: frozenset[ShownPlace] = frozenset()

    async def cog_load(self) -> None:
        """Collect them, before new ones stand."""
        self._left_over = await self._shown_places.left_over()

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Delete them, once."""
        left_over, self._left_over = self._left_over, frozenset()
        for place in left_over:
            room = self._bot.get_partial_messageable(place.room_id)
            try:
                await room.get_partial_message(place.message_id).delete()
            except CALL_ERRORS as error:
                log.info("a place in line is not taken back: %s", type(error).__name__)
            await self._shown_places.remove(place)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(PlacesInLine(bot, bot.services.shown_places))
