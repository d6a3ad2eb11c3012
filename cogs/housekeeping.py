"""Periodic work, and what becomes of places that are no longer there."""

import logging

import discord
from discord.ext import commands, tasks

from bot.client import VoiceBot
from bot.domain.rooms import Scope
from bot.errors import BotError
from bot.services.housekeeping import Housekeeping

log = logging.getLogger(__name__)


class PeriodicWork(commands.Cog):
    """Tidies up at start and every few hours."""

    def __init__(self, housekeeping: Housekeeping) -> None:
        self._housekeeping = housekeeping

    async def cog_load(self) -> None:
        """Begin."""
        self.tidy.start()

    async def cog_unload(self) -> None:
        """End."""
        self.tidy.cancel()

    @tasks.loop(hours=6)
    async def tidy(self) -> None:
        """Throw away what is kept too long; a failure that rose would end that for good."""
        try:
            await self._housekeeping.tidy()
        except BotError as error:
            log.warning("not tidied up this time: %s", error.code)
        except Exception:
            log.exception("a defect kept us from tidying up this time")


class GonePlaces(commands.Cog):
    """Notes which rooms are deleted and which servers are left, so that their settings go later."""

    def __init__(self, bot: VoiceBot, housekeeping: Housekeeping) -> None:
        self._bot = bot
        self._housekeeping = housekeeping

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Make up for what happened while nobody listened."""
        await self._housekeeping.take_stock(
            {guild.id: _rooms_of(guild) for guild in self._bot.guilds}
        )

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Note that we left a server, or were sent away."""
        await self._housekeeping.place_gone((Scope.SERVER, guild.id))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Note that we are in a server, maybe again."""
        await self._housekeeping.server_entered(guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Note that a channel is gone with its threads, or a category without its channels."""
        is_category = isinstance(channel, discord.CategoryChannel)
        threads = [thread.id for thread in getattr(channel, "threads", ())]
        await self._housekeeping.place_gone(
            (Scope.CATEGORY if is_category else Scope.CHANNEL, channel.id),
            *((Scope.THREAD, id_) for id_ in threads),
        )

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        """Note that a thread is gone."""
        await self._housekeeping.place_gone((Scope.THREAD, event.thread_id))


def _rooms_of(guild: discord.Guild) -> set[int] | None:
    """Give the channels and categories of a server; None while Discord cannot show it."""
    return None if guild.unavailable else {channel.id for channel in guild.channels}


async def setup(bot: VoiceBot) -> None:
    """Give the cogs their service."""
    await bot.add_cog(PeriodicWork(bot.services.housekeeping))
    await bot.add_cog(GonePlaces(bot, bot.services.housekeeping))
