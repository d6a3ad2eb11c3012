"""Answers over HTTP that grow: a thousand times as large once unpacked, or without an end."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import psutil
import pytest
from aiohttp import web

from bot.discord_io.attachments import AttachmentReader
from bot.domain.incoming import FileKind, FileRef
from bot.errors import AttachmentError

MIB = 1 << 20
LIMIT_BYTES = 4 * MIB
GROWTH_MB = 64


BOMB = gzip.compress(bytes(16 * MIB), 9) * 16
"""256 MB in a quarter of one."""


async def packed(request: web.Request) -> web.StreamResponse:
    return web.Response(body=BOMB, headers={"Content-Encoding": "gzip"})


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(MIB))


async def larger_than_said(request: web.Request) -> web.StreamResponse:
    return web.Response(body=bytes(LIMIT_BYTES + 1))


@asynccontextmanager
async def store() -> AsyncIterator[str]:
    app = web.Application()
    for handler in (packed, endless, larger_than_said):
        app.router.add_get(f"/{handler.__name__}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def rss_mb() -> float:
    return float(psutil.Process().memory_info().rss) / MIB


@pytest.mark.parametrize("name", ["packed", "endless", "larger_than_said"])
async def test_a_file_that_grows_is_dropped_at_its_limit(name: str) -> None:
    async with store() as host, aiohttp.ClientSession() as session:
        files = AttachmentReader(session, frozenset({host}), plain_http=True, pauses_s=())
        url = f"http://{host}/{name}"
        ref = FileRef(
            id=1, kind=FileKind.SOUND, filename="a", content_type=None, size_bytes=5, url=url
        )
        before_mb = rss_mb()
        with pytest.raises(AttachmentError) as caught:
            await files.read(ref, limit_bytes=LIMIT_BYTES)
        assert caught.value.code == "file_too_large"
        assert rss_mb() - before_mb < GROWTH_MB
