"""Whom the page's server answers: one browser, which was given the token, and no other site in it.

A page of any other site can make a browser send requests here. Its name resolved to our address
(DNS rebinding) shows in Host; its requests carry its Origin; it does not know the token.
"""

import hmac
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web

NOT_LET_IN = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>voicebot demo</title>
<h1>Please open the address that was printed</h1>
<p>This page opens with the whole address that <code>python -m bot demo</code> printed, token
included. After a restart there is a new one.</p></html>
"""
_CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self'",
        "img-src 'self' data: blob:", "media-src 'self' blob:", "connect-src 'self'",
        "font-src 'self'", "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'",
        "form-action 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
_HEADERS = {
    "Content-Security-Policy": _CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
    "X-Frame-Options": "DENY",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """Lets requests in, or answers them itself."""

    def __init__(self, address: Callable[[], str], token: str | None = None) -> None:
        """Prepare.

        Args:
            address: host and port as they stand in Host; known once the server listens.
            token: the secret; a new one when None.

        """
        self.token = token or secrets.token_urlsafe(24)
        self._address = address

    @property
    def cookie(self) -> str:
        """The cookie's name; browsers share cookies between the ports of a host."""
        return f"demo-{self._address().rpartition(':')[2]}"

    async def let_in(self, request: web.Request) -> web.Response:
        """Trade the token for a cookie, and take it out of the address."""
        if not _is_same(request.query.get("token", ""), self.token):
            return _turned_away()
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="Strict", path="/")
        return response

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer only who comes to our address, from our own page, with the cookie."""
        if request.headers.get("Host") != self._address():
            return web.Response(status=421, text="This is not the address of this page.")
        if not self._is_from_our_page(request):
            return web.Response(status=403, text="Another site asked for this.")
        if request.path == "/" and "token" in request.query:
            return await self.let_in(request)
        if not _is_same(request.cookies.get(self.cookie, ""), self.token):
            return _turned_away()
        return await handler(request)

    async def add_headers(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Tell browsers what no response of ours may do."""
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")

    def _is_from_our_page(self, request: web.Request) -> bool:
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        changes = request.method not in {"GET", "HEAD"} or "Upgrade" in request.headers
        if site not in ({None, "same-origin"} if changes else {None, "same-origin", "none"}):
            return False
        if changes or origin is not None:
            return origin == f"http://{self._address()}"
        return True


def _is_same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode())


def _turned_away() -> web.Response:
    return web.Response(status=401, text=NOT_LET_IN, content_type="text/html")
