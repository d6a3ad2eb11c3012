"""The menu of messages: Answer aloud, Read aloud, Transcript."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.commanding import (
    Opened,
    open_outlet,
    question_about,
    question_of,
)
from bot.discord_io.incoming import quote
from bot.discord_io.places import caller_of
from bot.discord_io.whispers import show_words
from bot.domain.incoming import Incoming
from bot.domain.question import require_something
from bot.services.commanded import Commanded
from bot.services.pages import NO_WORDS
from bot.services.reading import Reading
from bot.services.transcripts import Transcripts
from bot.services.writing_down import HEARD

ABOUT = "-# {sign} {link}"

Interaction = discord.Interaction[Any]


class MessageMenus(commands.Cog):
    """What can be done with any message, whoever wrote it."""

    def __init__(
        self, bot: VoiceBot, commanded: Commanded, reading: Reading, transcripts: Transcripts
    ) -> None:
        self._bot = bot
        self._commanded = commanded
        self._reading = reading
        self._transcripts = transcripts
        self._menus = [
            _menu("Answer aloud", self.answer_aloud),
            _menu("Read aloud", self.read_aloud),
            _menu("Transcript", self.write_down),
        ]

    async def cog_load(self) -> None:
        """Offer them."""
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        """Offer them no more."""
        for menu in self._menus:
            self._bot.tree.remove_command(menu.name, type=menu.type)

    async def answer_aloud(self, interaction: Interaction, message: discord.Message) -> None:
        """Answer a message as if its reader had asked that."""
        require_something(self._about(interaction, message))
        await self._commanded.require(caller_of(interaction))
        opened = await self._open(interaction, message, "💬")
        await self._commanded.answer(self._about(interaction, message, opened), opened.outlet)
        await opened.close()

    async def read_aloud(self, interaction: Interaction, message: discord.Message) -> None:
        """Speak a message word for word."""
        shown = quote(message, self._bot.me).text
        words = await self._reading.words_of(message.id, shown)
        caller = caller_of(interaction)
        await self._commanded.require(caller)
        opened = await self._open(interaction, message, "🔊")
        await self._reading.read(words, interaction.id, caller, opened.outlet)

    async def write_down(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the words of a recording to its reader."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        asked = self._about(interaction, message)
        written = await self._transcripts.write_down(message.id, asked)
        note = "" if written.exact else HEARD
        await show_words(interaction, written.words, empty=NO_WORDS, note=note)

    async def _open(self, interaction: Interaction, message: discord.Message, sign: str) -> Opened:
        heading = ABOUT.format(sign=sign, link=message.jump_url)
        bot = self._bot
        return await open_outlet(interaction, bot.voice_bans, bot.gates, bot.components, heading)

    def _about(
        self, interaction: Interaction, message: discord.Message, opened: Opened | None = None
    ) -> Incoming:
        question = question_of(interaction, "", opened)
        return question_about(interaction, question, message, self._bot.me)


def _menu(name: str, callback: Any) -> app_commands.ContextMenu:  # noqa: ANN401 - a bound method
    menu = app_commands.ContextMenu(name=name, callback=callback)
    menu.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    menu.allowed_contexts = app_commands.AppCommandContext(
        guild=True, dm_channel=True, private_channel=True
    )
    return menu


async def setup(bot: VoiceBot) -> None:
    """Give the cog its services."""
    services = bot.services
    await bot.add_cog(MessageMenus(bot, services.commanded, services.reading, services.transcripts))
