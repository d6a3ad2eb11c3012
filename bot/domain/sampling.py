"""How a model chooses its words."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sampling:
    """The parameters of one question, by their names in the documents; None for the model's own.

    Rooms may change the first five where the owner lets them; the rest is the owner's alone.
    With sound a temperature near 0 was heard to end in noise that never stops.

    Attributes:
        stop: at most four texts that end the answer.
        logit_bias: -100 to 100, by the tokens' numbers.
        response_format: the JSON object of that name, for answers in writing.
        tool_choice: `auto`, `none`, `required` or a function's name.

    """

    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] | None = None
    logit_bias: Mapping[str, int] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    response_format: Mapping[str, object] | None = None
    tool_choice: str | None = None
