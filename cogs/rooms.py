"""Moderators choose the voice of rooms: /voice set, server, show, reset."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.places import AnyRoom, place_of, rights_in, room_here, server_place
from bot.domain.access import Rights
from bot.domain.incoming import Member
from bot.domain.rooms import VOICES, Place, Scope, VoiceChoice
from bot.services.rooms import Rooms

MAX_CHOICES = 25

WHERE = {
    Scope.THREAD: "this thread",
    Scope.CHANNEL: "this channel",
    Scope.CATEGORY: "its category",
    Scope.SERVER: "this server",
    Scope.DEFAULT: "my owner's default",
}

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
        await self._change(interaction, place, voice, rights_in(interaction, room))

    @app_commands.command(name="server", description="Choose the voice of the whole server")
    @app_commands.describe(voice="One of the named voices, or a custom voice id (voice_…)")
    async def set_server_voice(self, interaction: Interaction, voice: str) -> None:
        """Choose the voice of the server."""
        rights = rights_in(interaction, None)
        await self._change(interaction, server_place(interaction), voice, rights)

    @app_commands.command(name="show", description="Show the voice in force here, and why")
    async def show(self, interaction: Interaction) -> None:
        """Show the voice of this room."""
        overview = await self._rooms.overview(room_here(interaction))
        lines = [f"Here I speak with the voice **{overview.in_force.voice}**."]
        lines += [_source(choice) for choice in overview.choices]
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
        if await self._rooms.reset_voice(place, rights_in(interaction, room)):
            await _tell(interaction, f"{_name(place)} has no voice of its own any more.")
        else:
            await _tell(interaction, f"{_name(place)} had no voice of its own.")

    @set_voice.autocomplete("voice")
    @set_server_voice.autocomplete("voice")
    async def suggest(self, _: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the named voices that contain what was typed."""
        fitting = [name for name in VOICES if typed.strip().lower() in name]
        return [app_commands.Choice(name=name, value=name) for name in fitting[:MAX_CHOICES]]

    async def _change(
        self, interaction: Interaction, place: Place, voice: str, rights: Rights
    ) -> None:
        by = Member(interaction.user.id, interaction.user.display_name)
        name = await self._rooms.set_voice(place, voice, by, rights)
        await _tell(
            interaction, f"From now on I speak with the voice **{name}** here: {_name(place)}."
        )


def _name(place: Place) -> str:
    if place.scope is Scope.SERVER:
        return "This server"
    return f"<#{place.id}>" if place.guild_id else "Our conversation"


def _source(choice: VoiceChoice) -> str:
    return f"-# {WHERE[choice.scope]}: {choice.voice}"


async def _tell(interaction: Interaction, text: str) -> None:
    await interaction.response.send_message(text, ephemeral=True)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(RoomVoices(bot.services.rooms))
