"""Holding back by ourselves: before Discord shuts our address out, and while it does.

Whoever makes 10,000 invalid requests in ten minutes is shut out for hours (topics/rate-limits,
"Invalid Request Limit"); Cloudflare then answers instead of Discord, without a `Via` header.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from types import SimpleNamespace
from typing import TypeVar

import aiohttp
from discord.http import Route

T = TypeVar("T")

log = logging.getLogger(__name__)

MOST_INVALID = 1_000
WINDOW_S = 600.0
"""So many invalid requests in so many seconds, and no more go out."""

BAN_S = 600.0
LONGEST_BAN_S = 3600.0
"""How long nothing goes out once we are shut out; twice as long each time it lasts."""

_OK = 200
_INVALID = {401, 403, 429}


class NotDiscord(aiohttp.ClientError):
    """A success that is not Discord's: something between us answered with a page of its own."""


class HeldBack(aiohttp.ClientError):
    """A call that did not go out; `over` waits until calls do."""

    def __init__(self, restraint: "Restraint") -> None:
        super().__init__("held back")
        self.over = restraint.over


async def once_let(call: Callable[[], Awaitable[T]]) -> T:
    """Make a call; while calls are held back, wait."""
    while True:
        try:
            return await call()
        except HeldBack as held:
            await held.over()


class Restraint:
    """Watches all calls to Discord's REST API, and lets none out when that would do harm."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._invalid_at: deque[float] = deque(maxlen=MOST_INVALID)
        self._shut_until = -math.inf
        self._next_ban_s = BAN_S

    @property
    def trace(self) -> aiohttp.TraceConfig:
        """What a session of aiohttp tells us by."""
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._on_start)
        trace.on_request_end.append(self._on_end)
        return trace

    @property
    def wait_s(self) -> float:
        """How long nothing may go out; 0 while calls do."""
        now = self._clock()
        full = len(self._invalid_at) == MOST_INVALID
        until = self._invalid_at[0] + WINDOW_S if full else -math.inf
        return max(until - now, self._shut_until - now, 0.0)

    async def over(self) -> None:
        """Wait until calls go out."""
        while wait_s := self.wait_s:  # noqa: ASYNC110 - it may last longer by then
            await asyncio.sleep(wait_s)

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer."""
        if status == 429 and "Via" not in headers:
            self._shut_out()
        elif status not in _INVALID:
            self._next_ban_s = BAN_S
        if status in _INVALID and headers.get("X-RateLimit-Scope") != "shared":
            self._count_invalid()

    def _shut_out(self) -> None:
        if self._shut_until > self._clock():
            return
        log.error("Discord shuts our address out: nothing goes out for %.0f s", self._next_ban_s)
        self._shut_until = self._clock() + self._next_ban_s
        self._next_ban_s = min(2 * self._next_ban_s, LONGEST_BAN_S)

    def _count_invalid(self) -> None:
        was_held = self.wait_s > 0
        self._invalid_at.append(self._clock())
        if self.wait_s and not was_held:
            log.error("%s invalid requests: nothing goes out for %.0f s", MOST_INVALID, self.wait_s)

    async def _on_start(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestStartParams,
    ) -> None:
        if self.wait_s and _is_rest(params):
            raise HeldBack(self)

    async def _on_end(
        self,
        _session: aiohttp.ClientSession,
        _context: SimpleNamespace,
        params: aiohttp.TraceRequestEndParams,
    ) -> None:
        if not _is_rest(params):
            return
        answer = params.response
        self.note(answer.status, answer.headers)
        if answer.status == _OK and answer.content_type != "application/json":
            answer.close()
            raise NotDiscord(answer.content_type)


def _is_rest(
    params: aiohttp.TraceRequestStartParams | aiohttp.TraceRequestEndParams,
) -> bool:
    return str(params.url).startswith(Route.BASE)
