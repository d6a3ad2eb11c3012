"""Work that would stall the loop, put into a thread."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

HEAVY_BYTES = 128 * 1024

T = TypeVar("T")


async def work_on(size_bytes: int, work: Callable[[], T]) -> T:
    """Do small work at once and heavy work in a thread."""
    return await asyncio.to_thread(work) if size_bytes > HEAVY_BYTES else work()
