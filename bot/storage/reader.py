"""The connections that only read; closing leaves none of them open."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.engines import READERS, create_reader


class Reader:
    """Gives views of one moment that cannot write."""

    def __init__(self, path: Path) -> None:
        self._engine = create_reader(path)
        self._turns = asyncio.Semaphore(READERS)
        self._under_way = 0
        self._closing = False
        self._idle = asyncio.Event()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open a view, first come first served.

        The engine's own queue lets newcomers pass whoever waits in it: after half a minute of
        throng it refuses those who still do.

        Raises:
            ValueError: it is closed.

        """
        if self._closing:
            raise ValueError("the connections are closed")
        self._under_way += 1
        try:
            async with (
                self._turns,
                AsyncSession(self._engine, expire_on_commit=False) as session,
            ):
                yield session
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._idle.set()

    async def close(self) -> None:
        """Close every connection, after what is being read."""
        self._closing = True
        while self._under_way:  # the engine forgets connections that are in use
            self._idle.clear()
            await self._idle.wait()
        await self._engine.dispose()
