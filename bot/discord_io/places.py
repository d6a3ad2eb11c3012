"""Where a slash command was used, what it is about, and what its user may do there."""

import discord
from discord import app_commands

from bot.domain.access import Actor, Rights
from bot.domain.rooms import Place, Room, Scope
from bot.errors import Refused

AnyRoom = app_commands.AppCommandChannel | app_commands.AppCommandThread
"""A channel option of any kind: channel, thread, forum or category."""

AnyInteraction = discord.Interaction[discord.Client]


def room_here(interaction: AnyInteraction) -> Room:
    """Name the room in which a command was used."""
    channel, guild_id = interaction.channel, interaction.guild_id
    if isinstance(channel, discord.Thread):
        category_id = channel.parent.category_id if channel.parent else None
        return Room(channel.parent_id, guild_id, thread_id=channel.id, category_id=category_id)
    if interaction.channel_id is None:
        raise Refused("no_room", "I cannot tell in which room you are.")
    return Room(interaction.channel_id, guild_id, category_id=getattr(channel, "category_id", None))


def place_of(interaction: AnyInteraction, room: AnyRoom | None) -> Place:
    """Name the place a room setting is for: the named room, else the one of the command."""
    if room is None:
        scope, id_ = room_here(interaction).scopes()[0]
        return Place(scope, id_, interaction.guild_id)
    if isinstance(room, app_commands.AppCommandThread):
        return Place(Scope.THREAD, room.id, room.guild_id)
    is_category = room.type is discord.ChannelType.category
    return Place(Scope.CATEGORY if is_category else Scope.CHANNEL, room.id, room.guild_id)


def server_place(interaction: AnyInteraction) -> Place:
    """Name the server of a command.

    Raises:
        Refused: it was used in a DM.

    """
    if interaction.guild_id is None:
        raise Refused("no_server", "That can only be done in a server.")
    return Place(Scope.SERVER, interaction.guild_id, interaction.guild_id)


def rights_in(interaction: AnyInteraction, room: AnyRoom | None) -> Rights:
    """Tell what the user may do, as Discord computed it for the room the change is about."""
    if interaction.guild_id is None:
        return Rights(own_dm=True)
    there = interaction.permissions if room is None else room.permissions
    return Rights(
        manage_channels=there.manage_channels,
        manage_server=interaction.permissions.manage_guild,
    )


def actor_in(interaction: AnyInteraction, room: AnyRoom | None) -> Actor:
    """Name the user of a command, with what they may do in the room the change is about."""
    return Actor(interaction.user.id, rights_in(interaction, room))
