"""Users, servers and channels as JSON, as the gateway and the REST API write them."""

from datetime import datetime
from typing import Any

from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.permissions import permissions_in
from bot.local.discord_server.state import Application, Channel, Guild, Member, Role, Thread
from bot.local.discord_server.world import World

Json = dict[str, Any]

SIZE_LIMITS = (10 * 2**20, 10 * 2**20, 50 * 2**20, 100 * 2**20)
"""The largest file by premium tier."""

THREAD_TYPES = frozenset(
    {ChannelType.ANNOUNCEMENT_THREAD, ChannelType.PUBLIC_THREAD, ChannelType.PRIVATE_THREAD}
)
FORUM_TYPES = frozenset({ChannelType.FORUM, ChannelType.MEDIA})


def id_or_none(value: int | None) -> str | None:
    """Write an id that may be missing."""
    return None if value is None else str(value)


def time_text(at: datetime) -> str:
    """Write a time as Discord does."""
    return at.isoformat(timespec="microseconds")


def size_limit(guild: Guild | None) -> int:
    """Tell the largest file that bots may send there, in bytes."""
    return SIZE_LIMITS[guild.premium_tier if guild else 0]


def user_json(world: World, user_id: int) -> Json:
    """Write an account."""
    user = world.user(user_id)
    named: Json = {
        "id": str(user.id),
        "username": user.name,
        "discriminator": "0000" if user.bot else "0",
        "global_name": user.display_name,
        "avatar": None,
        "flags": 0,
        "public_flags": 0,
        "primary_guild": None,
    }
    return {**named, "bot": True} if user.bot else named


def me_json(world: World) -> Json:
    """Write the bot's own account, as only it may see it."""
    own: Json = {"verified": True, "mfa_enabled": True, "email": None, "locale": "en-US"}
    return user_json(world, world.bot_id) | own


def application_json(world: World) -> Json:
    """Write the application as its owner's portal shows it."""
    application: Application = world.state.application
    return {
        "id": str(application.id),
        "name": application.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user_json(world, world.bot_id),
        "bot_public": application.public,
        "bot_require_code_grant": False,
        "owner": user_json(world, application.owner_id),
        "team": None,
        "verify_key": "0" * 64,
        "flags": application.flags,
        "flags_new": str(application.flags),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "approximate_guild_count": len(world.state.guilds),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "eligible_oauth2_scopes": [],
        "integration_types_config": {"0": {}, "1": {}},
    }


def member_json(world: World, member: Member) -> Json:
    """Write a user in a server, with the account."""
    return {"user": user_json(world, member.user_id), **bare_member_json(member)}


def bare_member_json(member: Member) -> Json:
    """Write a user in a server, without the account."""
    return {
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "roles": [str(role_id) for role_id in member.role_ids],
        "joined_at": time_text(member.joined_at),
        "premium_since": None,
        "communication_disabled_until": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def role_json(role: Role) -> Json:
    """Write a role."""
    written: Json = {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": role.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "managed": role.bot_id is not None,
        "mentionable": role.mentionable,
        "flags": 0,
        "description": None,
    }
    if role.bot_id is not None:
        written["tags"] = {"bot_id": str(role.bot_id)}
    return written


def channel_json(world: World, channel: Channel) -> Json:
    """Write a channel of any kind."""
    if channel.guild_id is None:
        return _dm_json(world, channel)
    if channel.thread is not None:
        return _thread_json(channel, channel.thread)
    return _guild_channel_json(channel)


def _dm_json(world: World, channel: Channel) -> Json:
    others = [id_ for id_ in channel.recipient_ids if id_ != world.bot_id]
    group: Json = {"name": channel.name or None, "icon": None}
    return (group if channel.type is ChannelType.GROUP_DM else {}) | {
        "id": str(channel.id),
        "type": int(channel.type),
        "flags": 0,
        "last_message_id": id_or_none(channel.last_message_id),
        "recipients": [user_json(world, id_) for id_ in others],
    }


def _guild_channel_json(channel: Channel) -> Json:
    written: Json = {
        "id": str(channel.id),
        "type": int(channel.type),
        "guild_id": str(channel.guild_id),
        "name": channel.name,
        "position": channel.position,
        "parent_id": id_or_none(channel.parent_id),
        "last_message_id": id_or_none(channel.last_message_id),
        "topic": None,
        "nsfw": False,
        "flags": 0,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {
                "id": str(overwrite.id),
                "type": int(overwrite.kind),
                "allow": str(overwrite.allow),
                "deny": str(overwrite.deny),
            }
            for overwrite in channel.overwrites
        ],
    }
    if channel.type in {ChannelType.VOICE, ChannelType.STAGE}:
        written |= {"bitrate": 64000, "user_limit": 0, "rtc_region": None}
    if channel.type in FORUM_TYPES:
        written |= {"available_tags": [], "default_sort_order": None, "default_forum_layout": 0}
    return written


def _thread_json(channel: Channel, thread: Thread) -> Json:
    return {
        "id": str(channel.id),
        "type": int(channel.type),
        "guild_id": str(channel.guild_id),
        "parent_id": id_or_none(channel.parent_id),
        "name": channel.name,
        "owner_id": str(thread.owner_id),
        "last_message_id": id_or_none(channel.last_message_id),
        "message_count": thread.message_count,
        "total_message_sent": thread.message_count,
        "member_count": min(len(thread.member_ids), 50),
        "rate_limit_per_user": 0,
        "flags": 0,
        "thread_metadata": {
            "archived": thread.archived,
            "archive_timestamp": time_text(thread.created_at),
            "auto_archive_duration": thread.archive_minutes,
            "locked": thread.locked,
            "create_timestamp": time_text(thread.created_at),
        },
    }


def resolved_channel_json(world: World, channel: Channel, user_id: int) -> Json:
    """Write a channel that a command names, with what its user and the bot may do there."""
    return {
        **channel_json(world, channel),
        "permissions": str(permissions_in(world.state, channel, user_id)),
        "app_permissions": str(permissions_in(world.state, channel, world.bot_id)),
    }
