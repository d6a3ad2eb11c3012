"""Typed functions as a model is told of them, and its calls: what is in those is not trusted."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec
from msgspec import NODEFAULT, Struct

from bot.domain.tools import Tool, ToolCall
from bot.services.tools.here import Here

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""How long a function may take."""

LONGEST_ARGUMENTS = 8_000
LONGEST_RESULT = 4_000
"""Characters; the model is paid for each of them."""

_LONGEST_COMPLAINT = 200


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the table.

    Attributes:
        tool: what the model is told of it.
        arguments: what it may be called with.
        run: the function itself.

    """

    tool: Tool
    arguments: type[Struct]
    run: Callable[..., Awaitable[str]]

    @property
    def name(self) -> str:
        """Its name, for the model as for the owner."""
        return self.tool.name

    @classmethod
    def read(cls, run: Callable[..., Awaitable[str]]) -> "Function":
        """Read off a typed function what a model has to be told to call it."""
        name = run.__name__
        arguments = msgspec.defstruct(name, _fields(run), forbid_unknown_fields=True, kw_only=True)
        return cls(Tool(name, inspect.getdoc(run) or "", _schema(arguments)), arguments, run)


def _fields(run: Callable[..., Awaitable[str]]) -> list[tuple[str, Any, Any]]:
    """List the parameters after `here`, with their types and defaults."""
    types = get_type_hints(run, include_extras=True)
    _here, *others = inspect.signature(run).parameters.values()
    return [
        (each.name, types[each.name], NODEFAULT if each.default is each.empty else each.default)
        for each in others
    ]


def _schema(arguments: type[Struct]) -> Mapping[str, object]:
    _, shapes = msgspec.json.schema_components([arguments])
    own: dict[str, object] = shapes.pop(arguments.__name__)
    own.pop("title", None)
    return own | {"$defs": shapes} if shapes else own


class Tools:
    """The functions that are switched on."""

    def __init__(self, table: Collection[Function], switched_on: Collection[str]) -> None:
        self._functions = {each.name: each for each in table if each.name in switched_on}

    @property
    def offered(self) -> tuple[Tool, ...]:
        """What the model is told of, in the order of the table: equal prompts stay equal bytes."""
        return tuple(each.tool for each in self._functions.values())

    def name_of(self, call: ToolCall) -> str:
        """Name what a call is of, for the log: nothing that the model made up."""
        return call.name if call.name in self._functions else "unknown"

    async def call(self, call: ToolCall, here: Here) -> str:
        """Make a call that the model wants; whatever is wrong with it is said in the result."""
        function = self._functions.get(call.name)
        if function is None:
            log.warning("a function that there is not was called")
            return f"There is no such function. There are: {', '.join(self._functions)}."
        try:
            return await _run(function, call.arguments, here)
        except _Unfit as complaint:
            log.warning("%s was called with what does not fit it", call.name)
            return f"That was no proper call of {call.name}: {complaint}"
        except Exception as error:  # noqa: BLE001 - an answer without this result beats none
            log.warning("%s failed: %s", call.name, type(error).__name__)
            return f"{call.name} did not work this time."


class _Unfit(Exception):
    """Arguments that are not what the function takes; the text is for the model."""


async def _run(function: Function, arguments: str, here: Here) -> str:
    values = _read(arguments, function.arguments)
    given = {name: getattr(values, name) for name in values.__struct_fields__}
    async with asyncio.timeout(PATIENCE_S):
        result = await function.run(here, **given)
    return result[:LONGEST_RESULT]


def _read(arguments: str, kind: type[Struct]) -> Struct:
    if len(arguments) > LONGEST_ARGUMENTS:
        raise _Unfit("the arguments are too long.")
    try:
        return msgspec.json.decode(arguments.strip() or "{}", type=kind)
    except msgspec.ValidationError as error:
        raise _Unfit(str(error)[:_LONGEST_COMPLAINT]) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _Unfit("the arguments are no JSON.") from error
