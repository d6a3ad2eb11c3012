"""How long an answer may take as a whole, known to every call that is made for it.

A deadline belongs to the task that sets it and to those begun from it, as context variables do, so
that calls deep below need not be handed it (https://grpc.io/docs/guides/deadlines/ calls this
propagation).
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give all calls that are made in the block so many seconds together."""
    token = _ends_at.set(asyncio.get_running_loop().time() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def left_s(most_s: float) -> float:
    """Tell how many seconds a call may take that would take `most_s` at most by itself."""
    ends_at = _ends_at.get()
    if ends_at is None:
        return most_s
    return max(0.0, min(most_s, ends_at - asyncio.get_running_loop().time()))
