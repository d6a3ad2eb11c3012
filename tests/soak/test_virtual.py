import asyncio
import time
import warnings
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from sqlalchemy import text

from bot.storage.database import migrate, open_database
from soak.virtual import BEGINNING, VirtualLoop, run_virtually
from tests.conftest import url_of

A_MONTH_S = 30 * 24 * 3600


def test_a_month_passes_while_nobody_waits() -> None:
    async def sleep(loop: VirtualLoop) -> float:
        await asyncio.sleep(A_MONTH_S)
        return (loop.now() - BEGINNING).total_seconds()

    begun = time.monotonic()
    assert run_virtually(sleep) == A_MONTH_S
    assert time.monotonic() - begun < 60


def test_short_waits_end_even_after_a_year() -> None:
    async def wait(loop: VirtualLoop) -> float:
        await asyncio.sleep(12 * A_MONTH_S)
        for _ in range(1_000):
            await asyncio.sleep(0.1)
        return loop.time() - 12 * A_MONTH_S

    assert run_virtually(wait) == pytest.approx(100, abs=0.01)


def test_time_stands_still_while_a_thread_works() -> None:
    async def work(loop: VirtualLoop) -> float:
        asyncio.get_running_loop().call_later(A_MONTH_S, lambda: None)
        await asyncio.to_thread(sum, range(1000))
        return loop.time()

    assert run_virtually(work) == 0


def test_time_stands_still_while_a_slow_thread_connects_to_a_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class SlowQueue(SimpleQueue[Any]):
        """What a connection's thread is given to do; it is slow, as on a busy machine."""

        def get(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever is to be done
            work = super().get(*args, **kwargs)
            time.sleep(0.1)  # in that thread alone: no test waits here for something to come true
            return work

    async def read(loop: VirtualLoop) -> float:
        asyncio.get_running_loop().call_later(A_MONTH_S, lambda: None)
        async with open_database(url_of(migrated)) as database, database.reading() as session:
            await session.execute(text("SELECT 1"))
            return loop.time()

    migrated = tmp_path / "bot.db"
    migrate(url_of(migrated))
    monkeypatch.setattr("aiosqlite.core.SimpleQueue", SlowQueue)
    assert run_virtually(read) == 0


def test_a_thread_that_is_slow_to_end_is_waited_for() -> None:
    async def linger(_loop: VirtualLoop) -> None:
        asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.3).cancel()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run_virtually(linger)


def test_deadlines_hold_in_virtual_time() -> None:
    async def hurry(_loop: VirtualLoop) -> None:
        async with asyncio.timeout(5):
            await asyncio.sleep(6)

    with pytest.raises(TimeoutError):
        run_virtually(hurry)
