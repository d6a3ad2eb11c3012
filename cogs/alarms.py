"""Alarms, by DM to whoever runs the bot."""

import logging

from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.network import CALL_ERRORS
from bot.discord_io.places import operators_of
from bot.i18n import say
from bot.services.alarms import Alarms

log = logging.getLogger(__name__)


class OperatorAlarms(commands.Cog):
    """Brings alarms to people."""

    def __init__(self, bot: VoiceBot, alarms: Alarms) -> None:
        self._bot = bot
        self._alarms = alarms

    async def cog_load(self) -> None:
        """Tell from now on."""
        self._alarms.attach(self.tell)

    async def tell(self, sentence: str) -> bool:
        """Write to each of them; False where nobody was reached: then it is in the log alone."""
        log.warning("told to whoever runs this: %s", sentence)
        reached = False
        for user_id in operators_of(self._bot.application):
            try:
                user = self._bot.get_user(user_id) or await self._bot.fetch_user(user_id)
                await user.send(f"🔧 {say(sentence, None)}")
                reached = True
            except CALL_ERRORS as error:
                log.info("an operator cannot be told: %s", type(error).__name__)
        return reached


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(OperatorAlarms(bot, bot.services.alarms))
