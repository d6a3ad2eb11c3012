"""Messages, places and servers as one member's client is shown them."""

from urllib.parse import quote

from bot.local.discord_server.message_payloads import message_event_json
from bot.local.discord_server.payloads import Json, channel_json, role_json, user_json
from bot.local.discord_server.permissions import permissions_in
from bot.local.discord_server.state import Channel, Guild, Message
from bot.local.discord_server.world import World
from bot.local.page.sight import sees


def message_shown(world: World, message: Message, user_id: int) -> Json:
    """Write a message as its reader gets it: with content, and with files that are here."""
    written = message_event_json(world, message, reads_content=True)
    answered = world.state.messages.get(message.reference.message_id) if message.reference else None
    if answered and answered.for_user_id not in (None, user_id):
        written["referenced_message"] = None
    if used := message.used:
        written["interaction_metadata"] = {
            "id": str(message.interaction_id),
            "type": used.type,
            "user": user_json(world, used.user_id),
            "name": used.name,
        }
    for reaction in written.get("reactions", ()):
        reaction["me"] = user_id in message.reactions[reaction["emoji"]["name"]]
    _point_here(written)
    return written


def place_shown(world: World, channel: Channel, user_id: int) -> Json:
    """Write a channel, thread or DM with what the member may do there."""
    written = channel_json(world, channel)
    if channel.guild_id is None:
        others = [id_ for id_ in channel.recipient_ids if id_ != user_id]
        written["recipients"] = [user_json(world, id_) for id_ in others]
    return written | {"permissions": str(permissions_in(world.state, channel, user_id))}


def ready_shown(world: World, user_id: int) -> Json:
    """Write all that a member's client knows when it starts."""
    return {
        "user": user_json(world, user_id),
        "guilds": [
            _guild_shown(world, guild, user_id)
            for guild in world.state.guilds.values()
            if user_id in guild.members
        ],
        "private_channels": [place_shown(world, world.open_dm(user_id), user_id)],
    }


def _guild_shown(world: World, guild: Guild, user_id: int) -> Json:
    here = [place for place in world.state.channels.values() if place.guild_id == guild.id]
    seen = [place for place in here if sees(world, user_id, place)]
    members = [
        {
            "user": user_json(world, member.user_id),
            "roles": [str(role_id) for role_id in member.role_ids],
            "nick": member.nick,
        }
        for member in guild.members.values()
    ]
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": None,
        "owner_id": str(guild.owner_id),
        "roles": [role_json(role) for role in guild.roles.values()],
        "members": members,
        "channels": [place_shown(world, each, user_id) for each in seen if each.thread is None],
        "threads": [place_shown(world, each, user_id) for each in seen if each.thread],
    }


def _point_here(written: Json) -> None:
    """Have files fetched from the page's own address."""
    for attachment in written.get("attachments", ()):
        attachment["url"] = f"/files/{attachment['id']}/{quote(attachment['filename'], safe='')}"
        attachment["proxy_url"] = attachment["url"]
    for inner in written.get("message_snapshots", ()):
        _point_here(inner["message"])
    if answered := written.get("referenced_message"):
        _point_here(answered)
