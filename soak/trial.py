"""What a trial is: a promise, a way to try it, and what comes of that."""

import enum
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any


class Size(enum.Enum):
    """How much is tried: in the tests, or when there is time."""

    SHORT = "short"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a trial.

    Attributes:
        measured: the figures, in a few words.
        failures: what went wrong, each with what it takes to see it again; none is a pass.

    """

    measured: str
    failures: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the promise was kept."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Trial:
    """A promise that is tried.

    Attributes:
        name: how it is called on the command line.
        what: what is done.
        promised: the figures that have to come of it, at full size.
        run: does it; all its chances come from the seed.

    """

    name: str
    what: str
    promised: str
    run: Callable[[Size, int], Coroutine[Any, Any, Outcome]]
