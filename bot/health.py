"""Liveness for a container's health check: GET /healthz on loopback."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

log = logging.getLogger(__name__)


@asynccontextmanager
async def serve_health(port: int, alive: Callable[[], bool]) -> AsyncIterator[None]:
    """Answer 200 while `alive()` holds and 503 otherwise; port 0 switches it off."""
    if not port:
        yield
        return

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="ok") if alive() else web.Response(status=503, text="not ready")

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        log.info("health: http://127.0.0.1:%s/healthz", port)
        yield
    finally:
        await runner.cleanup()
