"""The member API's frame: who acts, what they sent, and how refusals are written."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.local.discord_server.bodies import Body, read_body
from bot.local.discord_server.errors import ApiError, refused
from bot.local.discord_server.fields import read_id
from bot.local.discord_server.options import NotOffered
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.rest import NO_CONTENT, Reply
from bot.local.discord_server.state import Channel, Message
from bot.local.discord_server.world import World
from bot.local.page.sight import channel_for, message_for

BODY_LIMIT_BYTES = 30 * 2**20

__all__ = ["NO_CONTENT", "Call", "Reply", "Route", "person", "serve"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """What a person asks. `payload` is the JSON object sent; an absent one is empty."""

    world: World
    me: int
    params: dict[str, str]
    query: dict[str, str]
    payload: dict[str, Any]
    body: Body

    @property
    def channel(self) -> Channel:
        """The channel in the path: 10003 when there is none, 50001 when they do not see it."""
        return channel_for(self.world, self.me, read_id(self.params, "channel"))

    @property
    def message(self) -> Message:
        """The message in the path, as far as they may read it."""
        message_id = read_id(self.params, "message")
        return message_for(self.world, self.me, self.channel, message_id)


@dataclass(frozen=True, slots=True)
class Route:
    """One route below `/api/as/{me}`."""

    method: str
    template: str
    answer: Callable[[Call], Awaitable[Reply]]


def serve(app: web.Application, world: World, routes: list[Route]) -> None:
    """Add routes, and an answer for all other paths below `/api`."""
    for route in routes:
        app.router.add_route(
            route.method, f"/api/as/{{me:[0-9]+}}{route.template}", _handler(world, route)
        )
    app.router.add_route("*", "/api/{rest:.*}", _nothing_here)


def person(world: World, text: str) -> int:
    """Find one of the demo's people by id, or refuse with 10013; the bot acts for itself."""
    user = world.user(read_id({"me": text}, "me"))
    if user.bot:
        raise refused(10013)
    return user.id


def _handler(world: World, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(http: web.Request) -> web.StreamResponse:
        try:
            call = await _read(world, http)
            return _written(await route.answer(call))
        except ApiError as error:
            return _refusal(error)
        except NotOffered as reason:
            return web.json_response({"code": 50035, "message": str(reason)}, status=400)
        except Exception:
            log.exception("the page asked %s %s", http.method, http.path)
            return _refusal(ApiError(500, 0, "500: Internal Server Error"))

    return handle


async def _read(world: World, http: web.Request) -> Call:
    me = person(world, http.match_info["me"])
    body = await _body(http)
    body.check()
    payload = {} if body.payload is None else body.payload
    if not isinstance(payload, dict):
        raise refused(50109)
    return Call(world, me, dict(http.match_info), dict(http.query), payload, body)


async def _body(http: web.Request) -> Body:
    """Read a body whose length was told and is within bounds."""
    if not http.can_read_body:
        return Body()
    if http.content_length is None:
        raise ApiError(411, 0, "411: Length Required")
    if http.content_length > BODY_LIMIT_BYTES:
        raise refused(40005)
    try:
        return await read_body(http)
    except (ValueError, AssertionError, RecursionError):  # aiohttp's, for bodies that are none
        raise refused(50109) from None


async def _nothing_here(_http: web.Request) -> web.Response:
    return _refusal(ApiError(404, 0, "404: Not Found"))


def _written(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status)
    return web.json_response(reply.body, status=reply.status)


def _refusal(error: ApiError) -> web.Response:
    body: Json = error.body()
    return web.json_response(body, status=error.status)
