"""One HTTP request to the model's server: no redirects, capped bytes, never a secret in the log."""

import io
import logging
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace

import aiohttp

from bot.chat_api.failures import RETRIES, Failure, failure, read_request_id
from bot.errors import ChatApiError

log = logging.getLogger(__name__)

_CONNECTIONS = 100
_CHUNK_BYTES = 64 * 1024
_FAILURE_LIMIT_BYTES = 64 * 1024
_CONNECT_S = 5


def open_session() -> aiohttp.ClientSession:
    """Open the one session that all calls share; needs a running loop. Its owner closes it.

    A small pool, no proxies from the environment, no cookies. The deadlines come with each call.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response, read."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def ok(self) -> bool:
        """Whether it is a success; some servers answer a completion with 201."""
        return 200 <= self.status < 300

    @property
    def request_id(self) -> str | None:
        """The server's name of the call."""
        return read_request_id(self.headers)


class AttemptFailed(Exception):
    """One request that brought no answer. `response` is None when none came."""

    def __init__(self, failure_: Failure, response: Response | None = None) -> None:
        super().__init__(failure_.error.code)
        self.failure = failure_
        self.response = response

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the response, if one came."""
        return self.response.headers if self.response else {}

    def log(self) -> None:
        """Write the operator's line: code, status and request id, never a body."""
        log.warning(
            "model: %s (status %s, request %s)%s",
            self.failure.error.code,
            self.response.status if self.response else None,
            self.response.request_id if self.response else None,
            f": {self.failure.hint}" if self.failure.hint else "",
        )


@dataclass(frozen=True, slots=True)
class Key:
    """What lets us in; an empty one is not sent at all.

    Attributes:
        header: where it goes; `Authorization` holds it as a bearer token.

    """

    value: str = field(repr=False)
    header: str = "Authorization"

    @property
    def headers(self) -> dict[str, str]:
        """The headers that show it."""
        bearer = "Bearer " if self.header == "Authorization" else ""
        return {self.header: bearer + self.value} if self.value else {}


class ConnectionLost(AttemptFailed):
    """The connection broke, or stood still for too long."""


class Incoming:
    """A response that has begun; `head` is all but its body."""

    def __init__(self, response: aiohttp.ClientResponse, max_bytes: int) -> None:
        self.head = Response(response.status, response.headers)
        self._content = response.content
        self._is_stream = response.content_type == "text/event-stream"
        self._left = max_bytes

    @property
    def is_stream(self) -> bool:
        """Whether it comes in pieces that each say something."""
        return self._is_stream

    async def piece(self) -> bytes:
        """Give what came next; nothing when that was all.

        Raises:
            AttemptFailed: it is larger than allowed, or the connection broke (`ConnectionLost`).

        """
        with _broken_connections_told():
            piece = await self._content.read(_CHUNK_BYTES)
        self._left -= len(piece)
        if self._left < 0:
            raise AttemptFailed(Failure(_too_large(self.head)), self.head)
        return piece

    async def read(self) -> Response:
        """Read it up to the cap after decompression; of a failure only the beginning.

        Raises:
            AttemptFailed: as `piece`.

        """
        pieces: list[bytes] = []
        left = _FAILURE_LIMIT_BYTES
        while (self.head.ok or left > 0) and (piece := await self.piece()):
            pieces.append(piece if self.head.ok else piece[:left])
            left -= len(piece)
        return replace(self.head, body=b"".join(pieces))


@asynccontextmanager
async def call(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    key: Key,
    max_bytes: int,
    body: bytes | aiohttp.FormData | None = None,
    accept: str = "application/json",
    stall_s: float | None = None,
) -> AsyncIterator[Incoming]:
    """Make one request; inside, its response has begun.

    Args:
        session: see `open_session`.
        method: of HTTP.
        url: where to.
        key: what lets us in.
        max_bytes: the most that is read of a success, after decompression.
        body: JSON to send, or a form.
        accept: the kind of answer that is wanted.
        stall_s: how long nothing may come. None where the caller's deadline has to do: an answer
            that is not streamed sends no byte before all of it exists.

    Raises:
        AttemptFailed: no response came.

    """
    with _broken_connections_told():
        # Redirects would turn the POST into a GET, or carry its body to another host.
        async with session.request(
            method,
            url,
            data=_in_pieces(body) if isinstance(body, bytes) else body,
            headers=_headers(key, accept, json=isinstance(body, bytes)),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S, sock_read=stall_s),
        ) as response:
            yield Incoming(response, max_bytes)


async def fetch(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    key: Key,
    max_bytes: int,
    body: bytes | aiohttp.FormData | None = None,
    accept: str = "application/json",
) -> Response:
    """Make one request and read the whole response; arguments as of `call`.

    Raises:
        AttemptFailed: no whole response came, or a success of more than `max_bytes`.

    """
    async with call(
        session, method, url, key=key, max_bytes=max_bytes, body=body, accept=accept
    ) as incoming:
        return await incoming.read()


@contextmanager
def _broken_connections_told() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, OSError) as error:
        code = "timed_out" if isinstance(error, aiohttp.SocketTimeoutError) else "unreachable"
        hint = type(error).__name__
        raise ConnectionLost(Failure(failure(code), retries=RETRIES, hint=hint)) from error


def _in_pieces(body: bytes) -> bytes | io.BytesIO:
    """Have much written piece by piece, as files are: bytes are written in one go."""
    return io.BytesIO(body) if len(body) > _CHUNK_BYTES else body


def _headers(key: Key, accept: str, *, json: bool) -> dict[str, str]:
    headers = {
        **key.headers,
        "Accept": accept,
        "Accept-Encoding": "identity",
        "X-Client-Request-Id": str(uuid.uuid4()),
    }
    return {**headers, "Content-Type": "application/json"} if json else headers


def _too_large(head: Response) -> ChatApiError:
    return failure("answer_too_large", status=head.status, request_id=head.request_id)
