"""Models that were seen to take no sound: for a while they are sent words in its place."""

from datetime import datetime, timedelta

from bot.services.ports import Clock

DEAF_FOR = timedelta(hours=1)
"""Then sound is tried again: perhaps the server has learned to hear."""


class Deafness:
    """Remembers which models do not hear, by their origins: each refusal delays an answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    def of(self, origin: str) -> bool:
        """Tell whether a model is known not to hear."""
        until = self._until.get(origin)
        return until is not None and self._clock() < until

    def note(self, origin: str) -> None:
        """Note that a model answered without sound what it had refused with it."""
        if not self.of(origin):
            self._until[origin] = self._clock() + DEAF_FOR
