"""The page's own files: what lies in `static/`, of the kinds a page is made of."""

import asyncio
from pathlib import Path

from aiohttp import web

FOLDER = Path(__file__).parent / "static"

_CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/vnd.microsoft.icon",
    ".woff2": "font/woff2",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
}


class OwnFiles:
    """Serves a folder, and nothing outside of it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder.resolve()

    async def index(self, _request: web.Request) -> web.Response:
        """Serve the page."""
        return await self._serve("index.html")

    async def answer(self, request: web.Request) -> web.Response:
        """Serve what the path names."""
        return await self._serve(request.match_info["path"])

    async def _serve(self, name: str) -> web.Response:
        kind = _CONTENT_TYPES.get(Path(name).suffix)
        data = await asyncio.to_thread(self._read, name) if kind else None
        if kind is None or data is None:
            return web.Response(status=404, text="There is no such file.")
        return web.Response(body=data, headers={"Content-Type": kind, "Cache-Control": "no-cache"})

    def _read(self, name: str) -> bytes | None:
        """Read a file; None when there is none, or when a link or dots lead elsewhere."""
        try:
            path = (self._folder / name).resolve()
            return path.read_bytes() if path.is_relative_to(self._folder) else None
        except (OSError, ValueError):
            return None
