"""Files: attachments by their ids, in parts where asked."""

import re
from urllib.parse import quote

from aiohttp import web

from bot.local.discord_server.state import Attachment
from bot.local.discord_server.world import World

_SHOWN_IN_PLACE = re.compile(r"audio/[\w.+-]+|image/(png|jpeg|gif|webp)")


class Files:
    """Serves attachments; what a browser could run comes as a download without a type."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def answer(self, request: web.Request) -> web.Response:
        """Serve one, whole or the part that `Range` asks for."""
        attachment = self._find(int(request.match_info["attachment"]))
        data = self._world.state.files.get(attachment.id) if attachment else None
        if attachment is None or data is None:
            return web.Response(status=404, text="There is no such file any more.")
        headers = _headers(attachment)
        try:
            asked = request.http_range
        except ValueError:
            return _unsatisfiable(headers, len(data))
        if asked.start is None and asked.stop is None:
            return web.Response(body=data, headers=headers)
        start, stop, _ = asked.indices(len(data))
        if start >= stop:
            return _unsatisfiable(headers, len(data))
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
        return web.Response(status=206, body=data[start:stop], headers=headers)

    def _find(self, attachment_id: int) -> Attachment | None:
        for message in self._world.state.messages.values():
            for attachment in message.attachments:
                if attachment.id == attachment_id:
                    return attachment
        return None


def _headers(attachment: Attachment) -> dict[str, str]:
    kind = (attachment.content_type or "").partition(";")[0].strip().lower()
    in_place = _SHOWN_IN_PLACE.fullmatch(kind) is not None
    disposition = "inline" if in_place else "attachment"
    return {
        "Content-Type": kind if in_place else "application/octet-stream",
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(attachment.filename)}",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600",
    }


def _unsatisfiable(headers: dict[str, str], size_bytes: int) -> web.Response:
    about = {"Content-Range": f"bytes */{size_bytes}", "Accept-Ranges": headers["Accept-Ranges"]}
    return web.Response(status=416, headers=about)
