"""Where a base URL leads. Pure."""

from urllib.parse import quote, urlsplit, urlunsplit

_COMPLETIONS = "/chat/completions"


def endpoint(base_url: str, root: str = "/v1") -> str:
    """Find the address of chat completions behind a base URL as people write it.

    With or without `/v1` and a slash at the end; without any path `root` is meant; a full path
    that ends in `/chat/completions` is kept as it is, with its query (Azure).

    Raises:
        ValueError: not an http or https address.

    """
    parts = urlsplit(base_url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the address must begin with https:// or http:// and name a server")
    path = parts.path.rstrip("/")
    if not path.endswith(_COMPLETIONS):
        path = (path or root) + _COMPLETIONS
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def model_address(base_url: str, model: str, root: str = "/v1") -> str:
    """Find the address that describes one model of the same API."""
    return _beside(base_url, root, f"/models/{quote(model)}")


def speech_address(base_url: str, root: str = "/v1") -> str:
    """Find the address of the same API that speaks given words."""
    return _beside(base_url, root, "/audio/speech")


def transcription_address(base_url: str, root: str = "/v1") -> str:
    """Find the address of the same API that writes recordings down."""
    return _beside(base_url, root, "/audio/transcriptions")


def _beside(base_url: str, root: str, path: str) -> str:
    parts = urlsplit(endpoint(base_url, root))
    whole = parts.path.removesuffix(_COMPLETIONS) + path
    return urlunsplit((parts.scheme, parts.netloc, whole, parts.query, ""))
