"""Servers as JSON."""

from bot.local.discord_server.payloads import Json, channel_json, member_json, role_json, time_text
from bot.local.discord_server.permissions import permissions_in
from bot.local.discord_server.state import Guild
from bot.local.discord_server.world import World

_ABSENT_OF_GUILDS = (
    "icon", "banner", "splash", "discovery_splash", "home_header", "description", "application_id",
    "afk_channel_id", "system_channel_id", "rules_channel_id", "public_updates_channel_id",
    "safety_alerts_channel_id", "widget_channel_id", "vanity_url_code", "max_presences",
    "incidents_data",
)  # fmt: skip
_USUAL_OF_GUILDS: Json = {
    "region": "deprecated",
    "afk_timeout": 300,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "verification_level": 0,
    "default_message_notifications": 1,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "nsfw": False,
    "nsfw_level": 0,
    "premium_subscription_count": 0,
    "premium_progress_bar_enabled": False,
    "max_members": 500_000,
    "max_video_channel_users": 25,
    "max_stage_video_channel_users": 50,
    "features": [],
    "emojis": [],
    "stickers": [],
}


def guild_json(guild: Guild) -> Json:
    """Write a server as REST does, without its channels and members."""
    return {
        **dict.fromkeys(_ABSENT_OF_GUILDS),
        **_USUAL_OF_GUILDS,
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner_id),
        "premium_tier": guild.premium_tier,
        "preferred_locale": guild.locale,
        "roles": [role_json(role) for role in guild.roles.values()],
    }


def guild_create_json(world: World, guild: Guild, *, all_members: bool) -> Json:
    """Write GUILD_CREATE; without the members intent only the bot itself is listed."""
    here = [channel for channel in world.state.channels.values() if channel.guild_id == guild.id]
    seen = [
        channel
        for channel in here
        if channel.thread and permissions_in(world.state, channel, world.bot_id)
    ]
    listed = guild.members.values() if all_members else [guild.members[world.bot_id]]
    return guild_json(guild) | {
        "joined_at": time_text(guild.members[world.bot_id].joined_at),
        "large": False,
        "member_count": len(guild.members),
        "members": [member_json(world, member) for member in listed],
        "channels": [channel_json(world, channel) for channel in here if channel.thread is None],
        "threads": [
            channel_json(world, channel)
            for channel in seen
            if channel.thread and not channel.thread.archived
        ],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }
