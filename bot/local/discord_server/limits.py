"""Rate limits: buckets per route and place, a global one, and their headers.

Source: https://docs.discord.com/developers/topics/rate-limits
"""

import hashlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    per_s: float


@dataclass(slots=True)
class Bucket:
    """What is left of a rate, and when it is whole again."""

    remaining: int
    reset_at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, with the headers that say how many more may.

    `retry_after_s` is None when it may; `scope` is `user` or `global`.
    """

    headers: dict[str, str]
    retry_after_s: float | None = None
    scope: str = "user"


class RateLimits:
    """Counts requests.

    With `like_discord` the figures are near those of the real one (5 messages in 5 seconds per
    channel); by default they are so generous that only a runaway meets them, and tests are fast.
    """

    GENEROUS = Rate(1000, 1)
    GLOBAL = Rate(50, 1)
    USUAL = Rate(5, 5)

    def __init__(
        self, *, like_discord: bool = False, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.overall: Rate | None = self.GLOBAL if like_discord else None
        self.usual = self.USUAL if like_discord else self.GENEROUS
        self.by_route: dict[tuple[str, str], Rate] = {}
        self._now = now
        self._buckets: dict[str, Bucket] = {}

    def admit(self, method: str, template: str, place: str, *, counts_overall: bool) -> Verdict:
        """Count one request of a route (`template`) at a place (channel, server or webhook id)."""
        if self.overall and counts_overall:
            whole, passes = self._take("global", self.overall)
            if not passes:
                return Verdict({}, self._wait_s(whole), "global")
        rate = self.by_route.get((method, template), self.usual)
        bucket, passes = self._take(f"{method} {template} {place}", rate)
        wait_s = self._wait_s(bucket)
        headers = _headers(rate, bucket, wait_s, f"{method} {template}")
        return Verdict(headers, None if passes else wait_s)

    def _take(self, key: str, rate: Rate) -> tuple[Bucket, bool]:
        now = self._now()
        bucket = self._buckets.get(key)
        if bucket is None or bucket.reset_at <= now:
            bucket = self._buckets[key] = Bucket(rate.requests, now + rate.per_s)
        passes = bucket.remaining > 0
        bucket.remaining -= passes
        return bucket, passes

    def _wait_s(self, bucket: Bucket) -> float:
        """Give the time to wait, and a millisecond more: timers may wake a little early."""
        return math.ceil(max(bucket.reset_at - self._now(), 0) * 1000 + 1) / 1000


def _headers(rate: Rate, bucket: Bucket, wait_s: float, route: str) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(rate.requests),
        "X-RateLimit-Remaining": str(bucket.remaining),
        "X-RateLimit-Reset": f"{time.time() + wait_s:.3f}",
        "X-RateLimit-Reset-After": f"{wait_s:.3f}",
        "X-RateLimit-Bucket": hashlib.md5(route.encode(), usedforsecurity=False).hexdigest(),
    }
