"""The page's sound modules alone, in an empty page of the browser."""

import base64
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import BrowserContext, Page, Route

from bot.local import page as page_package

STATIC = Path(page_package.__path__[0]) / "static"
EMPTY = "http://localhost:1/"
_CSP = "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self' blob:"
_TYPES = {".js": "text/javascript", ".css": "text/css"}


async def empty_page(
    context: BrowserContext,
    files: Mapping[str, tuple[str, bytes]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Page:
    """Open a page that holds nothing, beside our static files and the given ones."""

    async def serve(route: Route) -> None:
        path = route.request.url.removeprefix(EMPTY)
        static = STATIC / path
        if path and static.is_file():
            kind, body = _TYPES[static.suffix], static.read_bytes()
        else:
            kind, body = (files or {}).get(path, ("text/html", _HTML))
        always = {"content-type": kind, "content-security-policy": _CSP}
        await route.fulfill(body=body, headers={**always, **(headers or {})})

    await context.route(f"{EMPTY}**", serve)
    opened = await context.new_page()
    await opened.goto(EMPTY)
    return opened


async def rewrap(page: Page, webm: bytes) -> bytes:
    """Let the page's modules make an Ogg file of a WebM file."""
    made = await page.evaluate(_REWRAP, base64.b64encode(webm).decode())
    return base64.b64decode(made)


_HTML = (
    b'<!doctype html><html lang="en"><link rel="stylesheet" href="/css/sound.css"><title>-</title>'
)
_REWRAP = """async (webm) => {
  const { readWebm } = await import("/js/sound/webm.js");
  const { writeOgg } = await import("/js/sound/ogg.js");
  const ogg = writeOgg(readWebm(Uint8Array.from(atob(webm), (each) => each.charCodeAt(0))));
  return btoa(Array.from(ogg, (byte) => String.fromCharCode(byte)).join(""));
}"""
