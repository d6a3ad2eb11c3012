"""Checks of REST calls against the OpenAPI document that Discord publishes."""

import functools
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.local.discord_server.traffic import Call
from tests.local.schemas import Oracle

_TEXT = {"type": "string"}

KNOWN_FLAWS: dict[str, tuple[object, str]] = {
    "SnowflakeType type": (
        ["string", "integer"],
        "requests may write ids as numbers, as discord.py does for references and attachments",
    ),
    "InnerErrors properties _errors items": (
        {"type": "object", "required": ["code", "message"], "properties": {"code": _TEXT}},
        "field errors have names as codes: the reference's own examples say BASE_TYPE_REQUIRED",
    ),
    "MessageReferenceType oneOf": (
        [{"const": 0}, {"const": 1}],
        "the reference also has FORWARD, 1",
    ),
    "ApplicationCommandUpdateRequest properties default_member_permissions type": (
        ["integer", "string", "null"],
        "the reference says that permissions are serialised as strings",
    ),
    "ChannelTypes oneOf": (
        [{"const": number} for number in (*range(6), *range(10, 17))],
        "the reference also has GUILD_MEDIA, 16; discord.py names it for a channel of any kind",
    ),
}
"""Where among the document's schemas something is wrong -> what should be there, and why."""

UNDOCUMENTED = {
    "/attachments/refresh-urls": "works for bots, documented unofficially only",
}
"""Routes that exist although the document does not have them, and how we know."""


@dataclass(frozen=True, eq=False)
class Spec:
    """The document, its known flaws mended.

    Attributes:
        patterns: of its paths, by their templates.

    """

    document: dict[str, Any]
    oracle: Oracle
    patterns: Mapping[str, re.Pattern[str]]

    @property
    def paths(self) -> dict[str, Any]:
        """The operations by path."""
        paths: dict[str, Any] = self.document["paths"]
        return paths


def load_spec() -> Spec | None:
    """Read the document that DISCORD_OPENAPI names, its known flaws mended; None without one."""
    path = os.environ.get("DISCORD_OPENAPI")
    return _load(path) if path else None


def spec_problems(call: Call, spec: Spec) -> list[str]:
    """List what the document finds wrong: with what was answered, and with what was accepted."""
    if call.template is None or call.faulty or call.path in UNDOCUMENTED:
        return []
    where = _find_operation(call, spec)
    if where is None:
        return [f"{call.method} {call.path}: no such operation in the document"]
    problems = list(_response_problems(call, spec, where))
    if call.status < 300 and call.payload is not None:
        problems += _request_problems(call, spec, where)
    return [f"{call.method} {call.path} {call.status}: {problem}" for problem in problems]


@functools.cache
def _load(path: str) -> Spec:
    spec: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    for place, (right, _reason) in KNOWN_FLAWS.items():
        *way, last = place.split()
        node = spec["components"]["schemas"]
        for name in way:
            node = node[name]
        if node[last] == right:
            raise AssertionError(f"{place} is no longer wrong")
        node[last] = right
    return Spec(spec, Oracle(spec), {path: _pattern(path) for path in spec["paths"]})


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template)))


def _find_operation(call: Call, spec: Spec) -> tuple[str, ...] | None:
    """Find the operation's place in the document; a literal part goes before a parameter."""
    fitting = [
        template
        for template, operations in spec.paths.items()
        if call.method.lower() in operations and spec.patterns[template].fullmatch(call.path)
    ]
    if not fitting:
        return None
    return ("paths", min(fitting, key=lambda template: template.count("{")), call.method.lower())


def _request_problems(call: Call, spec: Spec, where: tuple[str, ...]) -> Iterator[str]:
    content_type = call.headers["Content-Type"].split(";")[0]
    schema = (*where, "requestBody", "content", content_type, "schema")
    if not _exists(spec.document, schema):
        yield f"the document takes no {content_type} here"
        return
    yield from (f"request {problem}" for problem in _violations(call.payload, spec, schema))


def _response_problems(call: Call, spec: Spec, where: tuple[str, ...]) -> Iterator[str]:
    responses = _at(spec.document, (*where, "responses"))
    status = str(call.status) if str(call.status) in responses else f"{call.status // 100}XX"
    if status not in responses:
        yield "the document knows no such status here"
        return
    place = (*where, "responses", status)
    if (reference := responses[status].get("$ref")) is not None:
        place = tuple(reference.removeprefix("#/").split("/"))
    schema = (*place, "content", "application/json", "schema")
    if _exists(spec.document, schema):
        yield from (f"answer {problem}" for problem in _violations(call.answer, spec, schema))
    elif call.answer is not None:
        yield "the document knows no content of this answer"


def _violations(value: object, spec: Spec, place: tuple[str, ...]) -> list[str]:
    parts = (part.replace("~", "~0").replace("/", "~1") for part in place)
    return spec.oracle.problems(value, "".join(f"/{part}" for part in parts))


def _at(spec: dict[str, Any], place: tuple[str, ...]) -> dict[str, Any]:
    node: Any = spec
    for name in place:
        node = node[name]
    return dict(node)


def _exists(spec: dict[str, Any], place: tuple[str, ...]) -> bool:
    node: Any = spec
    for name in place:
        if not isinstance(node, dict) or name not in node:
            return False
        node = node[name]
    return True
