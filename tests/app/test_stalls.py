"""A loop that stands still, and one that does not."""

import asyncio
import logging
import threading
import time

import pytest

from bot.app import stalls
from bot.log import RedactingFormatter


def hold_the_loop_up(seconds: float) -> None:
    time.sleep(seconds)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalls, "EVERY_S", 0.01)


def threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "watch of the loop"]


async def test_where_the_loop_stands_still_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with stalls.watched():
        [thread] = threads()
        while not caplog.records:
            await asyncio.sleep(0.05)
            hold_the_loop_up(4 * stalls.LATE_S)
        hold_the_loop_up(4 * stalls.LATE_S)
        await asyncio.sleep(0.05)
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    shown = RedactingFormatter([]).format(record)
    assert "it was in hold_the_loop_up (" in shown
    assert "test_stalls.py:" in shown
    assert "\n" not in shown
    await asyncio.to_thread(thread.join)


async def test_a_loop_that_goes_on_is_not_spoken_of(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stalls, "LATE_S", 60)
    with stalls.watched():
        [thread] = threads()
        await asyncio.sleep(0.1)
    await asyncio.to_thread(thread.join)
    assert not caplog.records


async def test_a_loop_for_which_nobody_waits_may_stand_still(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with stalls.watched(lambda: False):
        [thread] = threads()
        await asyncio.sleep(0.05)
        hold_the_loop_up(2 * stalls.LATE_S)
        await asyncio.sleep(0.05)
    await asyncio.to_thread(thread.join)
    assert not caplog.records


def test_the_watch_ends_with_its_loop() -> None:
    async def leave() -> threading.Thread:
        with stalls.watched():
            [thread] = threads()
            return thread

    asyncio.run(leave()).join(5)
    assert not threads()
