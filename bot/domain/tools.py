"""The functions a model may call: what it is offered, what it wants, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """A function as the model is told of it.

    Attributes:
        name: letters, digits and underscores, at most 64.
        description: when to call it, in a sentence or two.
        parameters: the JSON Schema of its arguments, an object's.

    """

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call that the model wants made.

    Attributes:
        id: the model's name of the call, by which the result is given back.
        arguments: JSON as the model wrote it, which may be no JSON at all.

    """

    id: str
    name: str
    arguments: str
