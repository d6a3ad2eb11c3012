"""After a time away: what was asked meanwhile is answered, or said to be too old."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import discord
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.history import Members, Stretch, find_author, pages, rooms_of
from bot.discord_io.incoming import read
from bot.discord_io.network import CALL_ERRORS
from bot.discord_io.outlet import RoomOutlet, Source
from bot.domain.catching_up import MOST_READS, Candidate, in_order
from bot.domain.incoming import Incoming
from bot.domain.triggers import may_be_ours
from bot.errors import BotError
from bot.services.catching_up import PAUSES_S, CatchingUp
from bot.services.closing import is_notice
from bot.services.replies import Replies
from bot.tasks import spawn

log = logging.getLogger(__name__)


@dataclass
class _Look:
    """How far a look through rooms has come.

    Attributes:
        since: from when on.
        reads: pages that were read.
        found: messages that may be for us.
        members: those who were looked up.
        is_again: whether only rooms are left that could not be looked through before.

    """

    since: datetime
    reads: int = 0
    found: int = 0
    members: Members = field(default_factory=dict)
    is_again: bool = False

    def is_over(self) -> bool:
        """Tell whether it is to go no further."""
        return self.reads >= MOST_READS


class MissedMessages(commands.Cog):
    """Looks through rooms whenever Discord begins a new session with us.

    What a lost connection missed comes along when its session is taken up again. Only a new session
    leaves a gap, and a look is owed for it until one has been made: the next loss may come first.
    """

    def __init__(self, bot: VoiceBot, catching_up: CatchingUp, replies: Replies) -> None:
        self._bot = bot
        self._replies = replies
        self._catching_up = catching_up
        self._in_order = asyncio.Lock()
        self._looking = asyncio.Lock()
        self._away_since: datetime | None = None
        self._owed_since: datetime | None = None
        self._look_under_way: asyncio.Task[object] | None = None
        self._missing: frozenset[int] = frozenset()
        self._is_partial = True

    async def cog_load(self) -> None:
        """Find out since when nobody listened, before new questions come."""
        await self._owe(await self._catching_up.since())

    @commands.Cog.listener()
    async def on_disconnect(self) -> None:
        """Find it out once more: this session may be over for good."""
        async with self._in_order:
            if self._away_since is None:
                self._away_since = await self._catching_up.since()

    @commands.Cog.listener()
    async def on_resumed(self) -> None:
        """Forget it: what was missed came along."""
        async with self._in_order:
            self._away_since = None

    @commands.Cog.listener()
    async def on_connect(self) -> None:
        """Keep it: a new session begins, which knows nothing of the time before."""
        self._missing = frozenset()  # its own look finds out which servers are not there
        async with self._in_order:
            since, self._away_since = self._away_since, None
            await self._owe(since)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Look for what was missed before this new session."""
        async with self._looking:
            await self._look_since_owed(self._look)

    @commands.Cog.listener()
    async def on_guild_unavailable(self, guild: discord.Guild) -> None:
        """Owe a look through a server that has trouble of its own: it tells us nothing now."""
        if self._owed_since is None and self._look_under_way is None:
            self._is_partial = False  # all else was looked through
        self._missing |= {guild.id}
        async with self._in_order:
            await self._owe(await self._catching_up.since())

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """Look through a server of which Discord told only after the look: its own trouble."""
        async with self._looking:
            if guild.id in self._missing:
                await self._look_since_owed(partial(self._look_late, guild))

    async def _look_since_owed(self, look: Callable[[datetime], Awaitable[bool]]) -> None:
        """Look from the time that is owed; it stays owed where the look is not whole."""
        async with self._in_order:  # a slow database may still be asked what is owed
            since, self._owed_since = self._owed_since, None
        if since is None:
            return
        self._look_under_way, is_whole = asyncio.current_task(), False
        try:
            is_whole = await look(self._catching_up.within_reach(since))
        finally:
            self._look_under_way = None
            if not is_whole:
                self._note_owed(since)
        if self._owed_since is None:
            await self._catching_up.owe(None)

    async def cog_unload(self) -> None:
        """Look no further: the next start does."""
        if self._look_under_way is not None:
            self._look_under_way.cancel()

    async def _owe(self, since: datetime | None) -> None:
        if since is not None:
            self._note_owed(since)
            await self._catching_up.owe(self._owed_since)

    def _note_owed(self, since: datetime) -> None:
        self._owed_since = min(since, self._owed_since or since)

    async def _look(self, since: datetime) -> bool:
        """Look through all rooms; False when some could not be: the next session looks again."""
        guilds, self._is_partial = self._bot.guilds, True
        missing = self._missing = frozenset(guild.id for guild in guilds if guild.unavailable)
        known = [room for guild in guilds for room in rooms_of(guild)]
        rooms = in_order((*await self._catching_up.private_rooms(), *known), since)
        self._is_partial = not await self._look_at(rooms, since)
        if missing:
            log.warning("%s servers are not there yet to be looked through", len(missing))
        return not missing and not self._is_partial

    async def _look_late(self, guild: discord.Guild, since: datetime) -> bool:
        """Look through the rooms of one server; False while others are not looked through."""
        self._missing -= {guild.id}  # it may fall away again meanwhile
        if not await self._look_at(in_order(rooms_of(guild), since), since):
            self._is_partial = True
        return not self._missing and not self._is_partial

    async def _look_at(self, rooms: list[Candidate], since: datetime) -> bool:
        look = _Look(since)
        if len(rooms) > MOST_READS:
            log.warning("%s rooms are not looked through", len(rooms) - MOST_READS)
            rooms = rooms[:MOST_READS]
        for pause_s in PAUSES_S:
            await asyncio.sleep(pause_s)
            rooms = await self._look_through(rooms, look)
            if not rooms or look.is_over():
                break
            look.is_again = True
        if look.is_over():
            log.warning("not all rooms were looked through: %s pages read", look.reads)
        if rooms:
            log.warning("%s rooms could not be looked through", len(rooms))
        return not rooms

    async def _look_through(self, rooms: list[Candidate], look: _Look) -> list[Candidate]:
        """Look through rooms, and give those that could not be looked through this time.

        Of a busy room the old lines, in which questions are only said to be too old, come after all
        else: they must not take the place of what is still to be answered.
        """
        failed: list[Candidate] = []
        young_since = self._catching_up.young_since()
        stretches = deque(Stretch(room, look.since) for room in rooms)
        while stretches and not look.is_over():
            stretch = stretches.popleft()
            room = stretch.room
            try:
                async for page in pages(self._bot, stretch):
                    look.reads += 1
                    look.found += await self._take(page, look.members)
                    if look.is_over():
                        break
                    if stretch.goes_on_before(young_since, page):
                        stretches.appendleft(Stretch(room, young_since))
                        stretches.append(Stretch(room, page[-1].id, young_since))
                        break
            except (discord.Forbidden, discord.NotFound):
                log.info("room %s is closed to us", room.room_id)
            except (BotError, *CALL_ERRORS) as error:
                log.info("room %s cannot be looked through: %s", room.room_id, type(error).__name__)
                failed.append(room)
        log.info(
            "looked for missed messages since %s: %s pages, %s found",
            look.since,
            look.reads,
            look.found,
        )
        if look.is_again:
            failed += (stretch.room for stretch in stretches)
        return list(dict.fromkeys(failed))

    async def _take(self, page: list[discord.Message], members: Members) -> int:
        """Bring messages that may be for us to where new ones go; tells how many."""
        taken, told = 0, self._told_in(page)
        for message in page:
            incoming = read(message, self._bot.me)
            if incoming is None or not may_be_ours(incoming) or message.id in told:
                continue
            if self._catching_up.is_young(message.created_at):
                if await find_author(message, members):
                    self._bot.dispatch("message", message)
                    taken += 1
            elif (words := await self._catching_up.take_too_old(incoming)) is not None:
                telling = self._replies.tell_too_old(incoming, self._outlet(incoming), words)
                spawn(telling, name=f"the end of {incoming.message_id}")  # the look goes on
        return taken

    def _told_in(self, page: list[discord.Message]) -> set[int | None]:
        """Name the messages whose askers were told why they get no answer.

        Those that are not stored were refused while nothing could be.
        """
        ours = self._bot.me.user.id
        notices = (each for each in page if each.author.id == ours and is_notice(each.content))
        return {each.reference.message_id for each in notices if each.reference}

    def _outlet(self, incoming: Incoming) -> RoomOutlet:
        bot = self._bot
        return RoomOutlet(bot, Source.of(incoming), bot.voice_bans, bot.gates, bot.components)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(MissedMessages(bot, bot.services.catching_up, bot.services.replies))
