"""The time that is left, as calls deep below see it."""

import asyncio
import math

from bot.deadlines import left_s, within
from bot.tasks import spawn


async def test_without_a_deadline_a_call_may_take_its_own_time() -> None:
    assert left_s(60) == 60


async def test_no_call_may_take_longer_than_what_is_left() -> None:
    with within(10):
        assert left_s(5) == 5
        assert 0 < left_s(60) <= 10
    assert left_s(60) == 60


async def test_after_its_end_nothing_is_left() -> None:
    with within(-1):
        assert left_s(60) == 0


async def test_what_is_begun_on_the_way_has_the_same_deadline_and_its_neighbours_do_not() -> None:
    async def look() -> float:
        await asyncio.sleep(0)
        return left_s(math.inf)

    outside = spawn(look(), name="outside")
    with within(10):
        inside = spawn(look(), name="inside")
    assert await outside == math.inf
    assert await inside <= 10
