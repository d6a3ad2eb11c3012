"""Changing messages that exist."""

from dataclasses import replace
from typing import Any

from bot.local.discord_server import events
from bot.local.discord_server.components import numbered
from bot.local.discord_server.drafts import Draft, Part, kept_attachment_ids, read_draft
from bot.local.discord_server.errors import refused
from bot.local.discord_server.kinds import MessageFlag
from bot.local.discord_server.mentions import ALL, Allowed
from bot.local.discord_server.messages import add_files, set_content
from bot.local.discord_server.rights import file_limit
from bot.local.discord_server.rules import check_draft
from bot.local.discord_server.state import Message
from bot.local.discord_server.world import World


def edit(
    world: World,
    message: Message,
    editor_id: int,
    payload: dict[str, Any],
    parts: tuple[Part, ...] = (),
    default: Allowed = ALL,
) -> None:
    """Change a message as its author asks; what the payload leaves out stays as it is.

    Raises:
        ApiError: 50005 for another's message, 50083 in an archived thread, 50162 for voice
            messages, or what is refused of new messages too.

    """
    channel = world.channel(message.channel_id)
    if message.author_id != editor_id:
        raise refused(50005)
    if channel.thread and channel.thread.archived:
        raise refused(50083)
    if message.is_voice:
        raise refused(50162)
    draft = read_draft(payload, parts, default)
    apply(world, message, draft, payload)
    message.edited_at = world.clock()
    updated = events.message_updated(world, message)
    if message.for_user_id is not None:
        updated = events.only_for_its_reader(updated, message)
    world.publish(updated)


def apply(world: World, message: Message, draft: Draft, payload: dict[str, Any]) -> None:
    """Check the message as it would become, then change it."""
    kept = kept_attachment_ids(payload)
    staying = [each for each in message.attachments if kept is None or each.id in kept]
    merged = _merged(message, draft, payload)
    limit = file_limit(world, world.channel(message.channel_id), message.author_id)
    anything = replace(merged, extras=("files",) if staying else ())
    check_draft(anything, limit)
    if "content" in payload:
        set_content(world, message, merged)
    message.embeds, message.components = list(merged.embeds), numbered(merged.components)
    message.flags = merged.flags
    message.attachments = staying
    add_files(world, message, draft.uploads)


def _merged(message: Message, draft: Draft, payload: dict[str, Any]) -> Draft:
    """Fill what the payload leaves out from the message."""
    changeable = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2
    asked = payload.get("flags")
    flags = message.flags if asked is None else _mixed(message.flags, asked, changeable)
    return replace(
        draft,
        content=draft.content if "content" in payload else message.content,
        embeds=draft.embeds if "embeds" in payload else tuple(message.embeds),
        components=draft.components if "components" in payload else tuple(message.components),
        flags=flags,
        nonce=None,
    )


def _mixed(old: int, new: int, changeable: int) -> int:
    return (old & ~changeable) | (new & changeable)
