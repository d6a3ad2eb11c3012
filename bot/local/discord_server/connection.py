"""One WebSocket of the gateway: sends in order, and can be closed or cut."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bot.tasks import spawn


class Connection:
    """Writes to a socket from a queue of its own, so that no sender waits for another.

    Attributes:
        is_dead: whether nothing comes from here any more, though the socket stays open.

    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        is_silent: Callable[[], bool],
    ) -> None:
        self._socket = socket
        self._transport = transport
        self._is_silent = is_silent
        self._queue: asyncio.Queue[str | int] = asyncio.Queue()
        self._sent_at: deque[datetime] = deque()
        self._writer = spawn(self._write(), name="gateway writer")
        self.closed_by_us = False
        self.is_dead = False
        self.sends_too_much = False

    def send(self, message: dict[str, Any]) -> None:
        """Send a message as JSON."""
        self.send_text(json.dumps(message))

    def send_text(self, text: str) -> None:
        """Send what is JSON already; nothing is sent while the gateway is silent."""
        if not self._is_silent() and not self.is_dead:
            self._queue.put_nowait(text)

    def close(self, code: int) -> None:
        """Close after everything sent before."""
        self.closed_by_us = True
        self._queue.put_nowait(code)

    def cut(self) -> None:
        """Cut the connection without a word."""
        self.closed_by_us = True
        if self._transport is not None:
            self._transport.abort()

    def count(self, is_heartbeat: bool, now: datetime, most_per_minute: int) -> None:
        """Count what the client sends; heartbeats are free."""
        if is_heartbeat:
            return
        self._sent_at.append(now)
        while self._sent_at[0] < now - timedelta(minutes=1):
            self._sent_at.popleft()
        self.sends_too_much = len(self._sent_at) > most_per_minute

    async def closed(self) -> None:
        """Wait until everything was written and the socket is closed."""
        await asyncio.wait([self._writer])

    async def end(self) -> None:
        """Stop writing."""
        self._writer.cancel()
        await asyncio.wait([self._writer])

    async def _write(self) -> None:
        while True:
            item = await self._queue.get()
            try:
                if isinstance(item, int):
                    await self._socket.close(code=item)
                    return
                await self._socket.send_str(item)
            except ConnectionError:
                return
