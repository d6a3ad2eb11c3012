"""The calls of the model on disk: the last of them, one a line, there again at the next start."""

from pathlib import Path

import msgspec

from bot.local.page.exchanges import MOST_KEPT, Exchange


class CallLog:
    """A file of calls, oldest first; a line that was cut off is left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._count = 0

    def load(self) -> list[Exchange]:
        """Read the last calls."""
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        self._count = len(lines)
        return [call for line in lines[-MOST_KEPT:] if (call := _read(line)) is not None]

    def add(self, call: Exchange) -> None:
        """Write one down, and let the oldest go where the file has twice what is kept."""
        if self._count >= 2 * MOST_KEPT:
            self._keep(self.load())
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(call) + b"\n")
        self._count += 1

    def _keep(self, calls: list[Exchange]) -> None:
        unfinished = self._path.with_name(f"{self._path.name}.part")
        unfinished.write_bytes(b"".join(msgspec.json.encode(call) + b"\n" for call in calls))
        unfinished.replace(self._path)
        self._count = len(calls)


def _read(line: bytes) -> Exchange | None:
    try:
        return msgspec.json.decode(line, type=Exchange)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
