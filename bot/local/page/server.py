"""The server: the member API, events, files and the page on one port."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from aiohttp import web

from bot.local.discord_server.bodies import REQUEST_LIMIT_BYTES
from bot.local.discord_server.payloads import Json, user_json
from bot.local.discord_server.world import World
from bot.local.page import api, routes_interactions, routes_messages, routes_threads
from bot.local.page.api import Call, Reply, Route
from bot.local.page.files import Files
from bot.local.page.guard import Guard
from bot.local.page.own_files import OwnFiles
from bot.local.page.scenery import people
from bot.local.page.shown import ready_shown
from bot.local.page.stream import Streams
from bot.local.page.wire import Wire
from bot.tasks import spawn

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Backstage:
    """What the page shows beside Discord.

    Attributes:
        engine: describes what answers, see `/api/world`.
        wire: what went over the wire, or None where nothing is written down.

    """

    engine: Callable[[], Json]
    wire: Wire | None = None


class PageServer:
    """Serves one world to one browser."""

    def __init__(
        self, world: World, backstage: Backstage, *, host: str = HOST, port: int = 0
    ) -> None:
        """Prepare.

        Args:
            world: the stand-in Discord's.
            backstage: what else the page shows.
            host: the address to listen on, as browsers will write it.
            port: 0 for any free one.

        """
        self._world = world
        self._backstage = backstage
        self._host = host
        self._port = port
        self.guard = Guard(lambda: self.address)
        self._streams = Streams(world)
        self._runner: web.AppRunner | None = None
        self._telling: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        """Host and port, as they stand in an address."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{host}:{self._port}"

    @property
    def url(self) -> str:
        """What a person opens; it holds the secret."""
        return f"http://{self.address}/?token={self.guard.token}"

    async def __aenter__(self) -> Self:
        """Listen."""
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = int(self._runner.addresses[0][1])
        self._telling = spawn(routes_interactions.tell_failures(self._world), name="failures")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        if self._telling is not None:
            self._telling.cancel()
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(
            middlewares=[self.guard.middleware], client_max_size=api.BODY_LIMIT_BYTES
        )
        app.on_response_prepare.append(self.guard.add_headers)
        app.on_shutdown.append(self._hang_up)
        own = OwnFiles()
        app.router.add_get("/", own.index)
        app.router.add_get("/static/{path:.+}", own.answer)
        app.router.add_get("/files/{attachment:[0-9]{1,20}}/{name}", Files(self._world).answer)
        app.router.add_get("/api/world", self._world_shown)
        app.router.add_get("/api/as/{me:[0-9]+}/events", self._streams.answer)
        parts = (routes_messages, routes_threads, routes_interactions)
        routes = [route for part in parts for route in part.routes()]
        if self._backstage.wire is not None:
            routes += self._backstage.wire.routes()
        api.serve(app, self._world, [Route("GET", "/ready", _ready), *routes])
        return app

    async def _hang_up(self, _app: web.Application) -> None:
        await self._streams.close()

    async def _world_shown(self, _request: web.Request) -> web.Response:
        application = self._world.state.application
        return web.json_response(
            {
                "bot": user_json(self._world, self._world.bot_id),
                "application": {"id": str(application.id), "name": application.name},
                "people": people(self._world),
                "engine": self._backstage.engine(),
                "upload_limit_bytes": REQUEST_LIMIT_BYTES,
            }
        )


async def _ready(call: Call) -> Reply:
    return Reply(ready_shown(call.world, call.me))
