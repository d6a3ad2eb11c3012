"""After a time away: what was asked meanwhile is answered, or said to be too old."""

import asyncio
import logging
from datetime import datetime

import discord
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.history import Members, find_author, pages, rooms_of
from bot.discord_io.incoming import read
from bot.discord_io.network import CALL_ERRORS
from bot.discord_io.outlet import RoomOutlet, Source
from bot.domain.catching_up import MOST_READS, in_order
from bot.domain.incoming import Incoming
from bot.domain.triggers import may_be_ours
from bot.errors import BotError
from bot.services.catching_up import CatchingUp
from bot.services.replies import FAILURE, FAILURE_PART

log = logging.getLogger(__name__)


class MissedMessages(commands.Cog):
    """Looks through rooms whenever Discord begins a new session with us."""

    def __init__(self, bot: VoiceBot, catching_up: CatchingUp) -> None:
        self._bot = bot
        self._catching_up = catching_up
        self._looking = asyncio.Lock()
        self._away_since: datetime | None = None
        self._look_under_way: asyncio.Task[object] | None = None

    async def cog_load(self) -> None:
        """Find out since when nobody listened, before new questions come."""
        self._away_since = await self._catching_up.since()

    @commands.Cog.listener()
    async def on_disconnect(self) -> None:
        """Find it out once more: this session may be over for good."""
        if self._away_since is None:
            self._away_since = await self._catching_up.since()

    @commands.Cog.listener()
    async def on_resumed(self) -> None:
        """Forget it: what was missed came along."""
        self._away_since = None

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Look for what was missed before this new session."""
        since, self._away_since = self._away_since, None
        if since is not None:
            async with self._looking:
                self._look_under_way = asyncio.current_task()
                await self._look(since)
                self._look_under_way = None

    async def cog_unload(self) -> None:
        """Look no further: the next start does."""
        if self._look_under_way is not None:
            self._look_under_way.cancel()

    async def _look(self, since: datetime) -> None:
        rooms = [room for guild in self._bot.guilds for room in rooms_of(guild)]
        reads = found = 0
        members: Members = {}
        for room in in_order((*await self._catching_up.private_rooms(), *rooms), since):
            try:
                async for page in pages(self._bot, room.room_id, since):
                    reads += 1
                    found += await self._take(page, members)
                    if reads >= MOST_READS:
                        log.warning("not all rooms were looked through: %s pages read", reads)
                        return
            except CALL_ERRORS as error:
                log.info("room %s cannot be looked through: %s", room.room_id, type(error).__name__)
        log.info("looked for missed messages since %s: %s pages, %s found", since, reads, found)

    async def _take(self, page: list[discord.Message], members: Members) -> int:
        """Bring messages that may be for us to where new ones go; tells how many."""
        taken = 0
        for message in page:
            incoming = read(message, self._bot.me)
            if incoming is None or not may_be_ours(incoming):
                continue
            if self._catching_up.is_young(message.created_at):
                if await find_author(message, members):
                    self._bot.dispatch("message", message)
                    taken += 1
            elif (sentence := await self._catching_up.tell_too_old(incoming)) is not None:
                await self._say(incoming, sentence)
        return taken

    async def _say(self, incoming: Incoming, sentence: str) -> None:
        bot = self._bot
        outlet = RoomOutlet(bot, Source.of(incoming, None), bot.voice_bans, bot.components)
        try:
            await outlet.post_text(FAILURE.format(sentence=sentence), part=FAILURE_PART)
        except BotError as error:
            log.info("a room cannot be told that its questions are too old: %s", error.code)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(MissedMessages(bot, bot.services.catching_up))
