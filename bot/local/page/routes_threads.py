"""Threads and forum posts."""

from bot.local.discord_server import threads
from bot.local.discord_server.errors import invalid_form
from bot.local.page.api import Call, Reply, Route
from bot.local.page.sent import read_message
from bot.local.page.shown import message_shown, place_shown

_CHANGEABLE = frozenset({"name", "archived", "locked"})


def routes() -> list[Route]:
    """List them."""
    return [
        Route("POST", "/channels/{channel}/messages/{message}/threads", start_thread),
        Route("POST", "/channels/{channel}/threads", post_to_forum),
        Route("PATCH", "/channels/{channel}", change_thread),
    ]


async def start_thread(call: Call) -> Reply:
    """Start the thread of a message."""
    name = threads.check_name(call.payload.get("name"))
    thread = threads.start_on_message(call.world, call.message, call.me, name)
    return Reply(place_shown(call.world, thread, call.me), 201)


async def post_to_forum(call: Call) -> Reply:
    """Open a forum post."""
    said = call.payload.get("message")
    if not isinstance(said, dict):
        raise invalid_form("message", "BASE_TYPE_REQUIRED", "This field is required")
    draft = read_message(said, call.body.parts)
    name = threads.check_name(call.payload.get("name"))
    thread, first = threads.post_to_forum(call.world, call.channel, call.me, name, draft)
    shown = place_shown(call.world, thread, call.me)
    return Reply(shown | {"message": message_shown(call.world, first, call.me)}, 201)


async def change_thread(call: Call) -> Reply:
    """Rename, archive or lock a thread."""
    asked = {name: value for name, value in call.payload.items() if name in _CHANGEABLE}
    thread = call.channel
    threads.change(call.world, thread, call.me, asked)
    return Reply(place_shown(call.world, thread, call.me))
