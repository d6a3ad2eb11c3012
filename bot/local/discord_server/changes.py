"""Waiting for something to happen, without asking again and again."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Wakes everybody who waits whenever something has changed."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def tell(self) -> None:
        """Say that something has changed."""
        self._next.set()
        self._next = asyncio.Event()

    async def next(self) -> None:
        """Wait for whatever changes next."""
        await self._next.wait()

    async def until(self, look: Callable[[], T | None], timeout_s: float = 10) -> T:
        """Wait until `look` finds something (true), and return it.

        Raises:
            TimeoutError: it found nothing in time.

        """
        async with asyncio.timeout(timeout_s):
            while not (found := look()):
                await self._next.wait()
            return found
