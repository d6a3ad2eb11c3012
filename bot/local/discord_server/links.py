"""Signed, expiring addresses of files.

Source: https://docs.discord.com/developers/reference (Signed Attachment CDN URLs)
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote

from bot.local.discord_server.clock import Clock
from bot.local.discord_server.state import Attachment

LIFETIME_S = 24 * 3600


class FileLinks:
    """Writes and checks the addresses of attachments."""

    def __init__(self, clock: Clock, application_id: int) -> None:
        self._clock = clock
        self._application_id = application_id
        self.base_url = "http://127.0.0.1"

    def url(self, attachment: Attachment) -> str:
        """Write an address that is good for a day."""
        issued = int(self._clock().timestamp())
        until, since = f"{issued + LIFETIME_S:x}", f"{issued:x}"
        sign = self._signature(attachment.id, until, since)
        return f"{self.base_url}{self._path(attachment)}?ex={until}&is={since}&hm={sign}&"

    def is_valid(self, attachment_id: int, query: Mapping[str, str]) -> bool:
        """Whether the address was written here and is not too old."""
        until, since = query.get("ex", ""), query.get("is", "")
        signed = hmac.compare_digest(
            query.get("hm", ""), self._signature(attachment_id, until, since)
        )
        return signed and int(until, 16) > self._clock().timestamp()

    def _path(self, attachment: Attachment) -> str:
        name = quote(attachment.filename)
        if attachment.ephemeral:
            return f"/ephemeral-attachments/{self._application_id}/{attachment.id}/{name}"
        return f"/attachments/{attachment.channel_id}/{attachment.id}/{name}"

    def _signature(self, attachment_id: int, until: str, since: str) -> str:
        words = f"{attachment_id}/{until}/{since}".encode()
        return hmac.new(b"stand-in", words, hashlib.sha256).hexdigest()
