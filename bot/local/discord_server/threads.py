"""Threads and forum posts.

Source: https://docs.discord.com/developers/topics/threads
"""

from typing import Any

from bot.local.discord_server import events, messages
from bot.local.discord_server.drafts import Draft
from bot.local.discord_server.errors import bad_length, invalid_form, refused
from bot.local.discord_server.kinds import ChannelType, MessageFlag, MessageType
from bot.local.discord_server.messages import Origin
from bot.local.discord_server.payloads import FORUM_TYPES
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.rights import file_limit
from bot.local.discord_server.rules import check_draft
from bot.local.discord_server.state import Channel, Message, Reference, Thread
from bot.local.discord_server.world import World

ARCHIVE_MINUTES = (60, 1440, 4320, 10080)
_STARTABLE_IN = frozenset({ChannelType.TEXT, ChannelType.ANNOUNCEMENT})


def start_on_message(
    world: World, message: Message, starter_id: int, name: str, archive_minutes: int = 1440
) -> Channel:
    """Start the thread of a message; the thread gets the message's id.

    Raises:
        ApiError: 50013, 50024, 50035, or 160004 when it has one.

    """
    parent = world.channel(message.channel_id)
    _check_place(world, parent, starter_id)
    if message.id in world.state.channels:
        raise refused(160004)
    thread = _make(world, parent, message.id, starter_id, name, archive_minutes)
    world.publish(events.thread_created(world, thread))
    message.flags |= MessageFlag.HAS_THREAD
    world.publish(events.message_updated(world, message))
    _tell_beginning(world, thread, message)
    return thread


def start_alone(
    world: World,
    parent: Channel,
    starter_id: int,
    name: str,
    archive_minutes: int = 1440,
    kind: ChannelType = ChannelType.PUBLIC_THREAD,
) -> Channel:
    """Start a thread that hangs on no message."""
    _check_place(world, parent, starter_id)
    thread = _make(world, parent, world.next_id(), starter_id, name, archive_minutes, kind)
    world.publish(events.thread_created(world, thread))
    return thread


def post_to_forum(
    world: World, forum: Channel, author_id: int, name: str, draft: Draft
) -> tuple[Channel, Message]:
    """Open a forum post; its first message has the id of the thread.

    Raises:
        ApiError: 50024 outside forums, 50013, or what is refused of messages.

    """
    if forum.type not in FORUM_TYPES:
        raise refused(50024)
    world.require(author_id, forum, Permission.SEND_MESSAGES)
    if draft.flags & MessageFlag.VOICE:
        raise invalid_form("message.flags", "BASE_TYPE_CHOICES", "Unsupported flag.")
    check_draft(draft, file_limit(world, forum, author_id))
    thread = _make(world, forum, world.next_id(), author_id, name, 1440)
    world.publish(events.thread_created(world, thread))
    first = messages.store(world, thread, author_id, draft, origin=Origin(message_id=thread.id))
    return thread, first


def change(world: World, thread: Channel, changer_id: int, payload: dict[str, Any]) -> None:
    """Rename, archive or lock a thread; locking needs MANAGE_THREADS."""
    state = thread.thread
    if state is None:
        raise refused(50024)
    if changer_id != state.owner_id or "locked" in payload:
        world.require(changer_id, thread, Permission.MANAGE_THREADS)
    if "name" in payload:
        thread.name = check_name(payload["name"])
    state.archived = bool(payload.get("archived", state.archived))
    state.locked = bool(payload.get("locked", state.locked))
    world.publish(events.channel_changed(world, thread, "UPDATE"))


def check_name(name: object) -> str:
    """Refuse a thread name that is not 1 to 100 characters long."""
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 100:
        raise bad_length("name", 1, 100)
    return name


def _check_place(world: World, parent: Channel, starter_id: int) -> None:
    if parent.type not in _STARTABLE_IN:
        world.require(starter_id, parent)
        raise refused(50003 if parent.guild_id is None else 50024)
    world.require(starter_id, parent, Permission.CREATE_PUBLIC_THREADS)


def _make(
    world: World,
    parent: Channel,
    thread_id: int,
    owner_id: int,
    name: str,
    archive_minutes: int,
    kind: ChannelType = ChannelType.PUBLIC_THREAD,
) -> Channel:
    if archive_minutes not in ARCHIVE_MINUTES:
        raise invalid_form("auto_archive_duration", "BASE_TYPE_CHOICES", "Not a valid choice.")
    thread = Channel(
        thread_id,
        kind,
        check_name(name),
        parent.guild_id,
        parent.id,
        thread=Thread(
            owner_id, world.clock(), archive_minutes=archive_minutes, member_ids={owner_id}
        ),
    )
    world.state.channels[thread_id] = thread
    return thread


def _tell_beginning(world: World, thread: Channel, message: Message) -> None:
    beginning = Message(
        id=world.next_id(),
        channel_id=thread.id,
        author_id=message.author_id,
        timestamp=world.clock(),
        type=MessageType.THREAD_STARTER_MESSAGE,
        reference=Reference(message.id, message.channel_id, thread.guild_id),
    )
    messages.keep(world, thread, beginning)
