"""Checks of REST calls against the OpenAPI document that Discord publishes."""

import functools
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.local.discord_server.traffic import Call

_URN = "urn:discord"
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

_VALIDATORS: dict[int, dict[str, jsonschema.Draft202012Validator]] = {}
"""By the identity of the document, which is loaded once, and the place in it."""


def load_spec() -> dict[str, Any] | None:
    """Read the document that DISCORD_OPENAPI names, its known flaws mended; None without one."""
    path = os.environ.get("DISCORD_OPENAPI")
    return _load(path) if path else None


def spec_problems(call: Call, spec: dict[str, Any]) -> list[str]:
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
def _load(path: str) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    for place, (right, _reason) in KNOWN_FLAWS.items():
        *way, last = place.split()
        node = spec["components"]["schemas"]
        for name in way:
            node = node[name]
        if node[last] == right:
            raise AssertionError(f"{place} is no longer wrong")
        node[last] = right
    return spec


def _find_operation(call: Call, spec: dict[str, Any]) -> tuple[str, ...] | None:
    """Find the operation's place in the document; a literal part goes before a parameter."""
    fitting = [
        template
        for template, operations in spec["paths"].items()
        if call.method.lower() in operations
        and re.fullmatch(re.sub(r"\\{[^}]+\\}", "[^/]+", re.escape(template)), call.path)
    ]
    if not fitting:
        return None
    return ("paths", min(fitting, key=lambda template: template.count("{")), call.method.lower())


def _request_problems(call: Call, spec: dict[str, Any], where: tuple[str, ...]) -> Iterator[str]:
    content_type = call.headers["Content-Type"].split(";")[0]
    schema = (*where, "requestBody", "content", content_type, "schema")
    if not _exists(spec, schema):
        yield f"the document takes no {content_type} here"
        return
    yield from (f"request {problem}" for problem in _violations(call.payload, spec, schema))


def _response_problems(call: Call, spec: dict[str, Any], where: tuple[str, ...]) -> Iterator[str]:
    responses = _at(spec, (*where, "responses"))
    status = str(call.status) if str(call.status) in responses else f"{call.status // 100}XX"
    if status not in responses:
        yield "the document knows no such status here"
        return
    place = (*where, "responses", status)
    if (reference := responses[status].get("$ref")) is not None:
        place = tuple(reference.removeprefix("#/").split("/"))
    schema = (*place, "content", "application/json", "schema")
    if _exists(spec, schema):
        yield from (f"answer {problem}" for problem in _violations(call.answer, spec, schema))
    elif call.answer is not None:
        yield "the document knows no content of this answer"


def _violations(value: object, spec: dict[str, Any], place: tuple[str, ...]) -> Iterator[str]:
    pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in place)
    known = _VALIDATORS.setdefault(id(spec), {})
    if pointer not in known:
        known[pointer] = _validator(spec, pointer)
    for error in known[pointer].iter_errors(value):
        best = jsonschema.exceptions.best_match([error]) or error
        yield f"{best.json_path}: {best.message[:300]}"


def _validator(spec: dict[str, Any], pointer: str) -> jsonschema.Draft202012Validator:
    resource = Resource.from_contents(spec, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(_URN, resource)
    schema = {"$ref": f"{_URN}#/{_escaped(pointer)}"}
    return jsonschema.Draft202012Validator(schema, registry=registry)


def _escaped(pointer: str) -> str:
    """Escape what a URI fragment may not hold; the braces of path templates."""
    return pointer.replace("{", "%7B").replace("}", "%7D")


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
