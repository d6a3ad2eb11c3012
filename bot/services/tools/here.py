"""All that a function of the model's gets to see."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.turns import Turn


@dataclass(frozen=True, slots=True)
class Here:
    """The question that is being answered, as far as a function may know of it: to read only.

    Attributes:
        now: the time of day, UTC.
        chance: where luck comes from.
        untold: gives what was said in this conversation and not sent to the model, oldest first.

    """

    now: datetime
    chance: random.Random
    untold: Callable[[], Awaitable[Sequence[Turn]]]
