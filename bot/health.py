"""Liveness for a container's health check: GET /healthz on loopback."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.errors import StartError

log = logging.getLogger(__name__)


@asynccontextmanager
async def serve_health(port: int, alive: Callable[[], bool]) -> AsyncIterator[None]:
    """Answer 200 while `alive()` holds and 503 otherwise; port 0 switches it off.

    Raises:
        StartError: the port cannot be had.

    """
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
        await _listen(runner, port)
        log.info("health: http://127.0.0.1:%s/healthz", port)
        yield
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError as error:
        raise StartError(
            "health_port_taken",
            f"HEALTH_PORT {port} cannot be used: another program has it, or it is not allowed. "
            "Choose another one, or 0 for none.",
        ) from error
