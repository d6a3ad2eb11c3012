"""Which rooms an answer is being posted into just now."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

PATIENCE_S = 300
"""Longer than one message may be on its way (`posting.DEADLINE_S`), of which an answer may have
several: what was not waited for enough stays without an answer, while what a stop loses in between
is caught up with."""


class Postings:
    """Lets the way in wait until what stands in a room is also known to storage.

    A member may start a thread on an answer, and write in it, before we have noted its id.
    """

    def __init__(self) -> None:
        self._under_way: defaultdict[int, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def into(self, room_id: int) -> Iterator[Callable[[asyncio.Future[None]], None]]:
        """Mark a room while the block posts into it, and until what it hands over is done."""
        noting, leave = list[asyncio.Future[None]](), self.expect(room_id)
        try:
            yield noting.append
        finally:
            if noting:
                noting[-1].add_done_callback(lambda _: leave())
            else:
                leave()

    def expect(self, room_id: int) -> Callable[[], None]:
        """Mark a room until what this gives is called, once."""
        done = asyncio.Event()
        self._under_way[room_id].add(done)

        def leave() -> None:
            done.set()
            self._under_way[room_id].remove(done)
            if not self._under_way[room_id]:
                del self._under_way[room_id]

        return leave

    def under_way(self, room_id: int) -> tuple[asyncio.Event, ...]:
        """Give what is being posted into a room; ask before you look for what stands there."""
        return tuple(self._under_way.get(room_id, ()))

    async def settle(self, under_way: Iterable[asyncio.Event]) -> None:
        """Wait, within reason, until that is posted and noted."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                for done in under_way:
                    await done.wait()
