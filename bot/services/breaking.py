"""Servers that keep failing are left alone for a while, and whoever runs the bot is told."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.pauses import Pause
from bot.domain.reply import Heard, ModelAudio, Sound
from bot.errors import ChatApiError
from bot.services.alarms import Alarms
from bot.services.ports import Clock, Reciter, Writer

log = logging.getLogger(__name__)

T = TypeVar("T")

DOWN = frozenset({"server_failed", "unreachable", "timed_out", "rate_limited", "answer_unreadable"})
"""What passes by itself, mostly soon."""

OUT = frozenset(
    {
        "quota_exhausted",
        "key_refused",
        "access_refused",
        "model_not_found",
        "route_not_found",
        "redirected",
    }
)
"""What lasts until somebody mends it."""

PAUSES = {**dict.fromkeys(DOWN, timedelta(seconds=30)), **dict.fromkeys(OUT, timedelta(minutes=10))}
"""How long a server is not asked first again where others can be, by why."""

BREAKS_AFTER = {**dict.fromkeys(DOWN, 5), **dict.fromkeys(OUT, 3)}
"""After how many failures in a row it is not asked at all for a while, by the last one's reason."""

BREAK = timedelta(seconds=30)
"""For how long; then one question finds out whether it is back."""


@dataclass(slots=True)
class Standing:
    """How a server, or one model of it, has been doing.

    Attributes:
        failures: in a row.
        paused: while it is not asked first; None where it never failed.
        broken: while it is not asked at all; None where it may be.
        last: the last failure.

    """

    failures: int = 0
    paused: Pause | None = None
    broken: Pause | None = None
    last: ChatApiError | None = None

    def fail(self, error: ChatApiError, now: datetime) -> None:
        """Note a failure."""
        self.failures += 1
        self.last = error
        self.paused = Pause(now, PAUSES[error.code])
        if self.failures >= BREAKS_AFTER[error.code]:
            self.broken = Pause(now, BREAK)

    def succeed(self) -> None:
        """Forget all failures."""
        self.failures, self.paused, self.broken, self.last = 0, None, None, None

    def doubt(self) -> None:
        """Let the next one find out whether it is back: this one's failure was another matter."""
        self.broken = None

    def is_paused(self, now: datetime) -> bool:
        """Tell whether others are asked first."""
        return self.paused is not None and self.paused.lasts(now)

    def refusal(self, now: datetime) -> ChatApiError | None:
        """Give its last failure while it is not to be asked at all.

        Once the break is over the first who asks finds out for all others, who wait for that.
        """
        if self.last is None or self.broken is None:
            return None
        if self.broken.lasts(now):
            return _again(self.last)
        self.broken = Pause(now, BREAK)
        return None


class Breaker:
    """Keeps one kind of calls from a server that fails them in a row."""

    def __init__(self, number: int, title: str, alarms: Alarms, clock: Clock) -> None:
        """Prepare for the server of a number, in the order in which they are asked."""
        self._number = number
        self._title = title
        self._alarms = alarms
        self._clock = clock
        self._standing = Standing()

    async def call(self, make: Callable[[], Awaitable[T]]) -> T:
        """Make a call, unless too many before it failed: then the last failure is told again."""
        standing = self._standing
        if (refusal := standing.refusal(self._clock())) is not None:
            raise refusal
        try:
            result = await make()
        except ChatApiError as error:
            if error.code not in PAUSES:
                standing.doubt()
                raise
            standing.fail(error, self._clock())
            is_broken = standing.broken is not None
            ring(self._alarms, self._number, self._title, error, is_broken=is_broken)
            raise
        except BaseException:  # nothing was found out: the next one may
            standing.doubt()
            raise
        standing.succeed()
        return result


class GuardedReciter:
    """Speaks given words behind a breaker; implements `Reciter`."""

    def __init__(self, reciter: Reciter, breaker: Breaker) -> None:
        self._reciter = reciter
        self._breaker = breaker

    @property
    def model(self) -> str:
        """The model that speaks; see `Reciter`."""
        return self._reciter.model

    async def synthesize(
        self,
        text: str,
        voice: str,
        *,
        speed: float | None = None,
        instructions: str | None = None,
    ) -> Sound:
        """Speak the text; see `Reciter`."""
        return await self._breaker.call(
            lambda: self._reciter.synthesize(text, voice, speed=speed, instructions=instructions)
        )


class GuardedWriter:
    """Writes recordings down behind a breaker; implements `Writer`."""

    def __init__(self, writer: Writer, breaker: Breaker) -> None:
        self._writer = writer
        self._breaker = breaker

    def __repr__(self) -> str:
        """Name the server, never its key."""
        return repr(self._writer)

    async def write_down(self, clip: ModelAudio) -> Heard:
        """Write down one clip; see `Writer`."""
        return await self._breaker.call(lambda: self._writer.write_down(clip))


def ring(alarms: Alarms, number: int, title: str, error: ChatApiError, *, is_broken: bool) -> None:
    """Log that a server does not answer; tell whoever runs the bot where that will last."""
    log.warning("%s does not answer: %s", title, error.code)
    if error.code in OUT or is_broken:
        told = f"{title}: {error.sentence} {error.remedy or ''}"
        alarms.ring(f"{number} {error.code}", told.strip())


def _again(error: ChatApiError) -> ChatApiError:
    """Make the same error anew: one that is raised twice drags its first trace along."""
    fresh = ChatApiError(
        error.code, error.sentence, status=error.status, request_id=error.request_id
    )
    fresh.remedy = error.remedy
    return fresh
