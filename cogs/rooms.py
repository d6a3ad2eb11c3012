"""Moderators choose the voice of rooms: /voice set, server, show, reset."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.places import AnyRoom, actor_in, place_of, room_here, server_place
from bot.domain.access import Actor
from bot.domain.describing import name_scope
from bot.domain.room_settings import VOICE
from bot.domain.rooms import Place, Scope
from bot.domain.setting_limits import suggest
from bot.domain.voices import show_voice
from bot.services.rooms import Rooms

Interaction = discord.Interaction[VoiceBot]


@app_commands.allowed_contexts(guilds=True, dms=True)
class RoomVoices(commands.GroupCog, name="voice", description="The voice I answer with"):
    """The commands that set and show voices."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__()
        self._rooms = rooms

    @app_commands.command(name="set", description="Choose the voice of this room, or of another")
    @app_commands.describe(
        voice="One of the named voices, or a custom voice id (voice_…)",
        room="A channel, thread or category; this room when left out",
    )
    async def set_voice(
        self, interaction: Interaction, voice: str, room: AnyRoom | None = None
    ) -> None:
        """Choose the voice of a room."""
        place = place_of(interaction, room)
        await self._change(interaction, place, voice, actor_in(interaction, room))

    @app_commands.command(name="server", description="Choose the voice of the whole server")
    @app_commands.describe(voice="One of the named voices, or a custom voice id (voice_…)")
    async def set_server_voice(self, interaction: Interaction, voice: str) -> None:
        """Choose the voice of the server."""
        actor = actor_in(interaction, None)
        await self._change(interaction, server_place(interaction), voice, actor)

    @app_commands.command(name="show", description="Show the voice in force here, and why")
    async def show(self, interaction: Interaction) -> None:
        """Show the voice of this room."""
        rules = await self._rooms.rules(room_here(interaction), interaction.user.id)
        lines = [f"Here I speak with the voice **{show_voice(rules.voice.value)}**."]
        lines += [
            f"-# {name_scope(rules, choice.scope)}: {show_voice(choice.value)}"
            for choice in rules.voices
        ]
        await _tell(interaction, "\n".join(lines))

    @app_commands.command(name="reset", description="Give a room back to the voice it inherits")
    @app_commands.describe(
        room="A channel, thread or category; this room when left out",
        server="Reset the voice of the whole server instead",
    )
    async def reset(
        self, interaction: Interaction, room: AnyRoom | None = None, server: bool = False
    ) -> None:
        """Remove the voice of a room."""
        place = server_place(interaction) if server else place_of(interaction, room)
        outcome = await self._rooms.reset(place, VOICE.name, actor_in(interaction, room))
        if outcome.change:
            await _tell(interaction, f"{_name(place)} has no voice of its own any more.")
        else:
            await _tell(interaction, f"{_name(place)} had no voice of its own.")

    @set_voice.autocomplete("voice")
    @set_server_voice.autocomplete("voice")
    async def suggest(self, _: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the voices that fit what was typed."""
        fitting = suggest(VOICE.kind.options, typed)
        return [app_commands.Choice(name=each.label, value=each.value) for each in fitting]

    async def _change(
        self, interaction: Interaction, place: Place, voice: str, actor: Actor
    ) -> None:
        outcome = await self._rooms.set(place, VOICE.name, voice, actor)
        await _tell(
            interaction,
            f"From now on I speak with the voice **{outcome.shown}** here: {_name(place)}.",
        )


def _name(place: Place) -> str:
    if place.scope is Scope.SERVER:
        return "This server"
    return f"<#{place.id}>" if place.guild_id else "Our conversation"


async def _tell(interaction: Interaction, text: str) -> None:
    await interaction.response.send_message(text, ephemeral=True)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(RoomVoices(bot.services.rooms))
