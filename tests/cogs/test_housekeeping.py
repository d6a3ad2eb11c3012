"""What is done every few hours is done again, whatever became of it the last time."""

import asyncio

import pytest

from bot.errors import DatabaseError
from bot.services.housekeeping import Housekeeping
from cogs.housekeeping import PeriodicWork


class Failing(Housekeeping):
    """Fails to tidy up, and tells when it is asked once more."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure
        self.tries = 0
        self.tried_again = asyncio.Event()

    async def tidy(self) -> None:
        self.tries += 1
        if self.tries > 1:
            self.tried_again.set()
        raise self.failure


@pytest.mark.parametrize(
    "failure", [DatabaseError("database_unavailable", "Not now."), ValueError("a defect")]
)
async def test_a_failure_of_tidying_up_does_not_end_it(failure: Exception) -> None:
    housekeeping = Failing(failure)
    work = PeriodicWork(housekeeping)
    work.tidy.change_interval(seconds=0.001)
    await work.cog_load()
    try:
        async with asyncio.timeout(5):
            await housekeeping.tried_again.wait()
    finally:
        await work.cog_unload()
