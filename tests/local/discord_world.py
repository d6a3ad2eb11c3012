"""Real discord.py clients, led to a stand-in Discord."""

import asyncio
import contextlib
import dataclasses
import io
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel
from bot.tasks import spawn

Files = Sequence[tuple[str, bytes, str]]
"""Name, bytes and content type of each."""

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


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> int | None:
        """Discord's JSON error code."""
        return self.body.get("code") if isinstance(self.body, dict) else None

    @property
    def field_errors(self) -> list[str]:
        """The codes in the error tree of a 50035."""
        return list(_codes(self.body.get("errors", {})))


class RawApi:
    """Asks the REST API without any library in between."""

    def __init__(self, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self._server = server
        self._session = session

    async def call(
        self,
        method: str,
        path: str,
        payload: object = None,
        files: Files = (),
        token: str | None = None,
    ) -> Answer:
        """Send one request; `files` are name, bytes and content type."""
        headers = {"Authorization": f"Bot {self._server.token if token is None else token}"}
        body: dict[str, Any] = {}
        if files:
            body = {"data": _form(payload, files)}
        elif payload is not None:
            headers["Content-Type"] = "application/json"
            body = {"data": io.BytesIO(json.dumps(payload).encode())}
        url = self._server.api_url + path
        async with self._session.request(method, url, headers=headers, **body) as response:
            is_json = response.content_type == "application/json"
            content = await (response.json() if is_json else response.text())
            return Answer(response.status, content, response.headers.copy())

    async def post(
        self,
        channel: Channel,
        payload: object = None,
        files: Files = (),
    ) -> Answer:
        """Post a message as the bot."""
        return await self.call("POST", f"/channels/{channel.id}/messages", payload, files)


def voice_payload(**changes: object) -> dict[str, Any]:
    """Write what a voice message of the bot must say; None takes a detail of the file away."""
    sound = {"id": 0, "filename": "voice-message.ogg", "duration_secs": 1.25, "waveform": "AAEC"}
    extra = {name: value for name, value in changes.items() if name not in sound}
    changed = sound | {name: value for name, value in changes.items() if name in sound}
    kept = {name: value for name, value in changed.items() if value is not None}
    return {"flags": 8192, "attachments": [kept], **extra}


VOICE_FILE = ("voice-message.ogg", b"OggS" + bytes(60), "audio/ogg")


def _form(payload: object, files: Files) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", json.dumps(payload or {}))
    for index, (name, data, content_type) in enumerate(files):
        form.add_field(
            f"files[{index}]", io.BytesIO(data), filename=name, content_type=content_type
        )
    return form


def _codes(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from (error["code"] for error in tree.get("_errors", ()))
        for branch in tree.values():
            yield from _codes(branch)
