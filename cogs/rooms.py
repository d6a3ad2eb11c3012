"""/voice set, server, mine, show, reset: which voice speaks where, and to whom."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.places import (
    AnyRoom,
    actor_for,
    own_place,
    place_of,
    room_here,
    server_place,
)
from bot.discord_io.whispers import choices_of, tell
from bot.domain.access import Act, require
from bot.domain.describing import name_scope
from bot.domain.room_settings import VOICE
from bot.domain.rooms import Place, Scope
from bot.domain.setting_limits import voice_options
from bot.domain.voices import show_voice
from bot.errors import Refused
from bot.services.rooms import Rooms
from bot.words import Sentence, join

VOICE_OPTION = "A named voice, random, persona (the persona's own), or a custom id (voice_…)"
ROOM_OPTION = "A channel, thread or category; this room when left out"
SET_ROOM = Sentence("From now on I speak with the voice **{voice}** here: {place}.")
SET_SERVER = Sentence("From now on I speak with the voice **{voice}** in this server.")
SET_MINE = Sentence("From now on I answer you with the voice **{voice}**.")
SET_MINE_LOCKED = Sentence(
    "From now on I answer you with the voice **{voice}**, but not in this room: "
    "its voice is locked. Whoever has the permission Manage Channels here can "
    "unlock it."
)
IN_FORCE = Sentence("Here I speak with the voice **{voice}**.")
IN_FORCE_FROM = Sentence("-# {source}: {voice}")
LOCKED = Sentence("-# The voice is locked here: that of a member does not count.")
RESET_ROOM = Sentence("{place} has no voice of its own any more.")
RESET_SERVER = Sentence("This server has no voice of its own any more.")
RESET_MINE = Sentence("You have no voice of your own any more.")
NOT_SET_ROOM = Sentence("{place} had no voice of its own.")
NOT_SET_SERVER = Sentence("This server had no voice of its own.")
NOT_SET_MINE = Sentence("You had no voice of your own.")
ONE_AT_A_TIME = Sentence("Choose one: a room, the server, or your own voice.")
OUR_CONVERSATION = Sentence("Our conversation")

_SET = {Scope.SERVER: SET_SERVER, Scope.MEMBER: SET_MINE}
_RESET = {Scope.SERVER: RESET_SERVER, Scope.MEMBER: RESET_MINE}
_NOT_SET = {Scope.SERVER: NOT_SET_SERVER, Scope.MEMBER: NOT_SET_MINE}

Interaction = discord.Interaction[Any]


@app_commands.allowed_contexts(guilds=True, dms=True)
class RoomVoices(commands.GroupCog, name="voice", description="The voice I answer with"):
    """The commands that set and show voices."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__()
        self._rooms = rooms

    @app_commands.command(name="set", description="Choose the voice of this room, or of another")
    @app_commands.describe(voice=VOICE_OPTION, room=ROOM_OPTION)
    async def set_voice(
        self, interaction: Interaction, voice: str, room: AnyRoom | None = None
    ) -> None:
        """Choose the voice of a room."""
        await self._change(interaction, place_of(interaction, room), voice, room)

    @app_commands.command(name="server", description="Choose the voice of the whole server")
    @app_commands.describe(voice=VOICE_OPTION)
    async def set_server_voice(self, interaction: Interaction, voice: str) -> None:
        """Choose the voice of the server."""
        await self._change(interaction, server_place(interaction), voice)

    @app_commands.command(name="mine", description="Choose the voice that answers you, everywhere")
    @app_commands.describe(voice=VOICE_OPTION)
    async def set_own_voice(self, interaction: Interaction, voice: str) -> None:
        """Choose the voice of the answers to oneself."""
        await self._change(interaction, own_place(interaction), voice)

    @app_commands.command(name="show", description="Show the voice in force here, and why")
    async def show(self, interaction: Interaction) -> None:
        """Show the voice of this room."""
        place = place_of(interaction, None)
        require(Act.LOOK, place, actor_for(interaction, place))
        rules = await self._rooms.rules(room_here(interaction), interaction.user.id)
        lines = [IN_FORCE.format(voice=show_voice(rules.voice.value))]
        for choice in rules.voices:
            source = name_scope(rules, choice.scope)
            lines.append(IN_FORCE_FROM.format(source=source, voice=show_voice(choice.value)))
        await tell(interaction, join("\n", [*lines, *([LOCKED] if rules.voice_lock.value else [])]))

    @app_commands.command(name="reset", description="Give a room back to the voice it inherits")
    @app_commands.describe(
        room=ROOM_OPTION,
        server="Reset the voice of the whole server instead",
        mine="Reset your own voice instead",
    )
    async def reset(
        self,
        interaction: Interaction,
        room: AnyRoom | None = None,
        server: bool = False,
        mine: bool = False,
    ) -> None:
        """Remove the voice of a room, of the server, or one's own."""
        if (room is not None) + server + mine > 1:
            raise Refused("one_at_a_time", ONE_AT_A_TIME)
        place = own_place(interaction) if mine else place_of(interaction, room)
        if server:
            place = server_place(interaction)
        outcome = await self._rooms.reset(place, VOICE.name, actor_for(interaction, place, room))
        words = _RESET.get(place.scope, RESET_ROOM)
        if outcome.change is None:
            words = _NOT_SET.get(place.scope, NOT_SET_ROOM)
        await tell(interaction, words.format(place=_name(place)))

    @set_voice.autocomplete("voice")
    @set_server_voice.autocomplete("voice")
    @set_own_voice.autocomplete("voice")
    async def suggest(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the voices that fit what was typed, and those in force here."""
        rules = await self._rooms.rules(room_here(interaction), interaction.user.id)
        found = voice_options(typed, [each.value for each in rules.voices])
        return choices_of(found, typed, interaction.locale)

    async def _change(
        self, interaction: Interaction, place: Place, voice: str, room: AnyRoom | None = None
    ) -> None:
        actor = actor_for(interaction, place, room)
        outcome = await self._rooms.set(place, VOICE.name, voice, actor)
        words = _SET.get(place.scope, SET_ROOM)
        if place.scope is Scope.MEMBER:
            rules = await self._rooms.rules(room_here(interaction), interaction.user.id)
            words = SET_MINE_LOCKED if rules.voice_lock.value else SET_MINE
        await tell(interaction, words.format(voice=outcome.shown, place=_name(place)))


def _name(place: Place) -> str:
    return OUR_CONVERSATION if place.is_dm else f"<#{place.id}>"


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(RoomVoices(bot.services.rooms))
