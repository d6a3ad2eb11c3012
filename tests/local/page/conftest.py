"""The page, open in a browser."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.local.page.browser import Browser, browsing


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    async with browsing() as browser:
        yield browser
