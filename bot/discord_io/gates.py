"""Who may post into a room just now, first come first served.

Discord takes five messages in five seconds in a room. discord.py lets newcomers pass whoever waits
for that: in a throng some would wait until their time is over.
"""

import asyncio
from weakref import WeakValueDictionary

AT_ONCE = 5


class Gates:
    """One for each room into which something is being posted."""

    def __init__(self) -> None:
        self._of_rooms = WeakValueDictionary[int, asyncio.Semaphore]()

    def of(self, room_id: int) -> asyncio.Semaphore:
        """Give the gate of a room, which lets in a few at once."""
        return self._of_rooms.setdefault(room_id, asyncio.Semaphore(AT_ONCE))
