"""Looking back through the messages of a channel, page by page."""

from collections.abc import Mapping

from bot.local.discord_server.fields import read_id
from bot.local.discord_server.state import Message


def page(found: list[Message], query: Mapping[str, str], limit: int) -> list[Message]:
    """Cut the part that `before`, `after` or `around` asks for out of messages, oldest first."""
    if "after" in query:
        after = read_id(query, "after")
        return [message for message in found if message.id > after][:limit]
    if "around" in query:
        centre = read_id(query, "around")
        older = [message for message in found if message.id < centre][-(limit // 2) :]
        return older + [message for message in found if message.id >= centre][: limit - len(older)]
    before = read_id(query, "before") if "before" in query else 2**64
    return [message for message in found if message.id < before][-limit:]
