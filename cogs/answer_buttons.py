"""The buttons below answers: 🔊 speaks, 📄 shows what is folded away, 👂 what was heard."""

import io
from typing import Any

import discord
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.components import Press
from bot.discord_io.interaction_outlet import InteractionOutlet
from bot.discord_io.outlet import RoomOutlet, Source
from bot.discord_io.places import caller_of
from bot.discord_io.whispers import show_words
from bot.domain.reply import Offer
from bot.domain.rooms import Room
from bot.domain.text import MESSAGE_UNITS, count_units, safe_text
from bot.i18n import say
from bot.services.on_demand import OnDemand
from bot.services.pages import NO_WORDS
from bot.services.transcripts import Transcripts
from bot.services.writing_down import HEARD
from bot.words import Sentence

Interaction = discord.Interaction[Any]


class AnswerButtons(commands.Cog):
    """Brings presses to the service, and its results to whoever pressed."""

    def __init__(self, bot: VoiceBot, on_demand: OnDemand, transcripts: Transcripts) -> None:
        self._bot = bot
        self._on_demand = on_demand
        self._transcripts = transcripts

    async def cog_load(self) -> None:
        """Take on what the buttons do."""
        again = Sentence("ask me")
        self._bot.components.route(Offer.SPEAK, self.speak, again=again)
        self._bot.components.route(Offer.WORDS, self.show_words, again=again)
        self._bot.components.route(Offer.HEARD, self.show_heard, again=again)

    async def speak(self, interaction: Interaction, press: Press) -> None:
        """Speak an answer into the room, or point to where it is spoken already."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        caller = caller_of(interaction)
        outlet = self._outlet(interaction, caller.room)
        message_id = await self._on_demand.speak(
            int(press.arguments[0]), caller, outlet, below=_below(interaction)
        )
        await interaction.edit_original_response(content=f"🔊 {_link(caller.room, message_id)}")

    async def show_words(self, interaction: Interaction, press: Press) -> None:
        """Show the words of an answer to whoever pressed."""
        words = await self._on_demand.words(
            int(press.arguments[0]), caller_of(interaction), below=_below(interaction)
        )
        shown = safe_text(words) or say(NO_WORDS, interaction.locale.value)
        if count_units(shown) <= MESSAGE_UNITS:
            await interaction.response.send_message(shown, ephemeral=True, suppress_embeds=True)
            return
        file = discord.File(io.BytesIO(words.encode()), "transcript.txt")
        await interaction.response.send_message(file=file, ephemeral=True)

    async def show_heard(self, interaction: Interaction, press: Press) -> None:
        """Show what was said in the recordings of a question to whoever pressed."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        turn_id, caller = int(press.arguments[0]), caller_of(interaction)
        words = await self._transcripts.of_turn(turn_id, caller, below=_below(interaction))
        await show_words(interaction, words, empty=NO_WORDS, note=HEARD)

    def _outlet(self, interaction: Interaction, room: Room) -> RoomOutlet | InteractionOutlet:
        """Choose where the sound goes: to whoever saw the words, and nobody else."""
        message, components = interaction.message, self._bot.components
        whispered = message is not None and message.flags.ephemeral
        if whispered or room.guest:
            return InteractionOutlet(interaction, components, "🔊", ephemeral=whispered)
        message_id, locale = message.id if message else interaction.id, interaction.locale.value
        source = Source(message_id, room, interaction.user.id, locale)
        return RoomOutlet(self._bot, source, self._bot.voice_bans, self._bot.gates, components)


def _below(interaction: Interaction) -> int | None:
    return interaction.message.id if interaction.message else None


def _link(room: Room, message_id: int) -> str:
    return f"https://discord.com/channels/{room.guild_id or '@me'}/{room.id}/{message_id}"


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(AnswerButtons(bot, bot.services.on_demand, bot.services.transcripts))
