"""Server-sent events out of bytes that come in pieces of any size. Pure.

https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from collections.abc import Iterable
from dataclasses import dataclass

_MARK = b"\xef\xbb\xbf"
_DONE = b"[DONE]"


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `kind` is empty where it has no name."""

    kind: str
    data: bytes


class EventReader:
    """Reads one stream; lines may be of any length, their reader bounds the whole.

    Attributes:
        done: whether `[DONE]` came, after which nothing counts.
        held_bytes: how much of a line that has not ended is kept.

    """

    def __init__(self) -> None:
        self.done = False
        self.held_bytes = 0
        self._begun: list[bytes] = []
        self._data: list[bytes] = []
        self._kind = ""
        self._is_first_line = True
        self._after_return = False

    def feed(self, piece: bytes) -> list[Event]:
        """Give the events that end in this piece."""
        *lines, rest = self._with_line_feeds(piece).split(b"\n")
        if lines:
            lines[0] = b"".join((*self._begun, lines[0]))
            self._begun, self.held_bytes = [], 0
        self._begun.append(rest)
        self.held_bytes += len(rest)
        return self._read(lines)

    def end(self) -> list[Event]:
        """Give the event that only the end of the stream ended."""
        return self._read([b"".join(self._begun), b""])

    def _with_line_feeds(self, piece: bytes) -> bytes:
        """Turn all line ends into one kind, also a pair that was cut between two pieces."""
        if self._after_return and piece:
            piece = piece.removeprefix(b"\n")
            self._after_return = False
        if b"\r" not in piece:
            return piece
        self._after_return = piece.endswith(b"\r")
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _read(self, lines: Iterable[bytes]) -> list[Event]:
        return [event for line in lines if (event := self._read_line(line)) is not None]

    def _read_line(self, line: bytes) -> Event | None:
        if self._is_first_line:
            line, self._is_first_line = line.removeprefix(_MARK), False
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
        elif name == b"event":
            self._kind = value.strip().decode("utf-8", "replace")
        return None

    def _dispatch(self) -> Event | None:
        if not self._data:
            self._kind = ""
            return None
        data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
        event, self._data, self._kind = Event(self._kind, data), [], ""
        self.done = self.done or data.strip() == _DONE
        return event if data and not self.done else None
