"""GET /healthz, /readyz and /metrics, for container engines, monitors and Prometheus."""

import errno
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from bot.errors import StartError

log = logging.getLogger(__name__)

# The form that Prometheus' text has had since 2014: what every version of it reads.
_TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Vitals:
    """What is served.

    Attributes:
        lives: whether the process does what only it can mend itself.
        parts: what must work for the bot to answer, by name, and how to find out whether it does.
        figures: all metrics, in Prometheus' text format.

    """

    lives: Callable[[], bool]
    parts: Mapping[str, Callable[[], Awaitable[bool]]]
    figures: Callable[[], Awaitable[bytes]]


@asynccontextmanager
async def serve_health(host: str, port: int, vitals: Vitals) -> AsyncIterator[None]:
    """Serve them while the block runs; port 0 switches it off.

    Raises:
        StartError: the port cannot be had.

    """
    if not port:
        yield
        return
    runner = web.AppRunner(_application(vitals), access_log=None)
    await runner.setup()
    try:
        await _listen(runner, host, port)
        log.info("health: http://%s:%s/healthz, /readyz, /metrics", host, port)
        yield
    finally:
        await runner.cleanup()


def _application(vitals: Vitals) -> web.Application:
    async def healthz(_: web.Request) -> web.Response:
        if not vitals.lives():
            return web.Response(status=503, text="gateway: heartbeats are not answered\n")
        return web.Response(text="ok\n")

    async def readyz(_: web.Request) -> web.Response:
        states = {name: await works() for name, works in vitals.parts.items()}
        lines = [f"{name}: {'ok' if ok else 'not ready'}\n" for name, ok in states.items()]
        return web.Response(status=200 if all(states.values()) else 503, text="".join(lines))

    async def metrics(_: web.Request) -> web.Response:
        figures = await vitals.figures()
        return web.Response(body=figures, headers={"Content-Type": _TEXT_FORMAT})

    application = web.Application()
    for answer in (healthz, readyz, metrics):
        application.router.add_get(f"/{answer.__name__}", answer)
    return application


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        if error.errno in (errno.EADDRNOTAVAIL, None):  # None from Python 3.13 on
            raise StartError(
                "health_host_elsewhere",
                f"HEALTH_HOST {host} is no address of this machine. Use 127.0.0.1, or 0.0.0.0 for "
                "all it has.",
            ) from error
        raise StartError(
            "health_port_taken",
            f"HEALTH_PORT {port} cannot be used on {host}: another program has it, or it is not "
            "allowed. Choose another one, or 0 for none.",
        ) from error
