"""The model's calls as they are told back to it: whatever it wrote, a server takes them."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from bot.domain.tools import ToolCall
from bot.services.tools.calling import LONGEST_ARGUMENTS

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LONGEST_ID = 200


def echo(calls: Sequence[ToolCall]) -> tuple[ToolCall, ...]:
    """Mend names, ids and arguments that servers refuse; the order stays."""
    ids = [call.id for call in calls]
    if len(set(ids)) < len(ids) or not all(0 < len(each) <= _LONGEST_ID for each in ids):
        ids = [f"call_{place}" for place in range(len(ids))]
    return tuple(
        ToolCall(id_, _name(call.name), _arguments(call.arguments))
        for id_, call in zip(ids, calls, strict=True)
    )


def _name(name: str) -> str:
    return name if _NAME.fullmatch(name) else "unknown"


def _arguments(arguments: str) -> str:
    if len(arguments) > LONGEST_ARGUMENTS:
        return "{}"
    try:
        msgspec.json.decode(arguments, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return "{}"
    return arguments
