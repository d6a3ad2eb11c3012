"""Notes the language of members' Discord, which messages do not tell."""

from typing import Any

import discord
from discord.ext import commands

from bot.client import VoiceBot
from bot.services.locales import Locales


class Languages(commands.Cog):
    """Listens to commands and components of all kinds."""

    def __init__(self, locales: Locales) -> None:
        self._locales = locales

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Remember in which language somebody reads; what is still being typed says no more."""
        if interaction.type is not discord.InteractionType.autocomplete:
            await self._locales.note(interaction.user.id, interaction.locale.value)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(Languages(bot.services.locales))
