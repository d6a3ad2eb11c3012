"""Models that were seen to take no sound: for a while they are sent words in its place."""

from datetime import timedelta

from bot.domain.pauses import Pause
from bot.services.ports import Clock

DEAF_FOR = timedelta(hours=1)
"""Then sound is tried again: perhaps the server has learned to hear."""


class Deafness:
    """Remembers which models do not hear, by their origins: each refusal delays an answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[str, Pause] = {}

    def of(self, origin: str) -> bool:
        """Tell whether a model is known not to hear."""
        seen = self._seen.get(origin)
        return seen is not None and seen.lasts(self._clock())

    def note(self, origin: str) -> None:
        """Note that a model answered without sound what it had refused with it."""
        if not self.of(origin):
            self._seen[origin] = Pause(self._clock(), DEAF_FOR)
