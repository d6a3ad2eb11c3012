"""What the answers of each system look like, as JSON Schemas of our own making."""

import json
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).parent / "chat_shapes"


def shape_problems(system: str, kind: str, body: object) -> list[str]:
    """Say what is wrong with an answer of a system.

    Args:
        system: its name as a preset.
        kind: `whole`, `chunk` or `refusal`.
        body: parsed JSON.

    """
    errors = _validator(system, kind).iter_errors(body)
    return [f"{error.json_path}: {error.message[:300]}" for error in errors]


@cache
def _validator(system: str, kind: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{system}.json#/$defs/{kind}"}, registry=_registry())


@cache
def _registry() -> Registry:
    return Registry().with_resources(
        (path.name, Resource.from_contents(json.loads(path.read_text())))
        for path in FOLDER.glob("*.json")
    )
