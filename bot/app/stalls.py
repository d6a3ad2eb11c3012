"""Says where the event loop stands still: meanwhile nobody is answered, and Discord gives us up."""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

EVERY_S = 0.5
"""How often it is looked."""

LATE_S = 0.25
"""How long the loop may take until it gets to what is asked of it."""

FRAMES = 10
"""So much is told of where it stands: the innermost calls, in one line."""

QUIET_S = 60.0
"""What keeps happening is said once in so long."""


@contextmanager
def watched(is_at_work: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Watch the loop that runs, while the block does.

    Args:
        is_at_work: tells, asked from another thread, whether anybody waits: loading takes its time.

    """
    over = threading.Event()
    loop, thread = asyncio.get_running_loop(), threading.get_ident()
    threading.Thread(
        target=_watch, args=(loop, thread, over, is_at_work), name="watch of the loop", daemon=True
    ).start()
    try:
        yield
    finally:
        over.set()


def _watch(
    loop: asyncio.AbstractEventLoop,
    thread: int,
    over: threading.Event,
    is_at_work: Callable[[], bool],
) -> None:
    while not over.wait(EVERY_S):
        if not is_at_work():
            continue
        asked, answered = time.monotonic(), threading.Event()
        try:
            loop.call_soon_threadsafe(answered.set)
        except RuntimeError:  # it is closed
            return
        if answered.wait(LATE_S):
            continue
        where = _stack_of(thread)
        while not answered.wait(EVERY_S):
            if over.is_set():
                return
        log.warning(
            "the event loop stood still for %.2f s; after %.2f s it was in %s",
            time.monotonic() - asked,
            LATE_S,
            where,
        )
        over.wait(QUIET_S)


def _stack_of(thread: int) -> str:
    frame = sys._current_frames().get(thread)
    inner = reversed(traceback.extract_stack(frame)[-FRAMES:]) if frame else ()
    return " <- ".join(f"{each.name} ({each.filename}:{each.lineno})" for each in inner)
