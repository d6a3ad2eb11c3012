"""A throng in one room, in virtual time: the library's own rate limits, and Discord's."""

import asyncio
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import discord
from discord.http import Ratelimit

from bot.discord_io.gates import Gates
from bot.discord_io.posting import Kind, post
from bot.errors import Unreachable
from soak.virtual import VirtualLoop, run_virtually

LIMIT, WINDOW_S, ON_THE_WAY_S = 5, 5.0, 0.15
ASKERS, PARTS, EACH_THINKS_S, LASTS_S = 30, 2, 5.0, 600.0


@dataclass
class Bucket:
    """One room of Discord, as the library sees it."""

    limit: Ratelimit = field(default_factory=lambda: Ratelimit(60))
    begun_at: float = -WINDOW_S
    used: int = 0

    async def send(self, _: discord.MessageReference | None) -> int:
        async with self.limit:
            while not await self._is_taken():  # noqa: ASYNC110 - as the library waits
                await asyncio.sleep(self._left_s)
            return 1

    async def _is_taken(self) -> bool:
        await asyncio.sleep(ON_THE_WAY_S)
        if self._left_s <= 0:
            self.begun_at, self.used = asyncio.get_running_loop().time(), 0
        if self.used == LIMIT:
            return False
        self.used += 1
        left = {"Limit": LIMIT, "Remaining": LIMIT - self.used, "Reset-After": self._left_s}
        headers = {f"X-Ratelimit-{name}": str(value) for name, value in left.items()}
        self.limit.update(cast("Any", SimpleNamespace(headers=headers)))
        return True

    @property
    def _left_s(self) -> float:
        return self.begun_at + WINDOW_S - asyncio.get_running_loop().time()


async def throng(loop: VirtualLoop, *, gated: bool) -> tuple[int, float]:
    """Let many answers be posted, and count those that starve and the longest wait in seconds."""
    bucket, gates, starved, waits = Bucket(), Gates(), 0, list[float]()

    async def ask(number: int) -> None:
        nonlocal starved
        await asyncio.sleep(EACH_THINKS_S * number / ASKERS)
        while loop.time() < LASTS_S:
            await asyncio.sleep(EACH_THINKS_S)
            for _ in range(PARTS):
                begun = loop.time()
                try:
                    await post(bucket.send, None, Kind.WORDS, gates.of(1) if gated else None)
                except Unreachable:
                    starved += 1
                waits.append(loop.time() - begun)

    await asyncio.gather(*(ask(number) for number in range(ASKERS)))
    return starved, max(waits)


def test_behind_a_gate_nobody_starves_and_without_it_the_library_lets_some() -> None:
    starved, longest_s = run_virtually(lambda loop: throng(loop, gated=True))
    assert starved == 0
    assert longest_s < 60
    starved, _ = run_virtually(lambda loop: throng(loop, gated=False))
    assert starved > 0


async def test_each_room_has_a_gate_of_its_own() -> None:
    gates = Gates()
    async with gates.of(1):
        assert gates.of(1) is gates.of(1)
        assert gates.of(2) is not gates.of(1)
