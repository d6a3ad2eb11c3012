"""The types of files by how their names end, as Discord works them out for bots."""

from pathlib import PurePath

_TYPES = {
    ".ogg": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg", ".wav": "audio/wav",
    ".flac": "audio/flac", ".m4a": "audio/mp4", ".aac": "audio/aac", ".webm": "audio/webm",
    ".mp4": "video/mp4", ".mov": "video/quicktime", ".txt": "text/plain", ".md": "text/markdown",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
    ".webp": "image/webp",
}  # fmt: skip

UNKNOWN = "application/octet-stream"


def type_of(filename: str) -> str:
    """Tell a file's type; `UNKNOWN` for names that say nothing."""
    return _TYPES.get(PurePath(filename).suffix.lower(), UNKNOWN)
