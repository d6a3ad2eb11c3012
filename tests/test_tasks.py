import asyncio
import gc
import logging

import pytest

from bot.tasks import spawn


async def fail() -> None:
    raise ZeroDivisionError("of the task")


async def test_a_failure_nobody_awaits_reaches_the_log(caplog: pytest.LogCaptureFixture) -> None:
    ended = asyncio.Event()
    task = spawn(fail(), name="doomed")
    task.add_done_callback(lambda _: ended.set())
    del task
    await ended.wait()
    await asyncio.sleep(0)
    gc.collect()
    assert "doomed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_failure_that_is_handled_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ZeroDivisionError):
        await spawn(fail(), name="handled")
    gc.collect()
    assert "handled" not in caplog.text


async def test_a_task_that_nobody_holds_is_not_lost() -> None:
    done = asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        done.set()

    spawn(work(), name="held by nobody")
    gc.collect()
    await asyncio.wait_for(done.wait(), 5)
