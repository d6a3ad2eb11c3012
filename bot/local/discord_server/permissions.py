"""Permissions: the bits, and what a user may do in a channel.

Source: https://docs.discord.com/developers/topics/permissions
"""

from enum import IntFlag

from bot.local.discord_server.kinds import OverwriteKind
from bot.local.discord_server.state import Channel, Guild, State


class Permission(IntFlag):
    """The bits this server knows the meaning of, and those of a new server's `@everyone`."""

    CREATE_INSTANT_INVITE = 1 << 0
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CHANGE_NICKNAME = 1 << 26
    MANAGE_ROLES = 1 << 28
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    SEND_VOICE_MESSAGES = 1 << 46
    SEND_POLLS = 1 << 49
    USE_EXTERNAL_APPS = 1 << 50


EVERYTHING = (1 << 53) - 1

IN_DM = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.SEND_VOICE_MESSAGES
    | Permission.USE_APPLICATION_COMMANDS
)

OF_EVERYONE = (
    IN_DM
    | Permission.CREATE_INSTANT_INVITE
    | Permission.MENTION_EVERYONE
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CHANGE_NICKNAME
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.SEND_POLLS
    | Permission.USE_EXTERNAL_APPS
)

OF_THE_BOT = 70_677_981_940_800
"""What the invite link asks for: view, send, threads, files, embeds, history, voice, reactions."""

_NEED_SENDING = Permission.MENTION_EVERYONE | Permission.ATTACH_FILES | Permission.EMBED_LINKS


def permissions_in(state: State, channel: Channel, user_id: int) -> int:
    """Work out what a user may do in a channel; threads ask the channel they grew in."""
    if channel.guild_id is None:
        return int(IN_DM) if user_id in channel.recipient_ids else 0
    guild = state.guilds[channel.guild_id]
    owner = state.channels[channel.parent_id] if channel.thread and channel.parent_id else channel
    return _implied(_overwritten(guild, owner, user_id), in_thread=channel.thread is not None)


def server_permissions(guild: Guild, user_id: int) -> int:
    """Work out what a user's roles allow, before any channel has its say."""
    member = guild.members.get(user_id)
    if member is None:
        return 0
    if guild.owner_id == user_id:
        return EVERYTHING
    allowed = guild.roles[guild.id].permissions
    for role_id in member.role_ids:
        allowed |= guild.roles[role_id].permissions
    return EVERYTHING if allowed & Permission.ADMINISTRATOR else allowed


def _overwritten(guild: Guild, channel: Channel, user_id: int) -> int:
    allowed = server_permissions(guild, user_id)
    if allowed in (0, EVERYTHING):
        return allowed
    role_ids = guild.members[user_id].role_ids
    steps = (
        lambda o: o.id == guild.id,
        lambda o: o.kind is OverwriteKind.ROLE and o.id in role_ids,
        lambda o: o.kind is OverwriteKind.MEMBER and o.id == user_id,
    )
    for applies in steps:
        chosen = [overwrite for overwrite in channel.overwrites if applies(overwrite)]
        for overwrite in chosen:
            allowed &= ~overwrite.deny
        for overwrite in chosen:
            allowed |= overwrite.allow
    return allowed


def _implied(allowed: int, *, in_thread: bool) -> int:
    """Take away what makes no sense without the right to see or to write."""
    if not allowed & Permission.VIEW_CHANNEL:
        return 0
    sending = Permission.SEND_MESSAGES_IN_THREADS if in_thread else Permission.SEND_MESSAGES
    return allowed if allowed & sending else allowed & ~_NEED_SENDING
