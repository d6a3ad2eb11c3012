"""Real discord.py clients, led to a stand-in Discord."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.local.discord_server.server import DiscordServer
from bot.tasks import spawn

UNPRIVILEGED = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)


@contextlib.contextmanager
def redirected_to(server: DiscordServer) -> Iterator[None]:
    """Redirect the only two addresses that discord.py has, and put them back."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE = server.api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


class Listener(discord.Client):
    """A client that keeps what it hears: `await listener.heard("message")`."""

    def __init__(self, intents: discord.Intents = UNPRIVILEGED) -> None:
        super().__init__(
            intents=intents,
            guild_ready_timeout=0.01,
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self._heard: dict[str, asyncio.Queue[tuple[object, ...]]] = {}

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once: the library waits 5 seconds for the second time."""

    def dispatch(self, event: str, /, *args: object, **kwargs: object) -> None:
        self._queue(event).put_nowait(args)
        super().dispatch(event, *args, **kwargs)

    async def heard(self, event: str) -> tuple[object, ...]:
        """Wait for the next event of a name (`message`, `resumed`), and give its arguments."""
        async with asyncio.timeout(10):
            return await self._queue(event).get()

    async def message(self) -> discord.Message:
        """Wait for the next message of somebody else."""
        while True:
            [message] = await self.heard("message")
            assert isinstance(message, discord.Message)
            if message.author.id != self.application_id:
                return message

    async def interaction(self) -> "discord.Interaction[Listener]":
        """Wait for the next interaction."""
        [interaction] = await self.heard("interaction")
        assert isinstance(interaction, discord.Interaction)
        return interaction

    def _queue(self, event: str) -> asyncio.Queue[tuple[object, ...]]:
        return self._heard.setdefault(event, asyncio.Queue())


@contextlib.asynccontextmanager
async def connected(
    server: DiscordServer, intents: discord.Intents = UNPRIVILEGED
) -> AsyncIterator[Listener]:
    """Log a client in, wait until it is ready, and close it in the end."""
    client = Listener(intents)
    running = spawn(client.start(server.token), name="discord client")
    try:
        await client.heard("ready")
        yield client
    finally:
        await client.close()
        await asyncio.wait([running])
