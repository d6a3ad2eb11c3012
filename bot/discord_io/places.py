"""Where something was used, what it is about, and what its user may do there."""

from typing import Any

import discord
from discord import app_commands

from bot.domain.access import Actor, Rights
from bot.domain.incoming import Caller, Member
from bot.domain.personas import library_of, place_of_library
from bot.domain.rooms import Place, Room, Scope
from bot.errors import Refused
from bot.words import Sentence

AnyRoom = app_commands.AppCommandChannel | app_commands.AppCommandThread
"""A channel option of any kind: channel, thread, forum or category."""

AnyInteraction = discord.Interaction[Any]


def room_here(interaction: AnyInteraction) -> Room:
    """Name the room in which a command was used."""
    channel, guild_id, guest = interaction.channel, interaction.guild_id, is_guest(interaction)
    if isinstance(channel, discord.Thread):
        category_id = channel.parent.category_id if channel.parent else None
        return Room(
            channel.parent_id, guild_id, thread_id=channel.id, category_id=category_id, guest=guest
        )
    if interaction.channel_id is None:
        raise Refused("no_room", Sentence("I cannot tell in which room you are."))
    return Room(
        interaction.channel_id,
        guild_id,
        category_id=getattr(channel, "category_id", None),
        guest=guest,
    )


def caller_of(interaction: AnyInteraction) -> Caller:
    """Name who used something and where, with what they may do there."""
    room, user = room_here(interaction), interaction.user
    rights = actor_for(interaction, room.place_for(user.id)).rights
    role_ids = tuple(role.id for role in getattr(user, "roles", ()))
    return Caller(room, Member(user.id, user.display_name), role_ids, rights)


def is_guest(interaction: AnyInteraction) -> bool:
    """Tell whether we are no member of the place, and only the member's own application."""
    if interaction.guild_id is None:
        return interaction.context.private_channel
    return interaction.client.get_guild(interaction.guild_id) is None


def place_of(interaction: AnyInteraction, room: AnyRoom | None) -> Place:
    """Name the place a room setting is for: the named room, else the one of the command.

    Raises:
        Refused: we are no member there, so that nothing can be set.

    """
    here = _room_of_ours(interaction)
    if room is None:
        scope, id_ = here.scopes()[0]
        return Place(scope, id_, interaction.guild_id)
    if isinstance(room, app_commands.AppCommandThread):
        return Place(Scope.THREAD, room.id, room.guild_id)
    is_category = room.type is discord.ChannelType.category
    return Place(Scope.CATEGORY if is_category else Scope.CHANNEL, room.id, room.guild_id)


def _room_of_ours(interaction: AnyInteraction) -> Room:
    room = room_here(interaction)
    if room.guest:
        raise Refused("no_member", Sentence("That can only be done where I am a member."))
    return room


def own_place(interaction: AnyInteraction) -> Place:
    """Name what a user sets for themselves alone."""
    return Place(Scope.MEMBER, interaction.user.id, None)


def server_place(interaction: AnyInteraction) -> Place:
    """Name the server of a command.

    Raises:
        Refused: it was used in a DM, or we are no member there.

    """
    if interaction.guild_id is None:
        raise Refused("no_server", Sentence("That can only be done in a server."))
    _room_of_ours(interaction)
    return Place(Scope.SERVER, interaction.guild_id, interaction.guild_id)


def place_here(interaction: AnyInteraction, scope: Scope, place_id: int) -> Place:
    """Find a place whose settings count where something was used.

    Raises:
        Refused: it is none of them, or not any more.

    """
    for place in room_here(interaction).places(interaction.user.id):
        if (place.scope, place.id) == (scope, place_id):
            return place
    raise Refused(
        "not_here", Sentence("That is not set from this room. Please go there and try again.")
    )


def library_here(interaction: AnyInteraction) -> tuple[Place, Actor]:
    """Name whose personas can be had here, and the user with what they may do about them.

    Raises:
        Refused: we are no member there.

    """
    room = _room_of_ours(interaction)
    home = place_of_library(library_of(room, interaction.user.id), room)
    return home, actor_for(interaction, home)


def actor_for(interaction: AnyInteraction, place: Place, room: AnyRoom | None = None) -> Actor:
    """Name the user, with what they may do in the place that something is about.

    Args:
        interaction: what they used.
        place: what it is about.
        room: the same as the user named it, with their rights there; None for a place that
            counts where they are.

    """
    runs_us = is_operator(interaction.client.application, interaction.user.id)
    if interaction.guild_id is None:
        own = place.scope is Scope.MEMBER or place.id == interaction.channel_id
        return Actor(interaction.user.id, Rights(own_dm=own, owner=runs_us))
    there = _permissions(interaction, place) if room is None else room.permissions
    rights = Rights(
        manage_channels=there.manage_channels,
        manage_server=interaction.permissions.manage_guild,
        owner=runs_us,
    )
    return Actor(interaction.user.id, rights)


def _permissions(interaction: AnyInteraction, place: Place) -> discord.Permissions:
    """Tell what the user may do in a place that counts here.

    Discord says it of the room that they are in, which for a thread is that of its channel. Of a
    category it says nothing, so that we work it out from what we know of the server.
    """
    if place.scope is not Scope.CATEGORY:
        return interaction.permissions
    category = interaction.guild.get_channel(place.id) if interaction.guild else None
    if category is None or not isinstance(interaction.user, discord.Member):
        return discord.Permissions.none()
    return category.permissions_for(interaction.user)


def is_operator(application: discord.AppInfo | None, user_id: int) -> bool:
    """Tell whether somebody runs us: the application is theirs, or their team's."""
    return user_id in operators_of(application)


def operators_of(application: discord.AppInfo | None) -> tuple[int, ...]:
    """Name those who run us; of a team its owner and those it trusts with applications."""
    if application is None:
        return ()
    if application.team is None:
        return (application.owner.id,)
    accepted = discord.TeamMembershipState.accepted
    trusted = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
    members = (
        each.id
        for each in application.team.members
        if each.membership_state is accepted and each.role in trusted
    )
    owner_id = application.team.owner_id
    return tuple(dict.fromkeys((*([] if owner_id is None else [owner_id]), *members)))
