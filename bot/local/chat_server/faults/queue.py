"""What waits for the next calls."""

from collections import deque
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.local.chat_server.bodies import Completion

Answer = Callable[[], Awaitable[Completion]]
"""Makes the answer that would have come without the fault."""

Fault = Callable[[web.Request, Answer], Awaitable[web.StreamResponse]]


class Faults:
    """The faults that wait for the next calls, in order."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def next(self, fault: Fault, times: int = 1) -> None:
        """Let the next `times` calls (after those that already wait) end in this fault."""
        self._waiting.extend([fault] * times)

    def clear(self) -> None:
        """Behave again."""
        self._waiting.clear()

    def take(self) -> Fault | None:
        """Take the fault of this call."""
        return self._waiting.popleft() if self._waiting else None
