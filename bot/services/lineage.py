"""Which conversation a question goes on with."""

from bot.domain.incoming import Address, Incoming, ReplyTo
from bot.storage.inbox import InboxStore
from bot.storage.turns import TurnStore


async def parent_of(incoming: Incoming, turns: TurnStore, inbox: InboxStore) -> int | None:
    """Find the turn a question continues: the one replied to, else the newest of the place."""
    reply_to, room = incoming.reply_to, incoming.room
    if incoming.address is Address.COMMAND:
        return None
    if reply_to is not None:
        turn_id = await _replied(reply_to, turns, inbox)
        if turn_id is not None:
            return turn_id
    if room.is_dm:
        return await turns.latest_in(room.id)
    if room.thread_id is not None:
        newest = await turns.latest_in(room.thread_id)
        return newest or await _about(room.thread_id, turns, inbox)
    return None


async def _replied(reply_to: ReplyTo, turns: TurnStore, inbox: InboxStore) -> int | None:
    """Find the turn of the message replied to; a notice of ours stands for what it is about."""
    turn_id = await _about(reply_to.message_id, turns, inbox)
    if turn_id is None and reply_to.ours and reply_to.answers is not None:
        turn_id = await _about(reply_to.answers, turns, inbox)
    return turn_id


async def _about(message_id: int, turns: TurnStore, inbox: InboxStore) -> int | None:
    """Find the turn of a message, or the one that a question without a turn was to continue."""
    return await turns.of_message(message_id) or await inbox.continued(message_id)
