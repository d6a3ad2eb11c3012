"""/ask: a question for those who like commands, also where the bot is no member."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.commanding import heading_of, open_outlet, question_of
from bot.discord_io.places import caller_of
from bot.discord_io.whispers import Choices, choices_of
from bot.domain.setting_kinds import Option
from bot.domain.voices import VOICES
from bot.services.commanded import Commanded

LONGEST = 4000
_NAMED = tuple(Option(voice, voice) for voice in VOICES)

Interaction = discord.Interaction[Any]


class Ask(commands.Cog):
    """The command that asks."""

    def __init__(self, bot: VoiceBot, commanded: Commanded) -> None:
        self._bot = bot
        self._commanded = commanded

    @app_commands.command(name="ask", description="Ask me something, and I answer aloud")
    @app_commands.describe(
        text="Your question",
        voice="One of the named voices, or a custom voice id (voice_…); the room's when left out",
        private="Answer you alone",
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def ask(
        self,
        interaction: Interaction,
        text: app_commands.Range[str, 1, LONGEST],
        voice: str | None = None,
        private: bool = False,
    ) -> None:
        """Take a question along the same way as all others."""
        chosen = await self._commanded.require(caller_of(interaction), voice)
        bot, heading = self._bot, heading_of(text)
        opened = await open_outlet(
            interaction, bot.voice_bans, bot.gates, bot.components, heading, private=private
        )
        question = question_of(interaction, text, opened, voice=chosen)
        await self._commanded.answer(question, opened.outlet)
        await opened.close()

    @ask.autocomplete("voice")
    async def suggest_voices(self, interaction: Interaction, typed: str) -> Choices:
        """Suggest the named voices."""
        return choices_of(_NAMED, typed, interaction.locale)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(Ask(bot, bot.services.commanded))
