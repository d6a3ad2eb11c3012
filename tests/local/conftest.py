"""Both stand-ins, each with a client of the real kind: discord.py, openai-python."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from openai import AsyncOpenAI

from bot.local.chat_server import ChatServer
from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.server import DiscordServer
from tests.local.discord_spec import load_spec, spec_problems
from tests.local.discord_world import Listener, RawApi, connected, redirected_to


@pytest.fixture
def discord_clock() -> AdvancingClock:
    return AdvancingClock()


@pytest.fixture
async def discord_server(discord_clock: AdvancingClock) -> AsyncIterator[DiscordServer]:
    async with DiscordServer(clock=discord_clock) as running:
        with redirected_to(running):
            yield running
        if (spec := load_spec()) is not None:
            calls = running.traffic.calls
            assert [problem for call in calls for problem in spec_problems(call, spec)] == []


@pytest.fixture
async def discord_client(discord_server: DiscordServer) -> AsyncIterator[Listener]:
    async with connected(discord_server) as listening:
        yield listening


@pytest.fixture
async def discord_api(discord_server: DiscordServer) -> AsyncIterator[RawApi]:
    async with aiohttp.ClientSession() as session:
        yield RawApi(discord_server, session)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ChatServer]:
    async with ChatServer() as server:
        yield server


@pytest_asyncio.fixture
async def client(server: ChatServer) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(
        api_key=server.key, base_url=server.base_url, max_retries=0, timeout=20
    ) as client:
        yield client
