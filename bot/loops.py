"""The event loop that everything runs on: libuv's, which answers for less; asyncio's on Windows."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

if sys.platform != "win32":
    from uvloop import new_event_loop
else:
    from asyncio import new_event_loop

__all__ = ["new_event_loop", "run"]

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a program's one coroutine to its end, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(work)
