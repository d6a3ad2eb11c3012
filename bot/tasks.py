"""Background tasks that are kept until they end."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_running: set[asyncio.Task[Any]] = set()


def spawn(work: Coroutine[Any, Any, T], *, name: str) -> "asyncio.Task[T]":
    """Start `work` in the running loop and keep it until it ends.

    A failure that nobody awaits reaches the log through asyncio ("never retrieved").
    """
    task = asyncio.create_task(work, name=name)  # noqa: TID251 - this is the one place
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task
