"""Request bodies: JSON, or JSON with files."""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import BodyPartReader, web

from bot.local.discord_server.drafts import Part
from bot.local.discord_server.errors import refused

REQUEST_LIMIT_BYTES = 25 * 2**20


@dataclass(frozen=True, slots=True)
class Body:
    """A parsed body; `too_large` when its files were not kept because it exceeds the limit."""

    payload: Any = None
    parts: tuple[Part, ...] = ()
    too_large: bool = False
    broken: bool = False

    def check(self) -> None:
        """Refuse with 40005 what is too large, and with 50109 what is no JSON."""
        if self.too_large:
            raise refused(40005)
        if self.broken:
            raise refused(50109)


async def read_body(request: web.Request) -> Body:
    """Read a whole body; it is always read to its end, so that the sender hears the answer."""
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    raw = await request.read()
    if len(raw) > REQUEST_LIMIT_BYTES:
        return Body(too_large=True)
    return _parsed(raw)


async def _read_multipart(request: web.Request) -> Body:
    body = Body(payload={})
    parts: list[Part] = []
    size_bytes = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        data = bytes(await part.read())
        size_bytes += len(data)
        if part.name == "payload_json":
            body = _parsed(data)
        elif size_bytes <= REQUEST_LIMIT_BYTES:
            parts.append(_file_part(part, data))
    too_large = size_bytes > REQUEST_LIMIT_BYTES
    return Body(body.payload, tuple(parts), too_large, body.broken)


def _file_part(part: BodyPartReader, data: bytes) -> Part:
    return Part(part.name or "", part.filename or "file", part.headers.get("Content-Type"), data)


def _parsed(raw: bytes) -> Body:
    if not raw:
        return Body()
    try:
        return Body(json.loads(raw))
    except ValueError:
        return Body(broken=True)
