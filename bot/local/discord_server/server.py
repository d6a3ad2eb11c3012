"""The server: REST, gateway and files on one loopback port."""

from typing import Self

from aiohttp import web

from bot.local.discord_server import building
from bot.local.discord_server.clock import Clock, utc_now
from bot.local.discord_server.faults import Faults
from bot.local.discord_server.gateway import Gateway
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.limits import RateLimits
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.rest import PREFIX, RestApi
from bot.local.discord_server.routes_application import ApplicationRoutes
from bot.local.discord_server.routes_channels import ChannelRoutes
from bot.local.discord_server.routes_webhooks import WebhookRoutes
from bot.local.discord_server.state import Channel, Guild
from bot.local.discord_server.traffic import Traffic
from bot.local.discord_server.world import World

_REQUEST_MOST_BYTES = 2**30
"""What is read at all; what is accepted is far less."""


class DiscordServer:
    """A stand-in Discord on loopback, for one bot.

    Attributes:
        world: all state; one that is given (from `World.load`) brings its own clock.
        traffic: every REST call.
        gateway: sessions, what clients sent, and faults of the gateway.
        faults: faults of the REST API.
        limits: rate limits.

    """

    def __init__(
        self,
        world: World | None = None,
        *,
        clock: Clock = utc_now,
        limits: RateLimits | None = None,
        shards: int = 1,
    ) -> None:
        self.world = world or building.new_world(clock)
        self.traffic = Traffic()
        self.faults = Faults()
        self.limits = limits or RateLimits()
        self.gateway = Gateway(self.world, lambda: self.gateway_url)
        self._shards = shards
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Where files are: `http://127.0.0.1:port`."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """What `discord.http.Route.BASE` must be."""
        return self.url + PREFIX

    @property
    def gateway_url(self) -> str:
        """What `DiscordWebSocket.DEFAULT_GATEWAY` must be."""
        return f"ws://127.0.0.1:{self._port}/gateway"

    @property
    def token(self) -> str:
        """The bot's token."""
        return self.world.state.application.token

    @property
    def guild(self) -> Guild:
        """The first server."""
        return next(iter(self.world.state.guilds.values()))

    @property
    def general(self) -> Channel:
        """The first text channel."""
        channels = self.world.state.channels.values()
        return next(channel for channel in channels if channel.type is ChannelType.TEXT)

    @property
    def mention(self) -> str:
        """The text that mentions the bot as a user."""
        return f"<@{self.world.bot_id}>"

    @property
    def role_mention(self) -> str:
        """The text that mentions the role which came with the bot."""
        return f"<@&{building.bot_role(self.world, self.guild).id}>"

    def member(self, name: str, *, permissions: int = 0) -> MemberClient:
        """Find a member of the first server by name, or let a new one in."""
        for user in self.world.state.users.values():
            if user.name == name.lower():
                break
        else:
            user = building.add_user(self.world, name)
        building.join(self.world, self.guild, user.id, permissions=permissions)
        return MemberClient(self.world, user)

    async def wait_until_ready(self, timeout_s: float = 10) -> None:
        """Wait until a bot has connected and identified."""
        await self.world.changes.until(lambda: self.gateway.ready, timeout_s)

    async def __aenter__(self) -> Self:
        """Listen on any free port."""
        self._runner = web.AppRunner(self._app(), access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = int(self._runner.addresses[0][1])
        self.world.links.base_url = self.url
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every connection."""
        if self._runner is not None:
            await self._runner.cleanup()

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=_REQUEST_MOST_BYTES)
        app.router.add_get("/gateway", self.gateway.handle)
        for root in ("attachments", "ephemeral-attachments"):
            app.router.add_get(f"/{root}/{{place}}/{{attachment_id:[0-9]+}}/{{name}}", self._file)
        application = ApplicationRoutes(self.world, lambda: self.gateway_url, self._shards)
        parts = (ChannelRoutes(self.world), WebhookRoutes(self.world), application)
        rest = RestApi(self.world, self.limits, self.faults, self.traffic)
        rest.serve(app, [route for part in parts for route in part.routes()])
        app.on_shutdown.append(self._hang_up)
        return app

    async def _hang_up(self, _app: web.Application) -> None:
        self.faults.release_all()
        await self.gateway.hang_up()

    async def _file(self, request: web.Request) -> web.Response:
        """Serve an attachment as the CDN does: 404 once its address or its message is gone."""
        attachment_id = int(request.match_info["attachment_id"])
        data = self.world.state.files.get(attachment_id)
        if data is None or not self.world.links.is_valid(attachment_id, request.query):
            return web.Response(status=404, text="This content is no longer available.")
        return web.Response(body=data, headers={"Content-Type": self._content_type(attachment_id)})

    def _content_type(self, attachment_id: int) -> str:
        for message in self.world.state.messages.values():
            for attachment in message.attachments:
                if attachment.id == attachment_id and attachment.content_type:
                    return attachment.content_type
        return "application/octet-stream"
