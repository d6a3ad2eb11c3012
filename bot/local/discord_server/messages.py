"""Posting, editing and deleting messages, for bots and members alike."""

from dataclasses import dataclass
from datetime import timedelta

from bot.local.discord_server import events
from bot.local.discord_server.components import numbered
from bot.local.discord_server.drafts import Draft, Target, Upload
from bot.local.discord_server.errors import invalid_form, refused, unknown_reference
from bot.local.discord_server.mentions import Pings, find_pings
from bot.local.discord_server.payloads import FORUM_TYPES, size_limit
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.rules import USER_FILE_LIMIT_BYTES, check_draft
from bot.local.discord_server.state import (
    Attachment,
    Channel,
    ChannelType,
    Message,
    MessageFlag,
    MessageType,
    Nonce,
    Reference,
    Snapshot,
)
from bot.local.discord_server.visibility import is_content_shown
from bot.local.discord_server.world import World

NONCE_WINDOW = timedelta(minutes=5)
"""Discord says `the past few minutes`."""

_KEPT_FLAGS = (
    MessageFlag.SUPPRESS_EMBEDS
    | MessageFlag.SUPPRESS_NOTIFICATIONS
    | MessageFlag.VOICE
    | MessageFlag.COMPONENTS_V2
)
_ANSWERABLE = frozenset(
    {
        MessageType.DEFAULT,
        MessageType.REPLY,
        MessageType.CHAT_INPUT_COMMAND,
        MessageType.CONTEXT_MENU_COMMAND,
    }
)
_TEXTLESS = FORUM_TYPES | {ChannelType.CATEGORY}


@dataclass(frozen=True, slots=True)
class Origin:
    """How a message came to be, where it is not an ordinary post."""

    type: MessageType = MessageType.DEFAULT
    interaction_id: int | None = None
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
    target = _existing_target(world, channel, author_id, draft)
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
    world.state.messages[message.id] = message
    if message.for_user_id is not None:
        world.changes.tell()
        return
    channel.last_message_id = message.id
    if channel.thread:
        channel.thread.message_count += 1
        channel.thread.member_ids.add(message.author_id)
    world.publish(events.message_created(world, message))


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
        del world.state.messages[message.id]
        for attachment in message.attachments:
            world.state.files.pop(attachment.id, None)
    visible = [message.id for message in messages if message.for_user_id is None]
    if visible:
        world.publish(events.messages_deleted(channel, visible))


def check_rights(world: World, channel: Channel, author_id: int, draft: Draft) -> None:
    """Refuse who may not post this here: 50001, 50007, 50008, 50013, 50173, 160005."""
    world.require(author_id, channel)
    if channel.type in _TEXTLESS:
        raise refused(50008)
    if channel.guild_id is None:
        _check_dm(world, channel, author_id)
    for needed in needed_permissions(channel, draft):
        if not world.can(author_id, channel, needed):
            raise refused(50173 if needed is Permission.SEND_VOICE_MESSAGES else 50013)
    thread = channel.thread
    may_unlock = world.can(author_id, channel, Permission.MANAGE_THREADS)
    if thread and thread.locked and not may_unlock:
        raise refused(160005)


def needed_permissions(channel: Channel, draft: Draft) -> list[Permission]:
    """List what one needs to post this draft here."""
    sending = Permission.SEND_MESSAGES
    needed = [Permission.SEND_MESSAGES_IN_THREADS if channel.thread else sending]
    if draft.flags & MessageFlag.VOICE:
        needed.append(Permission.SEND_VOICE_MESSAGES)
    elif draft.uploads:
        needed.append(Permission.ATTACH_FILES)
    if draft.embeds:
        needed.append(Permission.EMBED_LINKS)
    return needed


def file_limit(world: World, channel: Channel, author_id: int) -> int:
    """Tell the largest file an author may send to a channel, in bytes."""
    if not world.user(author_id).bot:
        return USER_FILE_LIMIT_BYTES
    return size_limit(world.guild_of(channel))


def pings_of(world: World, channel: Channel, author_id: int, draft: Draft) -> Pings:
    """Work out whom the text of a draft pings."""
    return find_pings(
        draft.content,
        draft.allowed,
        world.guild_of(channel),
        set(world.state.users),
        may_ping_all=world.can(author_id, channel, Permission.MENTION_EVERYONE),
    )


def _check_dm(world: World, channel: Channel, author_id: int) -> None:
    [other_id] = [id_ for id_ in channel.recipient_ids if id_ != author_id]
    if not world.user(other_id).takes_dms:
        raise refused(50007)
    if not any({author_id, other_id} <= set(g.members) for g in world.state.guilds.values()):
        raise refused(50278)


def _earlier_post(world: World, author_id: int, draft: Draft) -> Message | None:
    if not draft.enforce_nonce or draft.nonce is None:
        return None
    since = world.clock() - NONCE_WINDOW
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


def _existing_target(
    world: World, channel: Channel, author_id: int, draft: Draft
) -> Message | None:
    """Find the message that the draft answers; None when it answers nothing, or may do without."""
    target = draft.target
    if target is None:
        return None
    found = world.state.messages.get(target.message_id)
    if target.forwarded:
        return _forwardable(world, author_id, target, found)
    if not world.can(author_id, channel, Permission.READ_MESSAGE_HISTORY):
        raise refused(160002)
    if found is None or found.channel_id != channel.id or found.for_user_id is not None:
        if target.must_exist:
            raise unknown_reference()
        return None
    if found.type not in _ANSWERABLE:
        raise invalid_form(
            "message_reference", "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE",
            "Cannot reply to a system message",
        )  # fmt: skip
    return found


def _forwardable(world: World, author_id: int, target: Target, found: Message | None) -> Message:
    if found is None or found.channel_id != target.channel_id:
        raise unknown_reference()
    world.require(author_id, world.channel(found.channel_id), Permission.READ_MESSAGE_HISTORY)
    readable = world.content_is_granted or is_content_shown(world, found)
    if author_id == world.bot_id and not readable:
        raise refused(160014)
    return found


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
        content_type=upload.content_type,
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
