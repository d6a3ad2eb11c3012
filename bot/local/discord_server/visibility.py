"""What a bot without the Message Content intent is shown.

Source: https://docs.discord.com/developers/events/gateway (Message Content Intent). Replies to
answers of interactions, and mentions of the bot's role, give no content.
"""

from bot.local.discord_server.state import Message
from bot.local.discord_server.world import World


def is_content_shown(world: World, message: Message) -> bool:
    """Whether the bot may read this message although it lacks the intent."""
    return (
        message.author_id == world.bot_id
        or world.channel(message.channel_id).guild_id is None
        or world.bot_id in message.pinged_user_ids
        or (message.pinged_author_id == world.bot_id and not message.answers_interaction)
    )


def pinged_users(message: Message) -> list[int]:
    """List `mentions`: the users whom the text pings, and the one whom the reply pings."""
    replied = message.pinged_author_id
    if replied is None or replied in message.pinged_user_ids:
        return message.pinged_user_ids
    return [*message.pinged_user_ids, replied]
