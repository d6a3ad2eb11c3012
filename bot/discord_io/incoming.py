"""A Discord message as an `Incoming`: Discord ends here."""

import re
from dataclasses import dataclass, replace

import discord

from bot.domain.access import Rights
from bot.domain.incoming import (
    Address,
    FileKind,
    FileRef,
    Incoming,
    Member,
    Quoted,
    ReplyTo,
)
from bot.domain.rooms import Room

_QUESTIONS = (discord.MessageType.default, discord.MessageType.reply)
_SOUND_NAMES = re.compile(
    r"\.(ogg|oga|opus|mp3|wav|m4a|aac|flac|webm|mp4|mov|amr|3gp|aiff?|wma)$", re.IGNORECASE
)
_TEXT_NAMES = re.compile(r"\.(txt|md|markdown)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Me:
    """Who we are, what we may see, and who runs us."""

    user: discord.ClientUser
    sees_content: bool
    operators: tuple[int, ...] = ()


def read(message: discord.Message, me: Me) -> Incoming | None:
    """Read a message; None when it plainly is no question (our own, a webhook's, a system's)."""
    ours = message.author.id == me.user.id
    if ours or message.webhook_id is not None or message.type not in _QUESTIONS:
        return None
    room = room_of(message)
    reply_to = _reply_to(message, me)
    snapshot = _forwarded(message)
    content = snapshot.content if snapshot else message.content
    attachments = snapshot.attachments if snapshot else message.attachments
    return Incoming(
        message_id=message.id,
        room=room,
        member=Member(message.author.id, message.author.display_name),
        text=_plain(content, message, me),
        created_at=message.created_at,
        address=_address(message, me, room, reply_to),
        files=tuple(_file(attachment) for attachment in attachments),
        reply_to=reply_to,
        quoted=_quoted(message, me),
        voice_message=is_voice(message),
        mentions_others=_mentions_others(message, me),
        content_visible=_content_visible(message, me, room),
        by_bot=message.author.bot,
        silent=message.flags.silent,
        role_ids=tuple(role.id for role in getattr(message.author, "roles", ())),
        rights=Rights(own_dm=room.is_dm, owner=True) if message.author.id in me.operators else None,
    )


def room_of(message: discord.Message) -> Room:
    """Name the place of a message; an uncached channel still has its id and server."""
    channel = message.channel
    guild_id = message.guild.id if message.guild else getattr(channel, "guild_id", None)
    if isinstance(channel, discord.Thread):
        return Room(
            channel_id=channel.parent_id,
            guild_id=guild_id,
            thread_id=channel.id,
            category_id=channel.parent.category_id if channel.parent else None,
        )
    return Room(channel.id, guild_id, category_id=getattr(channel, "category_id", None))


def _address(message: discord.Message, me: Me, room: Room, reply_to: ReplyTo | None) -> Address:
    if room.is_dm:
        return Address.DM
    if me.user in message.mentions:
        return Address.MENTION
    if message.guild and message.guild.self_role in message.role_mentions:
        return Address.ROLE_MENTION
    if reply_to and reply_to.ours:
        return Address.REPLY
    return Address.THREAD if room.thread_id else Address.NONE


def _content_visible(message: discord.Message, me: Me, room: Room) -> bool:
    """Whether Discord shows us text and files: the exemptions of the Message Content intent."""
    if me.sees_content or room.is_dm or me.user in message.mentions:
        return True
    return bool(message.content or message.attachments or message.message_snapshots)


def _mentions_others(message: discord.Message, me: Me) -> bool:
    own_role = message.guild.self_role if message.guild else None
    return (
        message.mention_everyone
        or any(user.id != me.user.id for user in message.mentions)
        or any(role != own_role for role in message.role_mentions)
    )


def _is_reply(message: discord.Message) -> bool:
    reference = message.reference
    return reference is not None and reference.type is discord.MessageReferenceType.reply


def _reply_to(message: discord.Message, me: Me) -> ReplyTo | None:
    reference = message.reference
    if reference is None or reference.message_id is None or not _is_reply(message):
        return None
    resolved = reference.resolved
    if not isinstance(resolved, discord.Message):
        return ReplyTo(reference.message_id, ours=None)
    earlier = resolved.reference.message_id if resolved.reference else None
    return ReplyTo(reference.message_id, ours=resolved.author.id == me.user.id, answers=earlier)


def _quoted(message: discord.Message, me: Me) -> Quoted | None:
    """Read the message of somebody else that a question is about, as far as we are shown it."""
    resolved = message.reference.resolved if message.reference else None
    if not isinstance(resolved, discord.Message) or not _is_reply(message):
        return None
    if resolved.author.id == me.user.id:
        return None
    shown = _forwarded(resolved) or resolved
    withheld = not (me.sees_content or shown.content or shown.attachments)
    return replace(quote(resolved, me), withheld=withheld)


def quote(message: discord.Message, me: Me) -> Quoted:
    """Read a message that a question is about, and that Discord shows us."""
    shown = _forwarded(message) or message
    return Quoted(
        author=message.author.display_name,
        text=_plain(shown.content, message, me),
        files=tuple(_file(attachment) for attachment in shown.attachments),
    )


def is_voice(message: discord.Message) -> bool:
    """Tell whether a message is a voice message, or passes one on."""
    snapshot = _forwarded(message)
    return message.flags.voice or bool(snapshot and snapshot.flags.voice)


def _forwarded(message: discord.Message) -> discord.MessageSnapshot | None:
    return message.message_snapshots[0] if message.message_snapshots else None


def _plain(content: str, message: discord.Message, me: Me) -> str:
    """Write mentions as names, and leave out those of us."""
    names = {f"<@{user.id}>": f"@{user.display_name}" for user in message.mentions}
    names |= {f"<@&{role.id}>": f"@{role.name}" for role in message.role_mentions}
    names[f"<@{me.user.id}>"] = ""
    if message.guild and message.guild.self_role:
        names[f"<@&{message.guild.self_role.id}>"] = ""
    content = content.replace("<@!", "<@")
    for mention, name in names.items():
        content = content.replace(mention, name)
    return content.strip()


def _file(attachment: discord.Attachment) -> FileRef:
    return FileRef(
        id=attachment.id,
        kind=_kind(attachment.filename, attachment.content_type or ""),
        filename=attachment.filename,
        url=attachment.url,
        size_bytes=attachment.size,
        content_type=attachment.content_type,
        seconds=attachment.duration,
    )


def _kind(filename: str, content_type: str) -> FileKind:
    """Guess what a file is for; both hints come from its sender, so opening it decides later."""
    if _TEXT_NAMES.search(filename):
        return FileKind.TEXT
    if _SOUND_NAMES.search(filename) or content_type.startswith(("audio/", "video/")):
        return FileKind.SOUND
    if content_type.startswith("text/plain"):
        return FileKind.TEXT
    return FileKind.OTHER
