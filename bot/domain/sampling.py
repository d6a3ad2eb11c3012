"""How a model chooses its words."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sampling:
    """The parameters of one question, by their names in the documents; None for the model's own.

    With sound a temperature near 0 was heard to end in noise that never stops.
    """

    temperature: float | None = None
    top_p: float | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
