"""What members asked while nobody listened: where to look for it, and how far back."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.catching_up import Candidate, Kind
from bot.domain.incoming import Incoming
from bot.domain.manner import require_answer
from bot.errors import DatabaseError, Refused
from bot.services.intake import Intake
from bot.services.ports import Clock
from bot.services.rooms import Rooms
from bot.storage.inbox import InboxStore
from bot.storage.keys import KeyStore
from bot.words import Sentence

log = logging.getLogger(__name__)

FARTHEST = timedelta(days=1)
"""How far back anything is looked for, if only to say that it is too old."""

MARGIN = timedelta(minutes=5)
"""How much of the time before the newest known question is looked through again."""

PAUSES_S = (0, 5, 30, 120)
"""How long to wait before each look through rooms that could not be looked through before."""

PRIVATE_ROOMS = 50
_LATELY = timedelta(days=30)
_OWED = "look_owed_since"

WE_WERE_AWAY = Sentence(
    "I was away for a while, and what was asked here meanwhile is too old to answer now. Please "
    "ask again."
)


class CatchingUp:
    """Decides what of the past is looked at."""

    def __init__(
        self,
        inbox: InboxStore,
        intake: Intake,
        rooms: Rooms,
        keys: KeyStore,
        answered_for: timedelta,
        clock: Clock,
    ) -> None:
        """Prepare.

        Args:
            inbox: knows what was received.
            intake: knows what is for us.
            rooms: remembers what was said in them.
            keys: remembers a look that is owed.
            answered_for: how old a missed question may be to be answered; 0 for never.
            clock: the time.

        """
        self._inbox = inbox
        self._intake = intake
        self._rooms = rooms
        self._keys = keys
        self._answered_for = answered_for
        self._clock = clock
        self._told: set[int] = set()

    async def since(self) -> datetime | None:
        """Tell from when on something may have been missed; None when nobody is to look.

        Before the newest question that we know of we missed nothing, unless a stop cut the last
        look short; without any question, more than is answered is of no interest.
        """
        if not self._answered_for:
            return None
        self._told.clear()
        now, newest = self._clock(), await self._inbox.newest()
        missed_since = now - self._answered_for if newest is None else newest - MARGIN
        owed_since = await self._owed_since()
        return self.within_reach(min(missed_since, owed_since or missed_since))

    def within_reach(self, since: datetime) -> datetime:
        """Look back no farther than makes sense by now."""
        return max(since, self._clock() - FARTHEST)

    async def owe(self, since: datetime | None) -> None:
        """Remember over restarts that a look from then on is still to be made; None for none."""
        try:
            await self._keys.put(_OWED, since.isoformat().encode() if since else b"")
        except DatabaseError as error:
            log.warning("a look for what was missed is not remembered: %s", error.code)

    async def _owed_since(self) -> datetime | None:
        kept = await self._keys.get(_OWED)
        return datetime.fromisoformat(kept.decode()) if kept else None

    async def private_rooms(self) -> Sequence[Candidate]:
        """Name the DMs in which members talked with us lately: nobody lists them at the start."""
        ids = await self._inbox.private_rooms(self._clock() - _LATELY, PRIVATE_ROOMS)
        return [Candidate(id_, Kind.DM, None) for id_ in ids]

    def young_since(self) -> datetime:
        """Tell from when on questions are still answered; older ones are said to be too old."""
        return self._clock() - self._answered_for

    def is_young(self, written_at: datetime) -> bool:
        """Tell whether a question is still answered."""
        return written_at >= self.young_since()

    async def take_too_old(self, incoming: Incoming) -> str | None:
        """Keep a question that is too old, and give what to close it with.

        None where nothing is to be said about it: it is closed, or was known.
        """
        if not await self._intake.was_missed(incoming):
            return None
        words = await self._words_for(incoming)
        if words is None:
            await self._intake.close_too_old(incoming)
            return None
        if not await self._intake.keep(incoming):
            return None
        self._told.add(incoming.room.id)
        return words

    async def once(self, incoming: Incoming) -> str | None:
        """Give what to say about questions that are too old, once in each room that we answer."""
        words = await self._words_for(incoming)
        if words is not None:
            self._told.add(incoming.room.id)
        return words

    async def _words_for(self, incoming: Incoming) -> str | None:
        if incoming.room.id in self._told:
            return None
        rules = await self._rooms.rules(incoming.room, incoming.member.id)
        try:
            require_answer(rules, incoming.caller)
        except Refused:
            return None
        return WE_WERE_AWAY
