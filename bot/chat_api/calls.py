"""The calls of functions that an answer wants, whole or put together of pieces. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.chat_api.wire import CALLS, TEXT, CallFields, Function, Message, is_null, read
from bot.domain.tools import ToolCall


def read_calls(message: Message) -> list[CallFields]:
    """Read the calls of a message, or the pieces of calls of a chunk."""
    return read(message.tool_calls, CALLS) or []


@dataclass(slots=True)
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class CallPieces:
    """Puts calls together; a whole call is one of one piece."""

    def __init__(self, pieces: Iterable[CallFields] = ()) -> None:
        self._calls: dict[int, _Call] = {}
        self._newest = 0
        self.add(pieces)

    def add(self, pieces: Iterable[CallFields]) -> None:
        """Take further pieces."""
        for number, piece in enumerate(pieces):
            self._add(piece, beside=number > 0)

    def _add(self, piece: CallFields, *, beside: bool) -> None:
        called, id_ = piece.function or Function(), read(piece.id, TEXT) or ""
        place = self._place(piece.index, id_, beside=beside)
        call = self._calls.setdefault(place, _Call())
        name = read(called.name, TEXT) or ""
        # Servers that repeat the id repeat the name as well.
        call.name += name if name != call.name else ""
        call.id = call.id or id_
        call.arguments.append(_arguments(called))

    def _place(self, index: int | None, id_: str, *, beside: bool) -> int:
        """Find the call that a piece belongs to.

        Without an index a new id begins a new one, and so does a piece beside another.
        """
        newest = self._calls.get(self._newest, _Call())
        is_next = beside or bool(id_ and newest.id and newest.id != id_)
        self._newest = index if index is not None else self._newest + is_next
        return self._newest

    def whole(self) -> tuple[ToolCall, ...]:
        """Give the calls in their order; without a name nothing can be called."""
        found = sorted(self._calls.items())
        return tuple(
            ToolCall(call.id or f"call_{place}", call.name, "".join(call.arguments))
            for place, call in found
            if call.name
        )


def _arguments(called: Function) -> str:
    """Read the arguments: JSON in a string; some servers send the object itself."""
    if (text := read(called.arguments, TEXT)) is not None:
        return text
    return "" if is_null(called.arguments) else bytes(called.arguments).decode("utf-8", "replace")
