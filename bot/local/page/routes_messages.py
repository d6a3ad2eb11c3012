"""Messages: reading, writing, changing, reacting."""

from bot.local.discord_server import edits, gestures, messages
from bot.local.discord_server.fields import read_int
from bot.local.discord_server.history import page
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Message
from bot.local.page.api import NO_CONTENT, Call, Reply, Route
from bot.local.page.sent import read_message
from bot.local.page.shown import message_shown
from bot.local.page.sight import channel_for

_MESSAGES = "/channels/{channel}/messages"
_MESSAGE = _MESSAGES + "/{message}"


def routes() -> list[Route]:
    """List them."""
    reaction = _MESSAGE + "/reactions/{emoji}"
    return [
        Route("GET", _MESSAGES, list_messages),
        Route("POST", _MESSAGES, create_message),
        Route("PATCH", _MESSAGE, edit_message),
        Route("DELETE", _MESSAGE, delete_message),
        Route("POST", "/channels/{channel}/typing", show_typing),
        Route("PUT", reaction, react),
        Route("DELETE", reaction, take_reaction_back),
    ]


async def list_messages(call: Call) -> Reply:
    """Show up to 100 messages, newest first."""
    channel = call.channel
    if not call.world.can(call.me, channel, Permission.READ_MESSAGE_HISTORY):
        return Reply([])
    limit = read_int(call.query, "limit", 50, 1, 100)
    found = page(call.world.messages_in(channel.id, reader_id=call.me), call.query, limit)
    return Reply([_shown(call, message) for message in reversed(found)])


async def create_message(call: Call) -> Reply:
    """Post a message."""
    draft = read_message(call.payload, call.body.parts)
    if draft.target is not None and draft.target.channel_id is not None:
        channel_for(call.world, call.me, draft.target.channel_id)
    return Reply(_shown(call, messages.post(call.world, call.channel, call.me, draft)))


async def edit_message(call: Call) -> Reply:
    """Change the words of a message."""
    message = call.message
    edits.edit(call.world, message, call.me, {"content": call.payload.get("content")})
    return Reply(_shown(call, message))


async def delete_message(call: Call) -> Reply:
    """Delete a message: one's own, one that only they see, or as a moderator another's."""
    channel, message = call.channel, call.message
    if call.me not in (message.author_id, message.for_user_id):
        call.world.require(call.me, channel, Permission.MANAGE_MESSAGES)
    messages.delete(call.world, channel, [message])
    return NO_CONTENT


async def show_typing(call: Call) -> Reply:
    """Show that they type."""
    gestures.show_typing(call.world, call.channel, call.me)
    return NO_CONTENT


async def react(call: Call) -> Reply:
    """React to a message."""
    gestures.react(call.world, call.message, call.me, call.params["emoji"])
    return NO_CONTENT


async def take_reaction_back(call: Call) -> Reply:
    """Take a reaction back."""
    gestures.take_back(call.world, call.message, call.me, call.params["emoji"])
    return NO_CONTENT


def _shown(call: Call, message: Message) -> Json:
    return message_shown(call.world, message, call.me)
