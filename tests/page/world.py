"""The whole demo in the test's process: both stand-ins, the bot, and the page in front of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Message
from bot.local.page.scenery import new_demo_world
from bot.local.page.server import Backstage, PageServer
from bot.local.together import together


@dataclass(frozen=True)
class Demo:
    """What runs."""

    discord: DiscordServer
    chat: ChatServer
    page: PageServer

    def posted(self, message_id: str) -> Message:
        """Look a message of the page up behind it."""
        return self.discord.world.state.messages[int(message_id)]

    def file_of(self, message: Message) -> bytes:
        """The first file of a message, as it was posted."""
        return self.discord.world.state.files[message.attachments[0].id]


@asynccontextmanager
async def demonstrated(folder: Path) -> AsyncIterator[Demo]:
    """Start everything on a folder with a migrated database."""
    discord, chat = DiscordServer(new_demo_world()), ChatServer()
    async with together(folder, discord=discord, chat=chat), page_of(discord) as page:
        yield Demo(discord, chat, page)


def page_of(discord: DiscordServer) -> PageServer:
    engine = {"live": False, "hears": True, "thinks": "rules", "speaks": "espeak", "notice": "Demo"}
    return PageServer(discord.world, Backstage(engine=lambda: engine))
