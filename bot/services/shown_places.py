"""Places in line that stand in rooms, written down so that the next start can take them back."""

import json
import logging
from dataclasses import asdict, dataclass

from bot.errors import DatabaseError
from bot.storage.keys import KeyStore

log = logging.getLogger(__name__)

_KEY = "shown_places"


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """A message of ours that tells somebody their place."""

    room_id: int
    message_id: int


class ShownPlaces:
    """Remembers over restarts which of them stand."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._standing: set[ShownPlace] = set()

    async def left_over(self) -> frozenset[ShownPlace]:
        """Give those of earlier runs: whoever they were for has no place in this one's line."""
        kept = json.loads(await self._keys.get(_KEY) or b"[]")
        left = frozenset(ShownPlace(**each) for each in kept)
        self._standing |= left
        return left

    async def add(self, place: ShownPlace) -> None:
        """Note that one stands."""
        self._standing.add(place)
        await self._keep()

    async def remove(self, place: ShownPlace) -> None:
        """Note that one is gone."""
        self._standing.discard(place)
        await self._keep()

    async def _keep(self) -> None:
        places = [asdict(each) for each in self._standing]
        try:
            await self._keys.put(_KEY, json.dumps(places).encode())
        except DatabaseError as error:
            log.info("places in line are not noted: %s", error.code)
