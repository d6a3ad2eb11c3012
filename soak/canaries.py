"""The stand-ins' secrets, with which every bot of tests and trials runs, are canaries.

None may get out into what is logged, printed, stored, measured, or sent where it does not belong.
"""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from bot.local.chat_server.server import KEY
from bot.local.discord_server.building import TOKEN

_WHERE_THEY_BELONG = (".env", "world.json")
"""The file for secrets, and the stand-in Discord's own memory."""

_LARGEST_FILE_BYTES = 64 << 20


def forms(secret: str) -> tuple[str, ...]:
    """How a secret may look elsewhere."""
    return secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode().rstrip("=")


CANARIES = tuple(dict.fromkeys((*forms(TOKEN), *forms(KEY))))
TOKENS = tuple(dict.fromkeys(forms(TOKEN)))


def sung(text: str, canaries: tuple[str, ...] = CANARIES) -> bool:
    """Tell whether a text holds one."""
    return any(canary in text for canary in canaries)


def sung_in(data: bytes, canaries: tuple[str, ...] = CANARIES) -> bool:
    """Tell whether bytes hold one."""
    return any(canary.encode() in data for canary in canaries)


def files_with_one(folder: Path) -> Iterator[Path]:
    """Find files, at any depth, that hold one and should not."""
    for path in folder.rglob("*"):
        if path.name.startswith(_WHERE_THEY_BELONG) or not path.is_file():
            continue
        if path.stat().st_size <= _LARGEST_FILE_BYTES and sung_in(path.read_bytes()):
            yield path
