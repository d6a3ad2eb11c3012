"""Functions on offer: whether the last question wants one called, and what is said of the results.

wishes      questions that want a function, by its name and description
arguments   what it is called with, by the schema of its parameters
found       what questions say: places, numbers, choices, subjects
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.local.chat_server.asked import Asked, Chosen, Tool
from bot.local.chat_server.calling.arguments import Missing, find_arguments
from bot.local.chat_server.calling.wishes import fits
from bot.local.chat_server.messages import Message, Result, User, text_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call that the mind wants made; `arguments` is JSON."""

    id: str
    name: str
    arguments: str

    @property
    def fields(self) -> dict[str, Any]:
        """The call as it is sent."""
        called = {"name": self.name, "arguments": self.arguments}
        return {"id": self.id, "type": "function", "function": called}


def choose_calls(asked: Asked, words: str) -> list[Wanted]:
    """Choose which functions to call for a question; none where none fits.

    Args:
        asked: the request, with what it says of a choice.
        words: what the member asks.

    """
    tools, choice = asked.tools or [], asked.tool_choice or "auto"
    if choice == "none":
        return []
    if isinstance(choice, Chosen):
        return [
            _insist(tool, words) for tool in tools if tool.function.name == choice.function.name
        ]
    if choice == "auto" and results_since_asked(asked.messages):
        return []
    wanted = [call for tool in tools if fits(tool, words) and (call := _call(tool, words))]
    if not wanted and choice == "required":
        wanted = [_insist(tools[0], words)]
    return wanted[:1] if asked.parallel_tool_calls is False else wanted


def _call(tool: Tool, words: str) -> Wanted | None:
    """Call it with what the question says; None where that is not enough."""
    try:
        return _wanted(tool, find_arguments(tool.function.parameters, words))
    except Missing:
        return None


def _insist(tool: Tool, words: str) -> Wanted:
    return _wanted(tool, find_arguments(tool.function.parameters, words, invent=True))


def _wanted(tool: Tool, arguments: dict[str, object]) -> Wanted:
    written = msgspec.json.encode(arguments).decode()
    return Wanted(f"call_{uuid.uuid4().hex[:24]}", tool.function.name, written)


def results_since_asked(messages: Sequence[Message]) -> list[str]:
    """Tell what came of the calls since a member said something."""
    asked = max((at for at, m in enumerate(messages) if isinstance(m, User)), default=-1)
    return [text_of(m.content) for m in messages[asked + 1 :] if isinstance(m, Result)]


def tell_results(results: Sequence[str]) -> str:
    """Say what the functions found out."""
    sentences = (" ".join(result.split()) or "There was no result." for result in results)
    return " ".join(text if text[-1] in ".!?" else f"{text}." for text in sentences)
