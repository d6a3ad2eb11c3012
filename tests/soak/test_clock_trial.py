import asyncio
import random
from collections import Counter

from soak.month import YEAR, Tally, Wall
from soak.trials.clock import Told, judge
from soak.virtual import BEGINNING, VirtualLoop, run_virtually


def told(*, jumps: int = 1_000, calls: int = 0, **ends: int) -> Told:
    return Told(Tally(asked=sum(ends.values()), ends=Counter(ends), calls=calls), jumps)


STEADY = told(answered=9_000, refused=500, failed=500, jumps=0)
CALM = told(answered=9_990, cancelled=10, calls=10_000)


def test_a_clock_that_makes_no_difference_passes() -> None:
    assert judge(STEADY, STEADY, CALM, least=0).passed


def test_each_difference_it_makes_is_named() -> None:
    refused = told(answered=8_700, refused=1_300)
    paid_twice = told(answered=9, failed=1, calls=11)

    outcome = judge(refused, STEADY, paid_twice, least=1_001)

    assert outcome.failures == (
        "1300 unanswered, 1000 on a steady clock",
        "without a fault questions were failed",
        "11 calls were paid for 10 questions",
        "the clock jumped 1000 and 1000 times, not 1001",
    )


def test_the_clock_on_the_wall_jumps_by_a_year_and_goes_on() -> None:
    async def look(loop: VirtualLoop) -> None:
        wall, dice = Wall(loop), random.Random(1)
        before = wall.now()
        await wall.jump(dice)
        jumped, off = wall.now(), wall.now() - loop.now()
        await asyncio.sleep(60)

        assert before == BEGINNING
        assert abs(off) == YEAR
        assert (wall.now() - jumped).total_seconds() == 60
        assert wall.jumps == 1

    run_virtually(look)
