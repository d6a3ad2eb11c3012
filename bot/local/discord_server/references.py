"""The message that another one answers or passes on."""

from bot.local.discord_server.drafts import Draft, Target
from bot.local.discord_server.errors import invalid_form, refused, unknown_reference
from bot.local.discord_server.kinds import MessageType
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Channel, Message
from bot.local.discord_server.visibility import is_content_shown
from bot.local.discord_server.world import World

_ANSWERABLE = frozenset(
    {
        MessageType.DEFAULT,
        MessageType.REPLY,
        MessageType.CHAT_INPUT_COMMAND,
        MessageType.CONTEXT_MENU_COMMAND,
    }
)


def existing_target(world: World, channel: Channel, author_id: int, draft: Draft) -> Message | None:
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
    if found is None or found.channel_id != target.channel_id or found.for_user_id is not None:
        raise unknown_reference()
    world.require(author_id, world.channel(found.channel_id), Permission.READ_MESSAGE_HISTORY)
    readable = world.content_is_granted or is_content_shown(world, found)
    if author_id == world.bot_id and not readable:
        raise refused(160014)
    return found
