"""Faults of the REST API that a test asks for."""

import asyncio
import math
from dataclasses import dataclass, field

from bot.local.discord_server.traffic import path_matches

CLOUDFLARE_PAGE = "<!DOCTYPE html><html><body>error code: 1015</body></html>"


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer with this instead. `body` is JSON, or text when it is a string."""

    status: int
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reset:
    """Cut the connection without an answer."""


@dataclass(frozen=True, slots=True)
class Truncate:
    """Promise a whole answer, send half of it, and cut the connection."""


@dataclass(frozen=True, slots=True)
class Slow:
    """Answer later."""

    seconds: float


class Hold:
    """Keep the request waiting until `release`; `arrived` says that it is there."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self._released = asyncio.Event()

    def release(self) -> None:
        """Let the request go on."""
        self._released.set()

    async def wait(self) -> None:
        """Stop here until released."""
        self.arrived.set()
        await self._released.wait()


Action = Answer | Reset | Truncate | Slow | Hold


@dataclass(slots=True)
class Fault:
    """What goes wrong, where, and how many times more.

    With `afterwards` the request first does its work: the sender cannot know that it did. With
    `files_only` requests without files go well.
    """

    method: str
    pattern: str
    action: Action
    times: int = 1
    afterwards: bool = False
    files_only: bool = False


class Faults:
    """Faults that wait for their request."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self._holds: list[Hold] = []

    def add(
        self,
        method: str,
        pattern: str,
        action: Action,
        *,
        times: int = 1,
        afterwards: bool = False,
        files_only: bool = False,
    ) -> None:
        """Have the next `times` requests fail; `*` in the pattern is one part of the path."""
        self.waiting.append(Fault(method, pattern, action, times, afterwards, files_only))
        if isinstance(action, Hold):
            self._holds.append(action)

    def take(self, method: str, path: str, *, has_files: bool) -> Fault | None:
        """Find the fault for a request, and count it down."""
        for fault in self.waiting:
            if fault.files_only and not has_files:
                continue
            if fault.method == method and path_matches(fault.pattern, path):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def release_all(self) -> None:
        """Let everything go on that is held, for the end."""
        for hold in self._holds:
            hold.release()


def rate_limited(retry_after_s: float, *, scope: str = "user") -> Answer:
    """Make Discord's own 429; `scope` is `user`, `shared` or `global`."""
    body = {
        "message": "You are being rate limited.",
        "retry_after": retry_after_s,
        "global": scope == "global",
    }
    headers = {
        "Via": "1.1 google",
        "Retry-After": str(max(1, math.ceil(retry_after_s))),
        "X-RateLimit-Scope": scope,
    }
    return Answer(429, body, headers | ({"X-RateLimit-Global": "true"} if body["global"] else {}))


def banned() -> Answer:
    """Make the page that Cloudflare shows to addresses it has banned."""
    return Answer(429, CLOUDFLARE_PAGE)
