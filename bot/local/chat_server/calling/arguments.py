"""What a function is called with: its parameters, looked for in the question by simple rules."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.local.chat_server.calling.found import (
    find_choices,
    find_number,
    find_place,
    find_sides,
    find_subject,
)

Schema = Mapping[str, Any]


class Missing(Exception):
    """The question does not say what the function needs."""


def find_arguments(
    parameters: Schema | None, words: str, *, invent: bool = False
) -> dict[str, object]:
    """Find the arguments in a question; what it does not say and may be left out is left out.

    Args:
        parameters: the JSON Schema of an object.
        words: the question.
        invent: whether to make up what is not said and may not be left out.

    Raises:
        Missing: something that may not be left out is not said.

    """
    schema: Schema = parameters or {}
    required = schema.get("required", ())
    found: dict[str, object] = {}
    for name, described in schema.get("properties", {}).items():
        value = _find(name, described, words)
        if value is None and name in required:
            value = _make_up(name, described, words, invent=invent)
        if value is not None:
            found[name] = value
    return found


def _find(name: str, described: Schema, words: str) -> object:
    if "enum" in described:
        said = (v for v in described["enum"] if re.search(rf"\b{re.escape(str(v))}\b", words, re.I))
        return next(said, None)
    finder = _FINDERS.get(str(described.get("type")))
    return finder(name, words) if finder else None


def _find_text(name: str, words: str) -> str | None:
    if re.search(r"place|city|country|location|zone|where|town", name, re.IGNORECASE):
        return find_place(words)
    return find_subject(words)


def _find_number(name: str, words: str) -> int | None:
    return find_sides(words) if re.search(r"sides?|faces?", name, re.I) else find_number(words)


def _find_list(_name: str, words: str) -> list[str] | None:
    return find_choices(words)


def _find_yes(name: str, words: str) -> bool | None:
    """Take a switch for wanted where a word of its name was said."""
    telling = [word for word in re.findall(r"[a-z]+", name.lower()) if len(word) > 3]
    return any(re.search(rf"\b{word}\b", words, re.I) for word in telling) or None


_FINDERS: dict[str, Callable[[str, str], object]] = {
    "string": _find_text,
    "integer": _find_number,
    "number": _find_number,
    "array": _find_list,
    "boolean": _find_yes,
}


def _make_up(name: str, described: Schema, words: str, *, invent: bool) -> object:
    """Make something up, as models do that must call a function."""
    if not invent:
        raise Missing(name)
    made_up = {
        "string": words,
        "integer": described.get("minimum", 1),
        "number": described.get("minimum", 1),
        "array": words.split(),
        "boolean": False,
    }
    return described["enum"][0] if "enum" in described else made_up.get(described.get("type", ""))
