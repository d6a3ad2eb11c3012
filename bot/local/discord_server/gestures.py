"""What one does beside messages: typing and reactions, for bots and members alike."""

from bot.local.discord_server import events
from bot.local.discord_server.errors import refused
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Channel, Message, Typing
from bot.local.discord_server.world import World

_LONGEST_EMOJI = 64


def show_typing(world: World, channel: Channel, user_id: int) -> None:
    """Show that somebody types; who may not write here is refused."""
    sending = Permission.SEND_MESSAGES
    needed = Permission.SEND_MESSAGES_IN_THREADS if channel.thread else sending
    world.require(user_id, channel, needed)
    typing = Typing(channel.id, user_id, world.clock())
    world.state.typings.append(typing)
    world.publish(events.typing_started(world, typing))


def react(world: World, message: Message, user_id: int, emoji: str) -> None:
    """React to a message one may read; a new emoji needs ADD_REACTIONS, joining in does not."""
    if not emoji.strip() or len(emoji) > _LONGEST_EMOJI:
        raise refused(10014)
    channel = world.channel(message.channel_id)
    world.require(user_id, channel, Permission.READ_MESSAGE_HISTORY)
    if emoji not in message.reactions:
        world.require(user_id, channel, Permission.ADD_REACTIONS)
    _set(world, message, user_id, emoji, added=True)


def take_back(world: World, message: Message, user_id: int, emoji: str) -> None:
    """Take a reaction of one's own back, or refuse with 10014."""
    if user_id not in message.reactions.get(emoji, ()):
        raise refused(10014)
    _set(world, message, user_id, emoji, added=False)


def _set(world: World, message: Message, user_id: int, emoji: str, *, added: bool) -> None:
    others = [id_ for id_ in message.reactions.get(emoji, ()) if id_ != user_id]
    message.reactions[emoji] = [*others, user_id] if added else others
    if not message.reactions[emoji]:
        del message.reactions[emoji]
    world.publish(events.reaction_changed(world, message, emoji, user_id, added=added))
