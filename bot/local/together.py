"""The bot between both stand-ins: Discord, the bot and the model in one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import app
from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from bot.settings import Settings
from bot.tasks import spawn


@dataclass(frozen=True, slots=True)
class Together:
    """Both stand-ins, with the bot connected to them; `running` ends when the bot does."""

    discord: DiscordServer
    chat: ChatServer
    running: "asyncio.Task[None]"


def environment_for(
    discord: DiscordServer, chat: ChatServer, folder: Path, **more: str
) -> dict[str, str]:
    """Set a bot up for the stand-ins, with its database in `folder`, and nothing of the machine's.

    Args:
        discord: where it connects to.
        chat: what it asks.
        folder: where its data goes.
        more: further settings by their names in `.env.example`.

    """
    return {
        "DISCORD_TOKEN": discord.token,
        "DISCORD_API_URL": discord.api_url,
        "DISCORD_GATEWAY_URL": discord.gateway_url,
        "ATTACHMENT_HOSTS": "127.0.0.1",
        "PROVIDER": chat.preset.provider,
        "OPENAI_BASE_URL": chat.base_url,
        "OPENAI_API_KEY": chat.key,
        "DATABASE_URL": database_url(folder),
        "SESSION_STARTS_PER_HOUR": "1000",  # a stand-in resets no token
        **more,
    }


def database_url(folder: Path) -> str:
    """Name the bot's database in a folder."""
    return f"sqlite+aiosqlite:///{folder.absolute()}/bot.db"


def settings_for(discord: DiscordServer, chat: ChatServer, folder: Path, **more: str) -> Settings:
    """Read the settings of `environment_for`."""
    return Settings.from_env(environment_for(discord, chat, folder, **more))


@asynccontextmanager
async def together(
    folder: Path, *, discord: DiscordServer, chat: ChatServer, **more: str
) -> AsyncIterator[Together]:
    """Start both servers and the bot, wait until it is connected, and stop it in order.

    Raises:
        BotError: the bot does not start.

    """
    async with discord, chat, bot_between(discord, chat, folder, **more) as running:
        yield Together(discord, chat, running)


@asynccontextmanager
async def bot_between(
    discord: DiscordServer, chat: ChatServer, folder: Path, **more: str
) -> AsyncIterator["asyncio.Task[None]"]:
    """Start the bot alone, wait until it is connected, and stop it in order; servers outlive it.

    Raises:
        BotError: the bot does not start.

    """
    stop = asyncio.Event()
    running = spawn(app.run(settings_for(discord, chat, folder, **more), stop), name="the bot")
    try:
        await _connected(discord, running)
        yield running
    finally:
        stop.set()
        await running


async def _connected(discord: DiscordServer, running: "asyncio.Task[None]") -> None:
    ready = spawn(discord.wait_until_ready(30), name="bot connects")
    await asyncio.wait((ready, running), return_when=asyncio.FIRST_COMPLETED)
    if not ready.done():
        ready.cancel()
        await running
    await ready
