"""A browser at the demo's page, without its windows: cookie, origin, events."""

import io
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from bot.local.discord_server.state import Channel, User
from bot.local.discord_server.world import World
from bot.local.page.scenery import new_demo_world
from bot.local.page.server import Backstage, PageServer

Json = dict[str, Any]
ENGINE: Json = {"live": False, "ready": True, "progress": 1.0}


@dataclass(frozen=True, slots=True)
class Got:
    """An answer, read."""

    status: int
    headers: Any
    raw: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON of any shape
        return json.loads(self.raw)


class Tab:
    """The page as one person has it open."""

    def __init__(self, session: aiohttp.ClientSession, origin: str, user: User) -> None:
        self._session = session
        self._origin = origin
        self._user = user

    async def ask(self, method: str, path: str, payload: object = None) -> Got:
        """Send JSON as this person."""
        return await self._send(method, path, {"json": payload} if payload is not None else {})

    async def send_files(
        self, path: str, payload: object, files: Sequence[tuple[str, bytes, str]]
    ) -> Got:
        """Send JSON with files: name, bytes and content type of each."""
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps(payload))
        for index, (name, data, kind) in enumerate(files):
            field = f"files[{index}]"
            form.add_field(field, io.BytesIO(data), filename=name, content_type=kind)
        return await self._send("POST", path, {"data": form})

    async def say(self, channel: Channel, text: str, **more: object) -> Json:
        """Write a message."""
        got = await self.ask("POST", f"/channels/{channel.id}/messages", {"content": text, **more})
        assert got.status == 200, got.raw
        message: Json = got.json
        return message

    async def history(self, channel: Channel) -> list[Json]:
        """Read a channel, newest first."""
        got = await self.ask("GET", f"/channels/{channel.id}/messages")
        assert got.status == 200, got.raw
        messages: list[Json] = got.json
        return messages

    @asynccontextmanager
    async def events(self) -> AsyncIterator["Events"]:
        """Listen."""
        url = f"{self._origin}/api/as/{self._user.id}/events"
        async with self._session.ws_connect(url, headers={"Origin": self._origin}) as socket:
            events = Events(socket)
            await events.next("HELLO")
            yield events

    async def _send(self, method: str, path: str, more: Json) -> Got:
        url = f"{self._origin}/api/as/{self._user.id}{path}"
        headers = {"Origin": self._origin, **more.pop("headers", {})}
        return await _got(self._session.request(method, url, headers=headers, **more))


class Events:
    """What a tab is told."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def next(self, name: str) -> Json:
        """Wait for the next event of a name."""
        while True:
            event = await self.any()
            if event["t"] == name:
                payload: Json = event["d"]
                return payload

    async def any(self) -> Json:
        """Wait for the next event."""
        event: Json = await self._socket.receive_json(timeout=10)
        return event


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser that was given the printed address."""

    world: World
    page: PageServer
    session: aiohttp.ClientSession

    @property
    def origin(self) -> str:
        return f"http://{self.page.address}"

    def person(self, name: str) -> User:
        users = self.world.state.users.values()
        return next(user for user in users if user.display_name == name)

    def channel(self, name: str) -> Channel:
        channels = self.world.state.channels.values()
        return next(channel for channel in channels if channel.name == name)

    def tab(self, name: str) -> Tab:
        """Open the page as a person."""
        return Tab(self.session, self.origin, self.person(name))

    async def get(self, path: str, **headers: str) -> Got:
        """Fetch something as a page of ours does; underscores in header names become hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await _got(self.session.get(self.origin + path, headers=sent))


@asynccontextmanager
async def browsing(
    world: World | None = None, backstage: Backstage | None = None
) -> AsyncIterator[Browser]:
    """Serve the page and open it with its token."""
    world = world or new_demo_world()
    backstage = backstage or Backstage(engine=lambda: ENGINE)
    jar = aiohttp.CookieJar(unsafe=True)  # takes cookies of an address without a name
    async with (
        PageServer(world, backstage) as page,
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        async with session.get(page.url) as response:
            assert response.status == 200
        yield Browser(world, page, session)


async def _got(asking: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> Got:
    async with asking as response:
        return Got(response.status, response.headers, await response.read())
