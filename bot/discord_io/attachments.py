"""Fetching members' files: allowed hosts only, no redirects, and never more than was agreed."""

import asyncio
import logging

import aiohttp
from yarl import URL

from bot.discord_io.network import NETWORK_ERRORS
from bot.discord_io.public_only import open_connector
from bot.domain.incoming import FileRef
from bot.errors import AttachmentError
from bot.words import Sentence

log = logging.getLogger(__name__)

DEADLINE_S = 60
PAUSES_S = (0.3, 1.0)
"""The waits before the second attempt and the third."""

_CHUNK_BYTES = 1 << 16
_AS_IT_IS = {"Accept-Encoding": "identity"}
_GONE = {403, 404, 410}
_TOO_MANY_REQUESTS = 429


def open_file_session(*, on_this_machine: bool) -> aiohttp.ClientSession:
    """Open the session that files are fetched with: no cookies, no proxies of the environment.

    Needs a running loop; its owner closes it. It reaches the internet only, unless the file store
    is a stand-in `on_this_machine`.
    """
    return aiohttp.ClientSession(
        connector=None if on_this_machine else open_connector(),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )


class AttachmentReader:
    """Reads files from Discord's file store.

    Args:
        session: see `open_file_session`.
        hosts: the hosts that may be asked, `name` (on https's own port only, unless plain http is
            allowed) or `name:port`.
        plain_http: allow http, for a file store on this machine.
        pauses_s: the waits between the attempts.

    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        hosts: frozenset[str],
        *,
        plain_http: bool = False,
        pauses_s: tuple[float, ...] = PAUSES_S,
    ) -> None:
        self._session = session
        self._pauses_s = pauses_s
        self._hosts = hosts
        self._schemes = {"https", "http"} if plain_http else {"https"}

    async def read(self, ref: FileRef, *, limit_bytes: int) -> bytes:
        """Fetch a whole file.

        Raises:
            AttachmentError: gone, too large, unreachable, or from a host that is not allowed.

        """
        url = self._allowed(ref.url)
        for pause_s in (*self._pauses_s, None):
            try:
                async with asyncio.timeout(DEADLINE_S):
                    return await self._fetch(url, limit_bytes)
            except NETWORK_ERRORS as error:
                log.warning("file %s not fetched: %s", ref.id, type(error).__name__)
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        raise AttachmentError(
            "file_unreachable",
            Sentence("I could not fetch your file from Discord. Please try again."),
        )

    def _allowed(self, text: str) -> URL:
        try:
            url = URL(text)
            names = {f"{url.host}:{url.port}"}
            if url.is_default_port() or "http" in self._schemes:
                names.add(str(url.host))
        except (ValueError, IndexError) as error:  # yarl stumbles over what follows a bracket
            raise _not_allowed() from error
        if url.scheme not in self._schemes or not names & self._hosts or "@" in url.raw_authority:
            raise _not_allowed()
        return url

    async def _fetch(self, url: URL, limit_bytes: int) -> bytes:
        async with self._session.get(url, allow_redirects=False, headers=_AS_IT_IS) as response:
            _require_success(response.status)
            return await self._read_capped(response, limit_bytes)

    async def _read_capped(self, response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            data += chunk
            if len(data) > limit_bytes:
                raise AttachmentError(
                    "file_too_large", Sentence("That file is larger than it claims to be.")
                )
        return bytes(data)


def _not_allowed() -> AttachmentError:
    return AttachmentError("file_host", Sentence("That file is not kept where I may fetch files."))


def _require_success(status: int) -> None:
    """Raise for any status but 200: an AttachmentError where asking again is of no use."""
    if status in _GONE:
        raise AttachmentError(
            "file_gone", Sentence("Your file is no longer there. Please send it again.")
        )
    if 300 <= status < 500 and status != _TOO_MANY_REQUESTS:
        log.error("the file store refused a request: status %s", status)
        raise AttachmentError("file_refused", Sentence("Discord did not give me your file."))
    if status != 200:
        raise aiohttp.ClientError(f"status {status}")
