"""What only whoever runs the bot can mend, told to them: each kind once an hour."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.domain.pauses import Pause
from bot.services.ports import Clock
from bot.tasks import spawn

EVERY = timedelta(hours=1)

Tell = Callable[[str], Awaitable[None]]
"""Tells whoever runs the bot; failures are its own affair."""


class Alarms:
    """Tells once what keeps happening; what comes before anybody can tell waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, Pause] = {}
        self._waiting: dict[str, str] = {}
        self._tell: Tell | None = None

    def attach(self, tell: Tell) -> None:
        """Tell by this from now on."""
        self._tell = tell
        while self._waiting:
            self._send(tell, self._waiting.pop(next(iter(self._waiting))))

    def ring(self, kind: str, sentence: str) -> None:
        """Tell something, unless the same kind was told within the hour; never waits."""
        now, told = self._clock(), self._told.get(kind)
        if told is not None and told.lasts(now):
            return
        self._told[kind] = Pause(now, EVERY)
        if self._tell is None:
            self._waiting[kind] = sentence
        else:
            self._send(self._tell, sentence)

    def _send(self, tell: Tell, sentence: str) -> None:
        async def send() -> None:
            await tell(sentence)

        spawn(send(), name="alarm")
