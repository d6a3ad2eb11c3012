import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from soak.proxy import Fault, Kind, Proxy

WORDS = "all is well " * 50


@pytest_asyncio.fixture
async def server() -> AsyncIterator[str]:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=WORDS)

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def read(url: str, timeout_s: float | None = None) -> str:
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.post(url) as answer:
        return await answer.text()


@pytest.mark.parametrize("kind", [Kind.RESET, Kind.CUT, Kind.HALF_CLOSE, Kind.LOST])
@pytest.mark.parametrize("at_byte", [0, 100, 400])
async def test_an_answer_that_is_cut_is_no_answer_and_the_next_one_is(
    server: str, kind: Kind, at_byte: int
) -> None:
    async with Proxy.before(server) as proxy:
        proxy.plan.append(Fault(kind, at_byte))
        with pytest.raises((aiohttp.ClientError, OSError)):
            await read(proxy.url)
        assert await read(proxy.url) == WORDS
        assert proxy.met == 1


@pytest.mark.parametrize("kind", [Kind.SILENCE, Kind.DRIP])
async def test_an_answer_that_never_ends_is_ended_by_the_deadline(server: str, kind: Kind) -> None:
    async with Proxy.before(server) as proxy:
        proxy.plan.append(Fault(kind, 10))
        with pytest.raises(asyncio.TimeoutError):
            await read(proxy.url, timeout_s=0.3)


async def test_a_changed_byte_changes_what_is_read(server: str) -> None:
    async with Proxy.before(server) as proxy:
        proxy.plan.append(Fault(Kind.CORRUPT, 400))
        assert len(other := await read(proxy.url)) == len(WORDS)
        assert other != WORDS
