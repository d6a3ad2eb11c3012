"""What a member sees: the places, and in them the messages."""

from bot.local.discord_server.errors import refused
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Channel, Message
from bot.local.discord_server.world import World


def sees(world: World, user_id: int, channel: Channel) -> bool:
    """Whether a member sees a place; a private thread is for who is in it, or moderates."""
    if not world.can(user_id, channel, Permission.VIEW_CHANNEL):
        return False
    thread = channel.thread
    if thread is None or channel.type is not ChannelType.PRIVATE_THREAD:
        return True
    return user_id in thread.member_ids or world.can(user_id, channel, Permission.MANAGE_THREADS)


def channel_for(world: World, user_id: int, channel_id: int) -> Channel:
    """Find a place that a member sees, or refuse with 10003 or 50001."""
    channel = world.channel(channel_id)
    if not sees(world, user_id, channel):
        raise refused(50001)
    return channel


def message_for(world: World, user_id: int, channel: Channel, message_id: int) -> Message:
    """Find a message that a member may read there, or refuse with 10008 or 50013."""
    message = world.message(channel.id, message_id, user_id)
    if message.author_id != user_id:
        world.require(user_id, channel, Permission.READ_MESSAGE_HISTORY)
    return message
