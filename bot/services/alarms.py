"""What only whoever runs the bot can mend, told to them: each kind once an hour."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from bot.domain.pauses import Pause
from bot.errors import DatabaseError
from bot.services.ports import Clock
from bot.storage.keys import KeyStore
from bot.tasks import spawn

log = logging.getLogger(__name__)

EVERY = timedelta(hours=1)

AGAIN = timedelta(minutes=5)
"""How long to wait where nobody could be told."""

_KEY = "alarms"

Tell = Callable[[str], Awaitable[bool]]
"""Tells whoever runs the bot; False where nobody could be told. Failures are its own affair."""


class Alarms:
    """Tells once what keeps happening; what comes before anybody can tell waits.

    What was told is kept beyond a restart: a bot that ends and begins over and over writes no more.
    """

    def __init__(self, clock: Clock, keys: KeyStore | None = None) -> None:
        """Prepare; without `keys` a restart forgets what was told."""
        self._clock = clock
        self._keys = keys
        self._told: dict[str, Pause] = {}
        self._told_before: dict[str, Pause] | None = None
        self._reading = asyncio.Lock()
        self._waiting: dict[str, str] = {}
        self._tell: Tell | None = None

    def attach(self, tell: Tell) -> None:
        """Tell by this from now on."""
        self._tell = tell
        while self._waiting:
            kind = next(iter(self._waiting))
            self._send(tell, kind, self._waiting.pop(kind))

    def ring(self, kind: str, sentence: str) -> None:
        """Tell something, unless the same kind was told within the hour; never waits."""
        now, told = self._clock(), self._told.get(kind)
        if told is not None and told.lasts(now):
            return
        self._told[kind] = Pause(now, EVERY)
        if self._tell is None:
            self._waiting[kind] = sentence
        else:
            self._send(self._tell, kind, sentence)

    def _send(self, tell: Tell, kind: str, sentence: str) -> None:
        async def send() -> None:
            if await self._was_told_before(kind):
                return
            await self._keep()
            if not await tell(sentence):
                self._told[kind] = Pause(self._clock(), AGAIN)
                await self._keep()

        spawn(send(), name="alarm")

    async def _was_told_before(self, kind: str) -> bool:
        """Tell whether this was told within the hour before the last restart."""
        try:
            async with self._reading:
                if self._told_before is None:
                    self._told_before = await self._read()
        except DatabaseError as error:
            log.warning("what was told before is not known: %s", error.code)
            return False
        told = self._told_before.pop(kind, None)
        if told is None or not told.lasts(self._clock()):
            return False
        self._told[kind] = told
        return True

    async def _read(self) -> dict[str, Pause]:
        return {} if self._keys is None else _decoded(await self._keys.get(_KEY))

    async def _keep(self) -> None:
        now = self._clock()
        self._told = {kind: pause for kind, pause in self._told.items() if pause.lasts(now)}
        if self._keys is None:
            return
        known = {**(self._told_before or {}), **self._told}
        lasting = {kind: pause for kind, pause in known.items() if pause.span == EVERY}
        try:
            await self._keys.put(_KEY, _encoded(lasting))
        except DatabaseError as error:
            log.warning("what was told is not kept beyond a restart: %s", error.code)


def _encoded(told: dict[str, Pause]) -> bytes:
    return json.dumps({kind: pause.begun.isoformat() for kind, pause in told.items()}).encode()


def _decoded(kept: bytes | None) -> dict[str, Pause]:
    begun = json.loads(kept or b"{}")
    return {kind: Pause(datetime.fromisoformat(each), EVERY) for kind, each in begun.items()}
