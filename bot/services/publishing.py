"""Commands are published when their definition changed, not at each start."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.storage.keys import KeyStore

Definition = Sequence[Mapping[str, Any]]
"""The commands as they would be sent, with all translations."""


class Publishing:
    """Remembers which definition Discord took last from each application."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys

    async def is_published(self, application_id: int, definition: Definition) -> bool:
        """Tell whether Discord has exactly this definition from us."""
        return await self._keys.get(_name(application_id)) == fingerprint(definition)

    async def note_published(self, application_id: int, definition: Definition) -> None:
        """Note that Discord took this definition."""
        await self._keys.put(_name(application_id), fingerprint(definition))


def fingerprint(definition: Definition) -> bytes:
    """Name a definition; the order of its commands and fields does not matter."""
    written = sorted(json.dumps(command, sort_keys=True) for command in definition)
    return hashlib.sha256("\n".join(written).encode()).digest()


def _name(application_id: int) -> str:
    return f"commands {application_id}"
