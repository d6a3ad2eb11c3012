"""One call made as often as makes sense, within its deadline."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from bot.chat_api.failures import failure
from bot.chat_api.retries import wait_before_retry_s
from bot.chat_api.transport import AttemptFailed

log = logging.getLogger(__name__)

T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often a server is asked.

    Attributes:
        deadline_s: seconds for one answer, waits and retries included.
        now: the time of day, UTC.
        jitter: 0 to 1, spreads retries.
        pause: waits between retries.

    """

    deadline_s: float = 120.0
    now: Callable[[], datetime] = _now
    jitter: Callable[[], float] = random.random
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def insist(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Make the call until it brings an answer, or there is no sense in another attempt.

        Raises:
            AttemptFailed: the last attempt.
            ChatApiError: `timed_out`.

        """
        try:
            async with asyncio.timeout(self.deadline_s) as deadline:
                return await self._repeat(attempt, deadline)
        except TimeoutError as error:
            log.warning("model: timed_out after %.0f s", self.deadline_s)
            raise failure("timed_out") from error

    async def _repeat(self, attempt: Callable[[], Awaitable[T]], deadline: asyncio.Timeout) -> T:
        number = 0
        while True:
            try:
                return await attempt()
            except AttemptFailed as failed:
                failed.log()
                wait_s = self._wait_s(failed, number)
                if wait_s is None or wait_s >= _seconds_left(deadline):
                    raise
            await self.pause(wait_s)
            number += 1

    def _wait_s(self, failed: AttemptFailed, number: int) -> float | None:
        return wait_before_retry_s(
            failed.failure,
            failed.headers,
            attempt=number,
            now=self.now(),
            jitter=self.jitter(),
        )


def _seconds_left(deadline: asyncio.Timeout) -> float:
    return (deadline.when() or 0.0) - asyncio.get_running_loop().time()
