"""Messages as JSON, with what the reader may not see left empty."""

from typing import Any

from bot.local.discord_server.kinds import MessageType
from bot.local.discord_server.payloads import (
    Json,
    bare_member_json,
    channel_json,
    id_or_none,
    time_text,
    user_json,
)
from bot.local.discord_server.state import Attachment, Message, Reference, Snapshot
from bot.local.discord_server.visibility import is_content_shown, pinged_users
from bot.local.discord_server.world import World

REFERRING = frozenset({MessageType.REPLY, MessageType.THREAD_STARTER_MESSAGE})
"""Message types that carry `referenced_message`, null when it was deleted."""


def message_json(world: World, message: Message, *, reads_content: bool) -> Json:
    """Write a message as REST does; one level of what it answers is included."""
    written = _alone(world, message, reads_content=reads_content)
    if message.type in REFERRING and message.reference:
        answered = world.state.messages.get(message.reference.message_id)
        written["referenced_message"] = answered and _alone(
            world, answered, reads_content=reads_content
        )
    if (grown := world.state.channels.get(message.id)) and grown.id != message.channel_id:
        written["thread"] = channel_json(world, grown)
    return written


def message_event_json(world: World, message: Message, *, reads_content: bool) -> Json:
    """Write a message as the gateway does: with its server and its author's membership."""
    written = message_json(world, message, reads_content=reads_content)
    channel = world.channel(message.channel_id)
    written["channel_type"] = int(channel.type)
    if guild := world.guild_of(channel):
        written["guild_id"] = str(guild.id)
        if member := guild.members.get(message.author_id):
            written["member"] = bare_member_json(member)
        for mentioned in written["mentions"]:
            if member := guild.members.get(int(mentioned["id"])):
                mentioned["member"] = bare_member_json(member)
    return written


def attachment_json(world: World, attachment: Attachment) -> Json:
    """Write an attachment with a fresh address; what is unknown is left out."""
    url = world.links.url(attachment)
    written: dict[str, Any] = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": attachment.size_bytes,
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
        "description": attachment.description,
        "duration_secs": attachment.duration_s,
        "waveform": attachment.waveform,
        "ephemeral": attachment.ephemeral or None,
    }
    return {name: value for name, value in written.items() if value is not None}


def _alone(world: World, message: Message, *, reads_content: bool) -> Json:
    readable = reads_content or is_content_shown(world, message)
    written = _envelope(world, message) | _content(world, message if readable else None)
    if message.snapshots:
        shown = message.snapshots if readable else [_emptied(each) for each in message.snapshots]
        written["message_snapshots"] = [_snapshot_json(world, each) for each in shown]
    if message.nonce is not None:
        written["nonce"] = message.nonce
    if message.interaction_id is not None:
        application_id = str(world.state.application.id)
        written |= {"webhook_id": application_id, "application_id": application_id}
    return written


def _envelope(world: World, message: Message) -> Json:
    """Write what everybody is told about a message."""
    written: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "type": int(message.type),
        "author": user_json(world, message.author_id),
        "timestamp": time_text(message.timestamp),
        "edited_timestamp": message.edited_at and time_text(message.edited_at),
        "tts": False,
        "pinned": False,
        "flags": message.flags,
        "mention_everyone": message.pings_everyone,
        "mentions": [user_json(world, user_id) for user_id in pinged_users(message)],
        "mention_roles": [str(role_id) for role_id in message.pinged_role_ids],
    }
    if message.reactions:
        written["reactions"] = [_reaction_json(world, *item) for item in message.reactions.items()]
    if message.reference:
        written["message_reference"] = _reference_json(message.reference)
    return written


def _content(world: World, message: Message | None) -> Json:
    """Write the fields that need the intent; empty for None."""
    return {
        "content": message.content if message else "",
        "embeds": message.embeds if message else [],
        "components": message.components if message else [],
        "attachments": [attachment_json(world, each) for each in message.attachments]
        if message
        else [],
    }


def _reference_json(reference: Reference) -> Json:
    written: Json = {
        "type": 1 if reference.forwarded else 0,
        "message_id": str(reference.message_id),
        "channel_id": str(reference.channel_id),
        "guild_id": id_or_none(reference.guild_id),
    }
    return {name: value for name, value in written.items() if value is not None}


def _reaction_json(world: World, emoji: str, user_ids: list[int]) -> Json:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(user_ids),
        "count_details": {"burst": 0, "normal": len(user_ids)},
        "burst_colors": [],
        "me_burst": False,
        "me": world.bot_id in user_ids,
    }


def _emptied(snapshot: Snapshot) -> Snapshot:
    return Snapshot("", snapshot.timestamp, snapshot.flags, [])


def _snapshot_json(world: World, snapshot: Snapshot) -> Json:
    return {
        "message": {
            "type": 0,
            "content": snapshot.content,
            "timestamp": time_text(snapshot.timestamp),
            "edited_timestamp": None,
            "flags": snapshot.flags,
            "attachments": [attachment_json(world, each) for each in snapshot.attachments],
            "embeds": [],
            "components": [],
            "mentions": [],
            "mention_roles": [],
        }
    }
