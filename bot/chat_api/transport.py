"""One HTTP request to the model's server: no redirects, capped bytes, never a secret in the log."""

import io
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from bot.chat_api.failures import RETRIES, Failure, failure, read_request_id
from bot.errors import ChatApiError

log = logging.getLogger(__name__)

_CONNECTIONS = 100
_CHUNK_BYTES = 64 * 1024
_FAILURE_LIMIT_BYTES = 64 * 1024
# The caller's deadline bounds the whole; without streaming no byte comes before the answer exists.
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5)


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


async def fetch(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    key: str,
    max_bytes: int,
    body: bytes | None = None,
    accept: str = "application/json",
) -> Response:
    """Make one request and read the whole response.

    Args:
        session: see `open_session`.
        method: of HTTP.
        url: where to.
        key: the bearer token.
        max_bytes: the most that is read of a success, after decompression.
        body: JSON to send.
        accept: the kind of answer that is wanted.

    Raises:
        AttemptFailed: no whole response came, or a success of more than `max_bytes`.

    """
    try:
        # Redirects would turn the POST into a GET, or carry its body to another host.
        async with session.request(
            method,
            url,
            # Bytes above 1 MiB would be written in one go; a file is written piece by piece.
            data=None if body is None else io.BytesIO(body),
            headers=_headers(key, accept, has_body=body is not None),
            allow_redirects=False,
            timeout=_TIMEOUT,
        ) as response:
            return await _read(response, max_bytes)
    except (aiohttp.ClientError, OSError) as error:
        hint = type(error).__name__
        unreachable = Failure(failure("unreachable"), retries=RETRIES, hint=hint)
        raise AttemptFailed(unreachable) from error


def _headers(key: str, accept: str, *, has_body: bool) -> dict[str, str]:
    headers = {
        "Authorization": f"Bearer {key}",
        "Accept": accept,
        "Accept-Encoding": "identity",
        "X-Client-Request-Id": str(uuid.uuid4()),
    }
    return {**headers, "Content-Type": "application/json"} if has_body else headers


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> Response:
    """Read up to the cap after decompression; of a failure only the beginning."""
    head = Response(response.status, response.headers)
    chunks: list[bytes] = []
    left = max_bytes if head.ok else _FAILURE_LIMIT_BYTES
    async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
        chunks.append(chunk[:left])
        left -= len(chunk)
        if left < 0 and head.ok:
            raise AttemptFailed(Failure(_too_large(head)), head)
        if left < 0:
            break
    return Response(response.status, response.headers, b"".join(chunks))


def _too_large(head: Response) -> ChatApiError:
    return failure("answer_too_large", status=head.status, request_id=head.request_id)
