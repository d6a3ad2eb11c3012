from collections.abc import AsyncIterator

import pytest_asyncio

from bot.chat_api.client import open_session
from bot.local.chat_server import ChatServer
from tests.chat_api.world import Calls


@pytest_asyncio.fixture
async def calls() -> AsyncIterator[Calls]:
    async with ChatServer() as server, open_session() as session:
        yield Calls(server, session)
