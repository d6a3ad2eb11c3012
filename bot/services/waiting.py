"""What members see of the line they wait in: their place, and that they asked too often."""

import asyncio
import logging
from datetime import datetime
from enum import Enum

from bot.domain.incoming import Incoming
from bot.domain.rates import MINUTE
from bot.errors import BotError
from bot.services.ports import Clock, Outlet
from bot.services.shown_places import ShownPlace, ShownPlaces
from bot.tasks import spawn
from bot.words import Sentence

log = logging.getLogger(__name__)

PLACE = Sentence(
    "⏳ You are next in line; I answer as soon as it is your turn.",
    "⏳ You are number {count} in line; I answer as soon as it is your turn.",
)
PLACE_PART = 98
"""The place of this notice among the parts of an answer: after all others."""

HELD_BACK_S = 2.0
"""Whose turn comes waits for so long at most for a notice that Discord has not taken yet."""

UNTIL_THEN = Sentence(
    "What you ask until then stays unanswered; where I may, I mark it with {mark}."
)
MARK = "⏳"

CROWDED = Sentence(
    "Too much is asked here at once: what I neither answer nor mark stays unanswered. Please ask "
    "it again later."
)
"""In place of the mark, where it cannot be made: once a minute, for the whole room."""

TOLD_IN_A_ROOM = 10
"""So many members of a room are told within a minute that they asked too often: else they would be
told of nothing but that, and late, for Discord takes sixty messages a minute there."""

IN_A_ROOM = 3
"""So many notices stand in a room at once: Discord counts them against the answers there."""

MARKING_AT_MOST = 1_000
"""So many marks for those who were told in words within the minute may be on their way: Discord
takes four a second in a channel, so that these are minutes' worth."""


class Notice(Enum):
    """How a member is told that they asked too often."""

    WORDS = "in words"
    MARK = "by a mark below the question"
    AGAIN = "by another mark, if that can be made: they were told within the minute"


class LineNotices:
    """Tells members in rooms about the line, without filling the rooms with it."""

    def __init__(self, shown: ShownPlaces, clock: Clock) -> None:
        self._shown = shown
        self._clock = clock
        self._standing: dict[PlaceNotice, Incoming] = {}
        self._told: dict[int, tuple[datetime, int, Notice]] = {}
        self._marking = 0

    def of(self, incoming: Incoming, outlet: Outlet) -> "PlaceNotice":
        """Get ready to tell the asker their place."""
        return PlaceNotice(self._standing, self._shown, incoming, outlet)

    def choose(self, member_id: int, room_id: int) -> Notice:
        """Choose how a member hears that they ask too often: in words once a minute, few a room."""
        now = self._clock()
        self._told = {who: told for who, told in self._told.items() if abs(now - told[0]) < MINUTE}
        if member_id in self._told:
            return Notice.AGAIN
        in_words = sum(each[1:] == (room_id, Notice.WORDS) for each in self._told.values())
        notice = Notice.WORDS if in_words < TOLD_IN_A_ROOM else Notice.MARK
        self._told[member_id] = now, room_id, notice
        return notice

    async def mark(self, outlet: Outlet) -> None:
        """Mark a question that stays unanswered, if that can be done; its asker was told before."""
        if self._marking >= MARKING_AT_MOST:
            log.info("a question that is one too many is not even marked")
            return
        self._marking += 1
        try:
            await outlet.mark(MARK)
        finally:
            self._marking -= 1


class PlaceNotice:
    """The place of one question, told where no other notice is for the same member."""

    def __init__(
        self,
        standing: dict["PlaceNotice", Incoming],
        shown: ShownPlaces,
        incoming: Incoming,
        outlet: Outlet,
    ) -> None:
        self._standing = standing
        self._shown = shown
        self._incoming = incoming
        self._outlet = outlet
        self._telling: asyncio.Task[ShownPlace | None] | None = None

    async def show(self, place: int) -> None:
        """Tell the place, beside the waiting: Discord may hold a notice back for long."""
        if self._has_room():
            self._standing[self] = self._incoming
            self._telling = spawn(self._tell(place), name="place in line")

    async def _tell(self, place: int) -> ShownPlace | None:
        """Post the notice; a failure of telling it is none of the question."""
        try:
            self._outlet.check_access()
            message_id = await self._outlet.post_text(PLACE.format(count=place), part=PLACE_PART)
        except BotError as error:
            log.info("a place in line is not shown: %s", error.code)
            return None
        shown = ShownPlace(self._incoming.room.id, message_id)
        await self._shown.add(shown)
        return shown

    async def take_back(self) -> None:
        """Delete what was told once it is not true any more."""
        self._standing.pop(self, None)
        if self._telling is None:
            return
        retracting = spawn(self._retract(self._telling), name="place in line taken back")
        await asyncio.wait((retracting,), timeout=HELD_BACK_S)

    async def _retract(self, telling: "asyncio.Task[ShownPlace | None]") -> None:
        """Delete it once it stands: what Discord holds back it may have taken already."""
        if (shown := await telling) is not None:
            await self._outlet.retract(shown.message_id)
            await self._shown.remove(shown)

    def _has_room(self) -> bool:
        others = self._standing.values()
        here = [each for each in others if each.room.id == self._incoming.room.id]
        members = {each.member.id for each in others}
        return len(here) < IN_A_ROOM and self._incoming.member.id not in members
