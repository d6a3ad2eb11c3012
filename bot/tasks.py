"""Background tasks that are kept until they end, and whose failure is always logged."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

_running: set[asyncio.Task[Any]] = set()


def spawn(work: Coroutine[Any, Any, T], *, name: str) -> "asyncio.Task[T]":
    """Start `work` in the running loop; a failure nobody awaits still reaches the log."""
    task = asyncio.create_task(work, name=name)  # noqa: TID251 - this is the one place
    _running.add(task)
    task.add_done_callback(_ended)
    return task


def _ended(task: "asyncio.Task[Any]") -> None:
    _running.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("task %s failed", task.get_name(), exc_info=error)
