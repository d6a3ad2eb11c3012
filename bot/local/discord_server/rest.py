"""The REST API's frame: finds the route, checks the token and the limits, records the call."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bot.local.discord_server.bodies import Body, read_body
from bot.local.discord_server.errors import NOT_FOUND, UNAUTHORIZED, ApiError
from bot.local.discord_server.faults import (
    Answer,
    Fault,
    Faults,
    Hold,
    Reset,
    Slow,
    Truncate,
    rate_limited,
)
from bot.local.discord_server.fields import read_id
from bot.local.discord_server.limits import RateLimits
from bot.local.discord_server.traffic import Call, Traffic
from bot.local.discord_server.world import World

PREFIX = "/api/v10"
_PLACES = ("channel_id", "guild_id", "token")


@dataclass(frozen=True, slots=True)
class Request:
    """What a route gets. `payload` is the JSON body; an absent one is an empty object."""

    params: dict[str, str]
    query: dict[str, str]
    payload: Any
    body: Body

    def id(self, name: str) -> int:
        """Read an id in the path, or refuse with 50035."""
        return read_id(self.params, name)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a route answers. `body` None is no content."""

    body: object = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


NO_CONTENT = Reply(status=204)


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `public` ones need no token: theirs is in the path."""

    method: str
    template: str
    answer: Callable[[Request], Reply]
    public: bool = False


class RestApi:
    """Serves routes under `/api/v10`."""

    def __init__(self, world: World, limits: RateLimits, faults: Faults, traffic: Traffic) -> None:
        self._world = world
        self._limits = limits
        self._faults = faults
        self._traffic = traffic

    def serve(self, app: web.Application, routes: list[Route]) -> None:
        """Add routes; every other path answers 404 and is recorded."""
        for route in routes:
            app.router.add_route(route.method, PREFIX + route.template, self._handler(route))
        app.router.add_route("*", "/api/{rest:.*}", self._handler(None))

    def _handler(self, route: Route | None) -> Callable[[web.Request], Any]:
        async def handle(http: web.Request) -> web.StreamResponse:
            return await self._handle(http, route)

        return handle

    async def _handle(self, http: web.Request, route: Route | None) -> web.StreamResponse:
        body = await read_body(http)
        fault = self._faults.take(http.method, _path(http), has_files=bool(body.parts))
        reply = None
        if fault and fault.afterwards:
            reply = self._answer(http, route, body)
        if fault and (spoiled := await self._spoil(http, route, body, fault, reply)) is not None:
            return spoiled
        reply = reply or self._answer(http, route, body)
        self._record(http, route, body, reply)
        return _response(reply)

    def _answer(self, http: web.Request, route: Route | None, body: Body) -> Reply:
        if route is None:
            return _refusal(ApiError(*NOT_FOUND))
        if not route.public and http.headers.get("Authorization") != self._authorization:
            return _refusal(ApiError(*UNAUTHORIZED))
        params = dict(http.match_info)
        place = "/".join(params[name] for name in _PLACES if name in params)
        verdict = self._limits.admit(
            route.method, route.template, place, counts_overall=not route.public
        )
        if verdict.retry_after_s is not None:
            limited = rate_limited(verdict.retry_after_s, scope=verdict.scope)
            return Reply(limited.body, 429, verdict.headers | limited.headers)
        reply = _run(route, params, dict(http.query), body)
        return Reply(reply.body, reply.status, verdict.headers)

    @property
    def _authorization(self) -> str:
        return f"Bot {self._world.state.application.token}"

    async def _spoil(
        self, http: web.Request, route: Route | None, body: Body, fault: Fault, done: Reply | None
    ) -> web.StreamResponse | None:
        """Do what the fault says; None when the request goes on as if nothing had been."""
        match fault.action:
            case Hold() as hold:
                await hold.wait()
                return None
            case Slow(seconds):
                await asyncio.sleep(seconds)
                return None
            case Answer(status, content, headers):
                reply = Reply(content, status, headers)
                self._record(http, route, body, reply, faulty=True)
                return _response(reply)
            case Reset():
                self._record(http, route, body, Reply(status=0), faulty=True)
                return _cut(http)
            case Truncate():
                reply = done or self._answer(http, route, body)
                self._record(http, route, body, reply, faulty=True)
                return await _send_half(http, reply)

    def _record(
        self,
        http: web.Request,
        route: Route | None,
        body: Body,
        reply: Reply,
        *,
        faulty: bool = False,
    ) -> None:
        answer = reply.body
        self._traffic.calls.append(
            Call(
                method=http.method,
                path=_path(http),
                template=route.template if route else None,
                query=dict(http.query),
                headers={k: v for k, v in http.headers.items() if k.lower() != "authorization"},
                payload=body.payload,
                parts=body.parts,
                status=reply.status,
                code=answer.get("code") if isinstance(answer, dict) else None,
                answer=answer,
                faulty=faulty,
            )
        )
        self._world.changes.tell()


def _run(route: Route, params: dict[str, str], query: dict[str, str], body: Body) -> Reply:
    payload = {} if body.payload is None else body.payload
    try:
        body.check()
        return route.answer(Request(params, query, payload, body))
    except ApiError as error:
        return _refusal(error)


def _refusal(error: ApiError) -> Reply:
    return Reply(error.body(), error.status)


def _path(http: web.Request) -> str:
    return http.path.removeprefix(PREFIX)


def _response(reply: Reply) -> web.Response:
    """Write JSON as exactly `application/json`: discord.py compares the whole header."""
    if reply.body is None:
        return web.Response(status=reply.status, headers=reply.headers)
    if isinstance(reply.body, str):
        return web.Response(
            text=reply.body, status=reply.status, headers=reply.headers, content_type="text/html"
        )
    return web.Response(
        body=json.dumps(reply.body).encode(),
        status=reply.status,
        headers={**reply.headers, "Content-Type": "application/json"},
    )


def _cut(http: web.Request) -> web.Response:
    if http.transport is not None:
        http.transport.abort()
    return web.Response()


async def _send_half(http: web.Request, reply: Reply) -> web.StreamResponse:
    whole = json.dumps(reply.body).encode()
    response = web.StreamResponse(status=reply.status)
    response.headers.update({"Content-Type": "application/json", "Content-Length": str(len(whole))})
    await response.prepare(http)
    await response.write(whole[: len(whole) // 2])
    if http.transport is not None:
        http.transport.close()
    return response
