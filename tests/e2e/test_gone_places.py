"""What is deleted in Discord, or left, is noted, so that its settings go after a while."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

from bot.domain.rooms import Scope
from bot.local.chat_server import ChatServer
from bot.local.discord_server import building, events
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from tests.e2e.world import GOLDEN, Talk, bot_between, talking

Gone = set[tuple[str, int]]


async def gone(talk: Talk) -> Gone:
    """What is noted once the bot has answered: by then it has heard all that was before."""
    await talk.answer(talk.mention(GOLDEN))
    with closing(sqlite3.connect(talk.folder / "bot.db", timeout=5)) as database:
        return set(database.execute("SELECT scope, place_id FROM gone_places"))


@asynccontextmanager
async def logged(logger: str, words: str) -> AsyncIterator[None]:
    """Wait at the end until these words stand in the log."""
    heard, log = asyncio.Event(), logging.getLogger(logger)

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if words in record.getMessage():
                heard.set()

    listener, level = Listener(), log.level
    log.addHandler(listener)
    log.setLevel(logging.INFO)
    try:
        yield
        await asyncio.wait_for(heard.wait(), 20)
    finally:
        log.removeHandler(listener)
        log.setLevel(level)


async def test_deleted_rooms_and_servers_left_are_noted(folder: Path) -> None:
    async with AsyncExitStack() as stack:
        async with logged("bot.client", "ready as"):
            talk = await stack.enter_async_context(talking(folder))
        world, guild = talk.discord.world, talk.discord.guild
        category = building.add_channel(world, guild, "Rooms", ChannelType.CATEGORY)
        lounge = building.add_channel(world, guild, "lounge")
        thread = talk.ada.start_thread(talk.ada.say(lounge, "A topic"))
        other = building.add_guild(world, "Other", talk.ada.user.id)
        assert await gone(talk) == set()
        building.remove_channel(world, category)
        building.remove_channel(world, lounge)
        building.remove_bot(world, other)
        rooms = {
            (Scope.CATEGORY, category.id),
            (Scope.CHANNEL, lounge.id),
            (Scope.THREAD, thread.id),
        }
        assert await gone(talk) == {*rooms, (Scope.SERVER, other.id)}
        building.join(world, other, world.bot_id)
        world.publish(events.guild_joined(world, other))
        assert await gone(talk) == rooms


async def test_what_was_deleted_while_the_bot_was_away_is_noted_at_its_start(
    folder: Path,
) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        lounge = building.add_channel(discord.world, discord.guild, "lounge")
        async with bot_between(discord, chat, folder) as talk:
            moderator = discord.member("Mod", permissions=int(Permission.MANAGE_CHANNELS))
            for room in (lounge, talk.general):
                await moderator.response(moderator.slash("voice set", room, voice="coral"))
        building.remove_channel(discord.world, lounge)
        async with AsyncExitStack() as stack:
            async with logged("bot.services.housekeeping", "places with settings are gone"):
                talk = await stack.enter_async_context(bot_between(discord, chat, folder))
            assert await gone(talk) == {(Scope.CHANNEL, lounge.id)}
