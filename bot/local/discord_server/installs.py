"""Where the application is installed: in servers, and with users who take it along.

Source: https://docs.discord.com/developers/resources/application (Installation Context)
"""

from bot.local.discord_server.options import NotOffered
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.permissions import OF_EVERYONE, Permission, permissions_in
from bot.local.discord_server.state import Channel, Interaction
from bot.local.discord_server.world import World

FOR_SERVERS, FOR_USERS = 0, 1
"""Integration types."""

IN_SERVER, IN_BOT_DM, IN_PRIVATE = 0, 1, 2
"""Contexts."""

FOLLOWUPS_OF_GUESTS = 5
_IN_PRIVATE_CHANNELS = (
    Permission.ATTACH_FILES | Permission.EMBED_LINKS | Permission.MENTION_EVERYONE
)


def context_of(world: World, channel: Channel) -> int:
    """Tell in which kind of place something was used."""
    if channel.guild_id is not None:
        return IN_SERVER
    return IN_BOT_DM if world.bot_id in channel.recipient_ids else IN_PRIVATE


def is_there(world: World, channel: Channel) -> bool:
    """Whether the bot is a member of the place; else it can only answer what is used there."""
    guild = world.guild_of(channel)
    return world.bot_id in (guild.members if guild else channel.recipient_ids)


def owners_of(world: World, interaction: Interaction, channel: Channel) -> dict[str, str]:
    """Write to whose installation an interaction is owed; that of its message, where it has one."""
    message = world.state.messages.get(interaction.message_id or 0)
    user_id = message.used.user_id if message and message.used else interaction.user_id
    owners = {}
    if is_there(world, channel):
        owners[str(FOR_SERVERS)] = str(channel.guild_id or 0)
    if world.user(user_id).installed:
        owners[str(FOR_USERS)] = str(user_id)
    return owners


def app_permissions(world: World, channel: Channel) -> int:
    """Tell what the application may do in its answers there."""
    if is_there(world, channel):
        return permissions_in(world.state, channel, world.bot_id)
    guild = world.guild_of(channel)
    if guild is None:
        return int(_IN_PRIVATE_CHANNELS)
    denied = sum(o.deny for o in channel.overwrites if o.id == guild.id)
    return int(OF_EVERYONE & guild.roles[guild.id].permissions & ~denied)


def must_whisper(world: World, interaction: Interaction, channel: Channel) -> bool:
    """Whether a server lets the member's own applications answer the member alone."""
    external = Permission.USE_EXTERNAL_APPS
    return not is_there(world, channel) and not (
        channel.guild_id is None or world.can(interaction.user_id, channel, external)
    )


def check_installed(world: World, command: Json, user_id: int, channel: Channel) -> None:
    """Let pass what is offered to a user in a place.

    Raises:
        NotOffered: the command is not for this kind of place, or not installed for it.

    """
    context, contexts = context_of(world, channel), command.get("contexts")
    if contexts is not None and context not in contexts:
        raise NotOffered(f"{command['name']} is not offered in this kind of place")
    types = command.get("integration_types") or [FOR_SERVERS]
    by_user = FOR_USERS in types and world.user(user_id).installed
    if not by_user and not (FOR_SERVERS in types and is_there(world, channel)):
        raise NotOffered(f"{command['name']} is not installed here")
