"""A channel, a thread and a forum post, members, and what is set directly in the database."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from bot.domain.rooms import Scope
from bot.local.discord_server import building
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.options import Value
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from tests.e2e.world import Talk, talking


@dataclass
class Scene:
    """Ada and Bob in a server, and Eve elsewhere, who has brought the bot along."""

    talk: Talk
    lounge: Channel
    thread: Channel
    post: Channel
    ada: MemberClient
    bob: MemberClient
    eve: MemberClient
    elsewhere: Channel

    def room(self, kind: str) -> Channel:
        """Find a room by its kind; the DM is Ada's."""
        rooms = {"channel": self.lounge, "thread": self.thread, "post": self.post}
        return rooms.get(kind, self.ada.dm_channel)

    async def refusal(
        self, who: MemberClient, command: str, room: Channel, **options: Value
    ) -> str:
        """Use a slash command that is refused, and give what its user alone is told."""
        response = await who.response(who.slash(command, room, **options))
        assert response.for_user_id == who.user.id
        return response.content

    async def choose(self, scope: Scope, place_id: int, name: str, value: str) -> None:
        """Set something, as an owner does by hand."""
        kept = (scope.value, place_id, name, value)

        def insert() -> None:
            with closing(sqlite3.connect(self.talk.folder / "bot.db")) as database, database:
                database.execute(
                    "insert into room_settings (scope, place_id, name, value, set_by, set_at)"
                    " values (?, ?, ?, ?, 1, '2026-11-21 12:00:00.000000')",
                    kept,
                )

        await asyncio.to_thread(insert)

    def seen_by_all(self, room: Channel) -> list[Message]:
        """What the bot wrote there for everybody."""
        world = self.talk.discord.world
        return [m for m in world.messages_in(room.id) if m.author_id == world.bot_id]


def outsider(discord: DiscordServer) -> tuple[MemberClient, Channel]:
    """Make somebody who has the application installed, and a server of theirs without the bot."""
    world = discord.world
    user = building.add_user(world, "Eve")
    user.installed = True
    guild = building.add_guild(world, "Elsewhere", user.id, bot_permissions=None)
    return MemberClient(world, user), building.add_channel(world, guild, "lobby")


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    """Look into the bot's database, best once the bot has stopped: then all is written."""
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        return database.execute(query).fetchall()


@asynccontextmanager
async def scene(folder: Path, *, text_model: str = "") -> AsyncIterator[Scene]:
    """Start everything."""
    async with talking(folder, TEXT_MODEL=text_model) as talk:
        world, guild = talk.discord.world, talk.discord.guild
        lounge = building.add_channel(world, guild, "lounge")
        forum = building.add_channel(world, guild, "forum", ChannelType.FORUM)
        ada, bob = talk.ada, talk.discord.member("Bob")
        post, _ = bob.post_to_forum(forum, "A question", "What about it?")
        eve, elsewhere = outsider(talk.discord)
        yield Scene(
            talk,
            lounge,
            bob.start_thread(bob.say(lounge, "A topic")),
            post,
            ada,
            bob,
            eve,
            elsewhere,
        )
