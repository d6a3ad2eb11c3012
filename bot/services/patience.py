"""Doing it again, later, for as long as Discord is not to be had."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import chain, repeat
from typing import TypeVar

from bot.errors import DatabaseError, Unreachable

T = TypeVar("T")

log = logging.getLogger(__name__)

PAUSES_S: tuple[float, ...] = (30.0, 60.0, 120.0)
THEN_EVERY_S = 300.0
TIMES = 288
"""So often it is tried then: for a day, as long as an answer is worth posting."""


async def insist(work: Callable[[], Awaitable[T]], what: str, *, at_once: bool = False) -> T:
    """Do some work after a while, and again and again while Discord or the disk fails.

    Args:
        work: makes up its mind anew each time: what it did before may stand.
        what: names it in the log.
        at_once: not to wait before it is tried for the first time.

    Raises:
        Unreachable, DatabaseError: that has lasted for a day.

    """
    for pause_s in chain((0.0,) * at_once, PAUSES_S, repeat(THEN_EVERY_S, TIMES)):
        if pause_s:
            log.info("Discord is not to be had: %s comes in %.0f s", what, pause_s)
        await asyncio.sleep(pause_s)
        try:
            return await work()
        except (Unreachable, DatabaseError) as error:
            log.info("%s does not come yet: %s", what, error.code)
    return await work()
