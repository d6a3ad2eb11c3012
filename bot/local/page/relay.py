"""Between the bot and the model's server: passes every call on, and writes it down.

It has a key of its own, which the bot uses, and puts the server's in its place: so no other
program of this machine speaks to the model through it, and no key is ever written down.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from bot.local.page.calls import CallLog
from bot.local.page.exchanges import Exchange, Exchanges, shortened

_LIMIT_BYTES = 64 * 2**20
_PASSED_ON = frozenset({"accept", "content-type", "x-client-request-id", "idempotency-key"})
_PASSED_BACK = frozenset(
    {"content-type", "retry-after", "retry-after-ms", "x-should-retry", "x-request-id"}
)
_PATIENCE = aiohttp.ClientTimeout(total=None, sock_connect=15)


class Relay:
    """A server on loopback in front of another one.

    Attributes:
        exchanges: what went through.
        key: what the bot must call with.

    """

    def __init__(
        self,
        target: Callable[[], str],
        target_key: str,
        *,
        log: CallLog | None = None,
        port_file: Path | None = None,
    ) -> None:
        """Prepare.

        Args:
            target: the base URL of the server behind; asked at each call.
            target_key: its key; empty when it wants none.
            log: where calls are written down too.
            port_file: keeps the port, and with it the key, over restarts: the bot uses an audio
                id again only where server and key are those that gave it.

        """
        self.exchanges = Exchanges()
        if log is not None:
            self.exchanges.kept.extend(log.load())
        self._log = log
        self._port_file = port_file
        lasting = port_file is not None and target_key
        own = _derived(target_key, target()) if lasting else secrets.token_urlsafe(24)
        self.key = f"sk-relay-{own}"
        self._target = target
        self._target_key = target_key
        self._port = 0

    @property
    def base_url(self) -> str:
        """What the bot gets as its base URL; good once it listens."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        """Listen on the port of last time, else on any free one."""
        app = web.Application(client_max_size=_LIMIT_BYTES)
        app.router.add_route("*", "/v1/{path:.+}", self._pass_on)
        self._session = aiohttp.ClientSession(
            timeout=_PATIENCE, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await self._listen(self._runner)
        self._port = int(self._runner.addresses[0][1])
        if self._port_file is not None:
            self._port_file.write_text(str(self._port))
        return self

    async def _listen(self, runner: web.AppRunner) -> None:
        try:
            await web.TCPSite(runner, "127.0.0.1", _port_in(self._port_file)).start()
        except OSError:
            await web.TCPSite(runner, "127.0.0.1", 0).start()

    async def __aexit__(self, *_: object) -> None:
        """Cut what is under way."""
        await self._runner.cleanup()
        await self._session.close()

    async def _pass_on(self, request: web.Request) -> web.StreamResponse:
        own = f"Bearer {self.key}"
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), own.encode()):
            return web.json_response({"error": {"message": "This key opens nothing."}}, status=401)
        at, started = datetime.now(UTC), time.monotonic()
        body = await request.read()
        try:
            return await self._converse(request, body, at, started)
        except (aiohttp.ClientError, OSError) as error:
            if request.transport is not None and not isinstance(error, ConnectionResetError):
                request.transport.abort()
            return web.Response(status=502, text="The model's server cannot be reached.")

    async def _converse(
        self, request: web.Request, body: bytes, at: datetime, started: float
    ) -> web.StreamResponse:
        url = f"{self._target().rstrip('/')}/{request.match_info['path']}"
        headers = _only(request.headers, _PASSED_ON)
        if self._target_key:
            headers["Authorization"] = f"Bearer {self._target_key}"
        async with self._session.request(
            request.method, url, data=body or None, headers=headers, allow_redirects=False
        ) as answer:
            response = web.StreamResponse(
                status=answer.status, headers=_only(answer.headers, _PASSED_BACK)
            )
            await response.prepare(request)
            told = bytearray()
            async for chunk in answer.content.iter_any():
                if len(told) <= _LIMIT_BYTES:
                    told += chunk
                await response.write(chunk)
        # Before the end is passed on: who has the answer finds its call written down.
        seconds = time.monotonic() - started
        await self._note(request, body, answer, bytes(told), at, seconds)
        await response.write_eof()
        return response

    async def _note(
        self,
        request: web.Request,
        body: bytes,
        answer: aiohttp.ClientResponse,
        told: bytes,
        at: datetime,
        seconds: float,
    ) -> None:
        """Write a call down; reading it may take a while, so it is done in a thread."""
        if request.method != "POST":
            return
        kind = answer.headers.get("Content-Type", "")
        asked = await asyncio.to_thread(shortened, body)
        answered = await asyncio.to_thread(shortened, self._without_key(told), kind)
        path = f"/{request.match_info['path']}"
        exchange = Exchange(at, path, answer.status, round(seconds, 3), asked, answered)
        self.exchanges.kept.append(exchange)
        if self._log is not None:
            await asyncio.to_thread(self._log.add, exchange)

    def _without_key(self, told: bytes) -> bytes:
        """Take the key out: some servers quote it when they refuse it."""
        secret = self._target_key.encode()
        return told.replace(secret, b"(key)") if secret else told


def _only(headers: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() in names}


def _derived(target_key: str, target: str) -> str:
    """Make a key of another one, which it does not give away."""
    return hmac.new(target_key.encode(), f"relay to {target}".encode(), hashlib.sha256).hexdigest()


def _port_in(file: Path | None) -> int:
    """Read the port of last time; 0 for any where there is none."""
    try:
        kept = int(file.read_text()) if file is not None else 0
    except (OSError, ValueError):
        return 0
    return kept if 1024 <= kept <= 65_535 else 0
