"""A thread on a question."""

import discord

from bot.errors import SourceGone
from bot.words import Sentence

_UNKNOWN_MESSAGE, _HAS_THREAD = 10008, 160004


async def open_thread(
    channel: object, message_id: int, title: str
) -> discord.abc.Messageable | None:
    """Open a thread on a message, or find the one that is there; None where there can be none.

    Raises:
        SourceGone: the message was deleted.
        discord.HTTPException: Discord refuses for another reason.

    """
    if not isinstance(channel, discord.TextChannel):
        return None
    try:
        return await channel.create_thread(name=title, message=discord.Object(message_id))
    except discord.HTTPException as error:
        if error.code == _UNKNOWN_MESSAGE:
            raise SourceGone("source_deleted", Sentence("The question was deleted.")) from error
        if error.code != _HAS_THREAD:
            raise
    # Its id is that of the message it was started on.
    return channel.get_thread(message_id) or await _fetch(channel, message_id)


async def _fetch(channel: discord.TextChannel, thread_id: int) -> discord.abc.Messageable | None:
    found = await channel.guild.fetch_channel(thread_id)
    return found if isinstance(found, discord.Thread) else None
