"""The keys that clients send."""

from collections.abc import Sequence

from aiohttp import web

from bot.local.chat_server.refusals import no_key, wrong_key

SECRET = ("authorization", "api-key")
"""The headers that hold them, in lower case."""


def check_key(request: web.Request, headers: Sequence[str], key: str) -> None:
    """Look for the key in these headers; without any no key is asked for.

    Raises:
        ApiRefusal: there is none, or another one.

    """
    sent = [found for name in headers if (found := _key_in(request, name))]
    if headers and not sent:
        raise no_key()
    if headers and key not in sent:
        raise wrong_key(sent[0])


def _key_in(request: web.Request, name: str) -> str:
    """Take the key out of a header; that of `Authorization` stands behind its scheme."""
    value = request.headers.get(name, "")
    if name != "Authorization":
        return value
    scheme, _, key = value.partition(" ")
    return key if scheme.lower() == "bearer" else ""
