"""One turn at a time in each conversation, only so many at once in all, none while we close."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turnstile:
    """Lets turns through: in the order they came within a conversation, capped over all."""

    def __init__(self, max_in_flight: int) -> None:
        self._places = asyncio.Semaphore(max_in_flight)
        self._queues: dict[int, asyncio.Lock] = {}
        self._waiting: dict[int, int] = {}
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self._closing = False

    @asynccontextmanager
    async def turn(self, conversation: int) -> AsyncIterator[bool]:
        """Wait until nobody else has the floor in this conversation and a place is free.

        Gives False when we are closing: then nothing may be begun.
        """
        lock = self._queues.setdefault(conversation, asyncio.Lock())
        self._waiting[conversation] = self._waiting.get(conversation, 0) + 1
        try:
            async with lock, self._places:
                self._enter()
                try:
                    yield not self._closing
                finally:
                    self._exit()
        finally:
            self._leave(conversation)

    async def drain(self, seconds: float) -> bool:
        """Let nobody begin any more, and wait for those inside; False when time ran out."""
        self._closing = True
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            return False
        return True

    def _enter(self) -> None:
        self._inside += 1
        self._empty.clear()

    def _exit(self) -> None:
        self._inside -= 1
        if not self._inside:
            self._empty.set()

    def _leave(self, conversation: int) -> None:
        self._waiting[conversation] -= 1
        if not self._waiting[conversation]:
            del self._waiting[conversation], self._queues[conversation]
