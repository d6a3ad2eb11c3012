"""One call made as often as makes sense, within its deadline."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from bot.chat_api.failures import Failure, failure
from bot.chat_api.retries import LONGEST_ORDERED_WAIT_S, ordered_wait_s, wait_before_retry_s
from bot.chat_api.transport import AttemptFailed
from bot.deadlines import left_s
from bot.domain.pauses import Pause

log = logging.getLogger(__name__)

T = TypeVar("T")

_LEAST_S = 1.0
"""With less time left no call is begun."""


def _now() -> datetime:
    return datetime.now(UTC)


class Gate:
    """A server's order to wait, which holds for all calls with the same key."""

    def __init__(self) -> None:
        self._closed: Pause | None = None

    def close(self, seconds: float, now: datetime) -> None:
        """Hold back all calls that begin from now on."""
        self._closed = Pause(now, timedelta(seconds=max(seconds, self.wait_s(now))))

    def wait_s(self, now: datetime) -> float:
        """Tell how long a call has to wait before it begins."""
        if self._closed is None or not self._closed.lasts(now):
            return 0.0
        return (self._closed.begun + self._closed.span - now).total_seconds()


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a server is asked.

    Attributes:
        deadline_s: seconds for one answer, waits and retries included; fewer where what it is for
            has less time left.
        now: the time of day, UTC.
        jitter: 0 to 1, spreads retries.
        pause: waits between retries.
        gate: see there.
        longest_wait_s: the longest wait that an order of the server is worth; short where another
            server stands ready.

    """

    deadline_s: float = 120.0
    now: Callable[[], datetime] = _now
    jitter: Callable[[], float] = random.random
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    gate: Gate = field(default_factory=Gate)
    longest_wait_s: float = LONGEST_ORDERED_WAIT_S

    async def insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Make the call until it brings an answer, or there is no sense in another attempt.

        Raises:
            AttemptFailed: the last attempt.
            ChatApiError: `timed_out`, or `out_of_time` where what it was for left it too little.

        """
        may_take_s = left_s(self.deadline_s)
        if may_take_s < min(_LEAST_S, self.deadline_s / 2):  # it would be paid for in vain
            raise failure("out_of_time")
        try:
            async with asyncio.timeout(may_take_s) as deadline:
                return await self._repeat(attempt, deadline)
        except TimeoutError as error:
            log.warning("model: timed_out after %.0f s", may_take_s)
            is_their_fault = 2 * may_take_s >= self.deadline_s
            raise failure("timed_out" if is_their_fault else "out_of_time") from error

    async def _repeat(self, attempt: Callable[[], Awaitable[T]], deadline: asyncio.Timeout) -> T:
        await self._pass_gate(deadline)
        number = 0
        while True:
            try:
                return await attempt()
            except AttemptFailed as failed:
                failed.log()
                self._heed(failed)
                wait_s = self._wait_s(failed, number)
                if wait_s is None or wait_s >= _seconds_left(deadline):
                    raise
            await self.pause(wait_s)
            number += 1

    def _heed(self, failed: AttemptFailed) -> None:
        """Let all calls wait where the server says for how long."""
        ordered_s = ordered_wait_s(failed.headers, self.now())
        if failed.failure.error.code == "rate_limited" and ordered_s is not None and ordered_s > 0:
            self.gate.close(min(ordered_s, LONGEST_ORDERED_WAIT_S), self.now())

    async def _pass_gate(self, deadline: asyncio.Timeout) -> None:
        """Wait as the server ordered another call; those that waited do not start as one."""
        wait_s = self.gate.wait_s(self.now())
        if not wait_s:
            return
        wait_s += self.jitter()
        if wait_s >= min(_seconds_left(deadline), self.longest_wait_s):
            raise AttemptFailed(Failure(failure("rate_limited"), final=True))
        await self.pause(wait_s)

    def _wait_s(self, failed: AttemptFailed, number: int) -> float | None:
        return wait_before_retry_s(
            failed.failure,
            failed.headers,
            attempt=number,
            now=self.now(),
            jitter=self.jitter(),
            longest_s=self.longest_wait_s,
        )


def _seconds_left(deadline: asyncio.Timeout) -> float:
    return (deadline.when() or 0.0) - asyncio.get_running_loop().time()
