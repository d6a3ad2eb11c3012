"""Faults of the model's server for certain questions, in whatever order those come in."""

import asyncio
import re
from collections import defaultdict, deque
from collections.abc import Sequence

import msgspec
from aiohttp import web

from bot.local.chat_server.faults import Answer, Fault, Faults, changed, streamed
from bot.local.chat_server.streaming import DONE, event

_NAME = re.compile(rb"\brow\d+\b")

_well = changed(lambda _completion: None)
_well_streamed = streamed(lambda parts: (*map(event, parts), DONE))


class Assigned(Faults):
    """Each question's own faults, found by the last name (`row12`) in what is asked.

    Attributes:
        came_at: when the calls for each name came, by the loop's time.

    """

    def __init__(self) -> None:
        super().__init__()
        self.came_at: defaultdict[str, list[float]] = defaultdict(list)
        self._left: dict[str, deque[Fault]] = {}
        self._coming: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def assign(self, name: str, faults: Sequence[Fault]) -> None:
        """Let the calls for a question end in these faults, then well."""
        self._left[name] = deque(faults)

    @property
    def calls(self) -> int:
        """How many calls came in all."""
        return sum(map(len, self.came_at.values()))

    async def came(self, name: str) -> None:
        """Wait for the first call for a question."""
        await self._coming[name].wait()

    def take(self) -> Fault | None:
        """Let every call be looked at."""
        return self._respond

    async def _respond(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        body = await request.read()
        name = _name_in(body)
        self.came_at[name].append(asyncio.get_running_loop().time())
        self._coming[name].set()
        left = self._left.get(name)
        if left:
            return await left.popleft()(request, answer)
        wants_stream = msgspec.json.decode(body).get("stream")
        return await (_well_streamed if wants_stream else _well)(request, answer)


def _name_in(body: bytes) -> str:
    named = _NAME.findall(body)
    return named[-1].decode() if named else ""
