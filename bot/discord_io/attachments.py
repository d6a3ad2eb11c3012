"""Fetching members' files: allowed hosts only, no redirects, and never more than was agreed."""

import asyncio
import logging

import aiohttp
from yarl import URL

from bot.domain.incoming import FileRef
from bot.errors import AttachmentError

log = logging.getLogger(__name__)

DEADLINE_S = 60
ATTEMPTS = 3
_CHUNK_BYTES = 1 << 16


class AttachmentReader:
    """Reads files from Discord's file store.

    Args:
        session: without cookies and proxies of the environment.
        hosts: the hosts that may be asked, `name` or `name:port`.
        plain_http: allow http, for a file store on this machine.

    """

    def __init__(
        self, session: aiohttp.ClientSession, hosts: frozenset[str], *, plain_http: bool = False
    ) -> None:
        self._session = session
        self._hosts = hosts
        self._schemes = {"https", "http"} if plain_http else {"https"}

    async def read(self, ref: FileRef, *, limit_bytes: int) -> bytes:
        """Fetch a whole file.

        Raises:
            AttachmentError: gone, too large, unreachable, or from a host that is not allowed.

        """
        url = self._allowed(ref.url)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                async with asyncio.timeout(DEADLINE_S):
                    return await self._fetch(url, limit_bytes)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                log.warning("file %s, attempt %s: %s", ref.id, attempt, type(error).__name__)
        raise AttachmentError(
            "file_unreachable", "I could not fetch your file from Discord. Please try again."
        )

    def _allowed(self, text: str) -> URL:
        url = URL(text)
        names = {url.host, f"{url.host}:{url.port}"}
        if url.scheme not in self._schemes or not names & self._hosts or url.user:
            raise AttachmentError("file_host", "That file is not kept where I may fetch files.")
        return url

    async def _fetch(self, url: URL, limit_bytes: int) -> bytes:
        async with self._session.get(url, allow_redirects=False) as response:
            if response.status in (403, 404, 410):
                raise AttachmentError(
                    "file_gone", "Your file is no longer there. Please send it again."
                )
            if response.status != 200:
                raise aiohttp.ClientError(f"status {response.status}")
            return await self._read_capped(response, limit_bytes)

    async def _read_capped(self, response: aiohttp.ClientResponse, limit_bytes: int) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            data += chunk
            if len(data) > limit_bytes:
                raise AttachmentError("file_too_large", "That file is larger than it claims to be.")
        return bytes(data)
