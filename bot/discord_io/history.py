"""Messages that were written while nobody listened."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime

import discord
from discord.utils import snowflake_time, time_snowflake

from bot.discord_io.posting import unreachable
from bot.domain.catching_up import Candidate, Kind

PAGE = 100
"""The most messages that Discord gives at a time."""

_Room = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread

Members = dict[tuple[int, int], discord.Member | None]
"""Members by server and id; None for those who are none any more."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a room: what comes after a time or a message, up to a time."""

    room: Candidate
    after: datetime | int
    until: datetime | None = None

    def goes_on_before(self, time: datetime, page: list[discord.Message]) -> bool:
        """Tell whether its first page is not all that is older than a time."""
        begins_before = isinstance(self.after, datetime) and self.after < time
        return begins_before and len(page) == PAGE and page[-1].created_at < time


def rooms_of(guild: discord.Guild) -> Iterator[Candidate]:
    """Name the rooms of a server that we may read, with the time of their newest message."""
    rooms: list[_Room] = [*guild.text_channels, *guild.voice_channels, *guild.stage_channels]
    for room in (*rooms, *guild.threads):
        if room.last_message_id is not None and _is_readable(room, guild):
            kind = Kind.THREAD if isinstance(room, discord.Thread) else Kind.CHANNEL
            yield Candidate(room.id, kind, snowflake_time(room.last_message_id), guild.id)


def _is_readable(room: _Room, guild: discord.Guild) -> bool:
    try:
        ours = room.permissions_for(guild.me)
    except discord.ClientException:  # a thread whose channel is not cached
        return False
    return ours.view_channel and ours.read_message_history


async def read_page(
    client: discord.Client, room_id: int, after: datetime | int
) -> list[discord.Message]:
    """Read the oldest messages of a room after a time, or after a message: one page at most.

    Raises:
        discord.HTTPException: Discord does not give them.

    """
    room = client.get_channel(room_id) or client.get_partial_messageable(room_id)
    if not isinstance(room, discord.abc.Messageable):
        return []
    start = after if isinstance(after, int) else time_snowflake(after)
    found = room.history(limit=PAGE, after=discord.Object(start), oldest_first=True)
    return [message async for message in found]


async def find_author(message: discord.Message, known: Members) -> bool:
    """Look up who wrote a message as a member, for history tells no roles.

    Args:
        message: its author is replaced.
        known: who was looked up before, None for those who left; is added to.

    Returns:
        False when they left the server.

    Raises:
        discord.HTTPException: Discord does not tell.

    """
    guild, author = message.guild, message.author
    if guild is None or isinstance(author, discord.Member):
        return True
    place = guild.id, author.id
    if place not in known:
        try:
            known[place] = guild.get_member(author.id) or await guild.fetch_member(author.id)
        except discord.NotFound:
            known[place] = None
    member = known[place]
    if member is not None:
        message.author = member
    return member is not None


async def pages(client: discord.Client, stretch: Stretch) -> AsyncIterator[list[discord.Message]]:
    """Read part of a room page by page, until there is nothing more, or nothing older than its end.

    The last page may be empty. A room that its server has no more, or has archived, has none.

    Raises:
        discord.HTTPException: Discord does not give them.
        Unreachable: Discord told nothing of its server yet.

    """
    room, after, until = stretch.room, stretch.after, stretch.until
    while _is_there(client, room):
        found = await read_page(client, room.room_id, after)
        yield found
        if len(found) < PAGE or (until is not None and found[-1].created_at >= until):
            return
        after = found[-1].id


def _is_there(client: discord.Client, room: Candidate) -> bool:
    """Tell whether a room may be read; one of a server that is not known would look like a DM.

    A new session forgets all rooms until their servers come, in the midst of a look too.
    """
    if room.guild_id is None or client.get_channel(room.room_id) is not None:
        return True
    guild = client.get_guild(room.guild_id)
    if guild is not None and guild.unavailable:
        raise unreachable()
    return False
