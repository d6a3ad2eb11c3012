"""Who may post what, where.

Source: https://docs.discord.com/developers/topics/permissions
"""

from bot.local.discord_server.drafts import Draft
from bot.local.discord_server.errors import refused
from bot.local.discord_server.kinds import ChannelType, MessageFlag
from bot.local.discord_server.payloads import FORUM_TYPES, size_limit
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.rules import USER_FILE_LIMIT_BYTES
from bot.local.discord_server.state import Channel
from bot.local.discord_server.world import World

_TEXTLESS = FORUM_TYPES | {ChannelType.CATEGORY}


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


def _check_dm(world: World, channel: Channel, author_id: int) -> None:
    if world.bot_id not in channel.recipient_ids:
        return
    [other_id] = [id_ for id_ in channel.recipient_ids if id_ != author_id]
    if not world.user(other_id).takes_dms:
        raise refused(50007)
    if not any({author_id, other_id} <= set(g.members) for g in world.state.guilds.values()):
        raise refused(50278)
