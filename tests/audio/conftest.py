"""A real worker process for the tests that need one."""

from collections.abc import AsyncIterator

import pytest_asyncio

from bot.audio.service import AudioWorker


@pytest_asyncio.fixture
async def worker() -> AsyncIterator[AudioWorker]:
    async with AudioWorker() as worker:
        yield worker
