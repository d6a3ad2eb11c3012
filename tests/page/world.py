"""The whole demo in the test's process: both stand-ins, the bot, and the page in front of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.local.answering import Answering
from bot.local.chat_server import ChatServer, Ears
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Message
from bot.local.open_page import Opening, running
from bot.local.page.server import PageServer
from tests.page.spoken import engines


class NotedEars:
    """Hears by an engine, and notes what it heard; hears nothing without one."""

    def __init__(self, engine: Ears | None) -> None:
        self._engine = engine
        self.heard: list[str] = []

    def hear(self, pcm: bytes) -> str:
        self.heard.append(self._engine.hear(pcm) if self._engine else "")
        return self.heard[-1]


@dataclass(frozen=True)
class Demo:
    """What runs."""

    discord: DiscordServer
    chat: ChatServer
    page: PageServer
    ears: NotedEars

    def posted(self, message_id: str) -> Message:
        """Look a message of the page up behind it."""
        return self.discord.world.state.messages[int(message_id)]

    def file_of(self, message: Message) -> bytes:
        """The first file of a message, as it was posted."""
        return self.discord.world.state.files[message.attachments[0].id]


@asynccontextmanager
async def demonstrated(folder: Path) -> AsyncIterator[Demo]:
    """Start what `python -m bot demo` starts, on a folder with a migrated database."""
    best = engines()
    ears = NotedEars(best.ears)
    model = Answering(ChatServer(ears=ears, mind=best.mind, voice=best.voice), best)
    async with running(Opening(folder=folder), model) as (page, bot):
        yield Demo(bot.discord, model.chat, page, ears)
