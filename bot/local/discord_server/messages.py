"""Posting, editing and deleting messages, for bots and members alike."""

from dataclasses import dataclass

from bot.local.discord_server import events
from bot.local.discord_server.components import numbered
from bot.local.discord_server.drafts import Draft, Upload
from bot.local.discord_server.errors import refused
from bot.local.discord_server.file_types import UNKNOWN, type_of
from bot.local.discord_server.kinds import MessageFlag, MessageType
from bot.local.discord_server.mentions import Pings, find_pings
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.references import existing_target
from bot.local.discord_server.rights import check_rights, file_limit
from bot.local.discord_server.rules import check_draft
from bot.local.discord_server.state import (
    Attachment,
    Channel,
    Message,
    Nonce,
    Reference,
    Snapshot,
    Use,
)
from bot.local.discord_server.world import World

_KEPT_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.VOICE
    | MessageFlag.COMPONENTS_V2
)


@dataclass(frozen=True, slots=True)
class Origin:
    """How a message came to be, where it is not an ordinary post."""

    type: MessageType = MessageType.DEFAULT
    interaction_id: int | None = None
    used: Use | None = None
    for_user_id: int | None = None
    message_id: int | None = None


ORDINARY = Origin()


def post(world: World, channel: Channel, author_id: int, draft: Draft) -> Message:
    """Post a message to a channel as a bot or a member does.

    A nonce that the same author sent with `enforce_nonce` in the last minutes gives the message
    of that time; if it was deleted since, the refusal is 10008.

    Raises:
        ApiError: what Discord answers instead.

    """
    check_rights(world, channel, author_id, draft)
    check_draft(draft, file_limit(world, channel, author_id))
    if (earlier := _earlier_post(world, author_id, draft)) is not None:
        return earlier
    target = existing_target(world, channel, author_id, draft)
    _unarchive(world, channel)
    message = store(world, channel, author_id, draft, target=target)
    _remember_nonce(world, message, draft)
    return message


def store(
    world: World,
    channel: Channel,
    author_id: int,
    draft: Draft,
    *,
    target: Message | None = None,
    origin: Origin = ORDINARY,
) -> Message:
    """Make a message of a draft that has passed all checks, and tell everybody."""
    message = Message(
        id=origin.message_id or world.next_id(),
        channel_id=channel.id,
        author_id=author_id,
        timestamp=world.clock(),
        type=origin.type,
        content=draft.content.strip(),
        flags=draft.flags & _KEPT_FLAGS,
        embeds=list(draft.embeds),
        components=numbered(draft.components),
        nonce=draft.nonce,
        interaction_id=origin.interaction_id,
        used=origin.used,
        for_user_id=origin.for_user_id,
    )
    if origin.for_user_id is not None:
        message.flags |= MessageFlag.EPHEMERAL
    message.attachments = [_store_file(world, message, each) for each in draft.uploads]
    if target is not None and draft.target is not None:
        _refer(world, message, target, draft)
    _set_pings(message, pings_of(world, channel, author_id, draft))
    keep(world, channel, message)
    return message


def keep(world: World, channel: Channel, message: Message) -> None:
    """Put a finished message into its channel, and tell everybody who may see it."""
    world.add_message(message)
    created = events.message_created(world, message)
    if message.for_user_id is not None:
        world.publish(events.only_for_its_reader(created, message))
        return
    channel.last_message_id = message.id
    if channel.thread:
        channel.thread.message_count += 1
        channel.thread.member_ids.add(message.author_id)
    world.publish(created)


def add_files(world: World, message: Message, uploads: tuple[Upload, ...]) -> None:
    """Attach further files to a message that exists."""
    message.attachments += [_store_file(world, message, each) for each in uploads]


def set_content(world: World, message: Message, draft: Draft) -> None:
    """Give a message new text, and work out anew whom it pings."""
    channel = world.channel(message.channel_id)
    message.content = draft.content.strip()
    _set_pings(message, pings_of(world, channel, message.author_id, draft))


def delete(world: World, channel: Channel, messages: list[Message]) -> None:
    """Remove messages and their files."""
    for message in messages:
        world.drop_message(message)
    visible = [message.id for message in messages if message.for_user_id is None]
    if visible:
        world.publish(events.messages_deleted(channel, visible))
    for message in messages:
        if message.for_user_id is not None:
            deleted = events.messages_deleted(channel, [message.id])
            world.publish(events.only_for_its_reader(deleted, message))


def pings_of(world: World, channel: Channel, author_id: int, draft: Draft) -> Pings:
    """Work out whom the text of a draft pings."""
    return find_pings(
        draft.content,
        draft.allowed,
        world.guild_of(channel),
        set(world.state.users),
        may_ping_all=world.can(author_id, channel, Permission.MENTION_EVERYONE),
    )


def _earlier_post(world: World, author_id: int, draft: Draft) -> Message | None:
    if not draft.enforce_nonce or draft.nonce is None:
        return None
    since = world.clock() - world.nonce_window
    for nonce in world.state.nonces:
        if (nonce.author_id, nonce.value) == (author_id, str(draft.nonce)) and nonce.at > since:
            if nonce.message_id not in world.state.messages:
                raise refused(10008)
            return world.state.messages[nonce.message_id]
    return None


def _remember_nonce(world: World, message: Message, draft: Draft) -> None:
    if draft.enforce_nonce and draft.nonce is not None:
        world.state.nonces.append(
            Nonce(message.author_id, str(draft.nonce), message.id, message.timestamp)
        )


def _refer(world: World, message: Message, target: Message, draft: Draft) -> None:
    guild_id = world.channel(target.channel_id).guild_id
    forwarded = bool(draft.target and draft.target.forwarded)
    message.reference = Reference(target.id, target.channel_id, guild_id, forwarded)
    if forwarded:
        message.flags |= MessageFlag.HAS_SNAPSHOT
        message.snapshots = [_snapshot(target)]
        return
    message.type = MessageType.REPLY
    message.answers_interaction = target.interaction_id is not None
    if draft.allowed.replied_user:
        message.pinged_author_id = target.author_id


def _snapshot(target: Message) -> Snapshot:
    if target.snapshots:
        return target.snapshots[0]
    return Snapshot(target.content, target.timestamp, target.flags, list(target.attachments))


def _set_pings(message: Message, pings: Pings) -> None:
    message.pinged_user_ids = pings.user_ids
    message.pinged_role_ids = pings.role_ids
    message.pings_everyone = pings.everyone


def _store_file(world: World, message: Message, upload: Upload) -> Attachment:
    attachment = Attachment(
        id=world.next_id(),
        channel_id=message.channel_id,
        filename=upload.filename,
        size_bytes=len(upload.data),
        content_type=type_of(upload.filename)
        if upload.content_type == UNKNOWN
        else upload.content_type,
        description=upload.description,
        duration_s=upload.duration_s,
        waveform=upload.waveform,
        ephemeral=message.for_user_id is not None,
    )
    world.state.files[attachment.id] = upload.data
    return attachment


def _unarchive(world: World, channel: Channel) -> None:
    if channel.thread and channel.thread.archived:
        channel.thread.archived = False
        world.publish(events.channel_changed(world, channel, "UPDATE"))
