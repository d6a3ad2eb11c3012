"""One turn at a time in each conversation, only so many at once in all, none while we close."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

CANCEL_S = 5
"""How long what is cancelled may take to end."""


class Turnstile:
    """Lets turns through: in the order they came within a conversation, capped over all."""

    def __init__(self, max_in_flight: int) -> None:
        self._places = asyncio.Semaphore(max_in_flight)
        self._queues: dict[int, asyncio.Lock] = {}
        self._waiting: dict[int, int] = {}
        self._inside: set[asyncio.Task[Any]] = set()
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
                with self._floor():
                    yield not self._closing
        finally:
            self._leave(conversation)

    async def drain(self, seconds: float) -> bool:
        """Let nobody begin any more, and wait for those inside.

        Those whose time runs out are cancelled; False when there were any.
        """
        self._closing = True
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            await _cancel(frozenset(self._inside))
            return False
        return True

    @contextmanager
    def _floor(self) -> Iterator[None]:
        """Keep the task that is inside, so that it can be waited for and cancelled."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - `turn` is awaited, so there is one
        self._inside.add(task)
        self._empty.clear()
        try:
            yield
        finally:
            self._inside.discard(task)
            if not self._inside:
                self._empty.set()

    def _leave(self, conversation: int) -> None:
        self._waiting[conversation] -= 1
        if not self._waiting[conversation]:
            del self._waiting[conversation], self._queues[conversation]


async def _cancel(tasks: frozenset[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=CANCEL_S)
