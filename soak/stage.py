"""The bot between both stand-ins, and what became of each question."""

import asyncio
import atexit
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from bot import app
from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Message
from bot.local.together import database_url, settings_for
from bot.tasks import spawn

LOOK_EVERY_S = 0.02

UNBOUND = {"MEMBER_RATE": "0", "SERVER_RATE": "0", "MAX_IN_FLIGHT": "64"}
"""Settings of a bot that members may ask as much as they like."""


@dataclass(frozen=True, slots=True)
class End:
    """How a question ended: as the bot noted it, and after how many seconds."""

    state: str
    reason: str | None
    after_s: float

    @property
    def is_open(self) -> bool:
        """Whether it did not end at all."""
        return self.state in ("unknown", "received", "claimed")

    def __str__(self) -> str:
        return self.state if self.reason is None else f"{self.state}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Stage:
    """The bot at work between the stand-ins."""

    discord: DiscordServer
    chat: ChatServer
    folder: Path

    async def end_of(self, question: Message, within_s: float) -> End:
        """Wait for the end of a question; the state it hangs in where none comes in time."""
        begun = time.monotonic()
        while True:
            took_s = time.monotonic() - begun
            end = End(*self.state_of(question), took_s)
            if not end.is_open or took_s > within_s:
                return end
            await asyncio.sleep(LOOK_EVERY_S)

    def state_of(self, question: Message) -> tuple[str, str | None]:
        """Look into the bot's database for a question."""
        with closing(sqlite3.connect(self.folder / "bot.db")) as database:
            found = database.execute(
                "SELECT state, reason FROM inbox WHERE message_id = ?", (question.id,)
            ).fetchone()
        return ("unknown", None) if found is None else (str(found[0]), found[1])

    def written(self) -> list[Message]:
        """Find all that the bot wrote, in whatever room."""
        world = self.discord.world
        return [each for each in world.state.messages.values() if each.author_id == world.bot_id]

    def replies_to(self, question: Message) -> list[Message]:
        """Find what the bot wrote in answer to a question itself."""
        return [
            each
            for each in self.written()
            if each.reference is not None and each.reference.message_id == question.id
        ]


@asynccontextmanager
async def stage(
    folder: Path, discord: DiscordServer, chat: ChatServer, **settings: str
) -> AsyncIterator[Stage]:
    """Run the bot between servers that run already, from its data in `folder`."""
    chosen = UNBOUND | settings
    stop = asyncio.Event()
    running = spawn(app.run(settings_for(discord, chat, folder, **chosen), stop), name="the bot")
    try:
        await discord.wait_until_ready(30)
        yield Stage(discord, chat, folder)
    finally:
        stop.set()
        await running


def fast_disk() -> Path | None:
    """Find a disk in memory: syncing takes no virtual time, but real one."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


def new_folder(parent: Path, name: str) -> Path:
    """Make a folder with an empty database that needs no migration."""
    folder = parent / name
    folder.mkdir()
    shutil.copy(_migrated(), folder / "bot.db")
    return folder


@cache
def _migrated() -> Path:
    folder = Path(mkdtemp(prefix="soak-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    app.migrate(database_url(folder))
    return folder / "bot.db"
