"""The way in: a message that is for us is stored once, before anything is paid for."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.incoming import Address, Incoming
from bot.domain.rooms import Room
from bot.domain.setting_words import Bots
from bot.domain.triggers import MENDED_BY_WORDS, Known, Verdict, judge, may_be_ours
from bot.errors import DatabaseError
from bot.services.bot_turns import BotTurns
from bot.services.deletions import Deletions
from bot.services.ports import Clock
from bot.services.postings import Postings
from bot.services.rooms import Rooms
from bot.storage.claims import ClaimStore
from bot.storage.inbox import InboxStore, Left
from bot.storage.turns import TurnStore
from bot.storage.untold import UntoldStore
from bot.tasks import spawn
from bot.words import Sentence

log = logging.getLogger(__name__)

RECOVERY_AGE = timedelta(minutes=15)
"""Questions that an edit mends are answered while they are this young, and those that a stop cut
short at least as long."""


ANSWERED_AGE = timedelta(days=1)
"""So long an answer that a stop left behind is worth posting: it is paid for, and may stand."""

KEPT_EDITED = 1_000
"""So many of the newest messages that were edited, anywhere, are remembered."""

KEEP_AGAIN_AFTER_S = 10.0
"""How often what could not be stored is tried again while the disk fails."""

TOO_OLD = "stale"

UNEXPECTED = "unexpected"

POISON = "poison"
MOST_DEATHS = 3
"""A question over which so many runs died is not begun again."""

MOST_DEATHS_ANSWERED = 2 * MOST_DEATHS
"""The same once its answer is stored: what is left costs nothing, and part of it may stand."""

POISONED = Sentence(
    "I broke down {count} times while I was working on this, so I leave it alone now. Please ask "
    "in another way."
)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What the last stop cut short.

    Attributes:
        young: what is still to be answered.
        suspects: the same, but the next death over one would be its last: one after the other.
        too_old: what is not answered any more; it is closed once that is said.
        poisoned: what killed us too often, and how often; it is closed once that is said.
        answered: those of whose answers something may stand already.

    """

    young: list[Incoming] = field(default_factory=list)
    suspects: list[Incoming] = field(default_factory=list)
    too_old: list[Incoming] = field(default_factory=list)
    poisoned: list[tuple[Incoming, int]] = field(default_factory=list)
    answered: list[Incoming] = field(default_factory=list)


class Intake:
    """Decides what is for us and keeps it; duplicates end here."""

    def __init__(
        self,
        inbox: InboxStore,
        claims: ClaimStore,
        untold: UntoldStore,
        turns: TurnStore,
        rooms: Rooms,
        postings: Postings,
        deletions: Deletions,
        clock: Clock,
        *,
        recovery_age: timedelta = RECOVERY_AGE,
    ) -> None:
        self._inbox = inbox
        self._claims = claims
        self._untold = untold
        self._turns = turns
        self._rooms = rooms
        self._postings = postings
        self._bot_turns = BotTurns()
        self._deletions = deletions
        self._edited: OrderedDict[int, datetime] = OrderedDict()
        self._clock = clock
        self._recovery_age = max(recovery_age, RECOVERY_AGE)

    async def judge(self, incoming: Incoming) -> Verdict:
        """Tell what is to become of a message, which is not stored by that."""
        if not may_be_ours(incoming):
            return Verdict.IGNORE
        verdict = judge(incoming, await self._known(incoming))
        if incoming.message_id in self._deletions:  # while it was not known whether it is for us
            return Verdict.IGNORE
        if verdict is Verdict.IGNORE or not self._bot_turns.admit(incoming, self._clock()):
            return Verdict.IGNORE
        return verdict

    async def keep(self, incoming: Incoming) -> bool:
        """Store a message that is for us; False when it is known already, or gone."""
        if not await self._inbox.accept(incoming, self._clock()):
            return False
        if incoming.message_id not in self._deletions:
            return True
        # It was deleted while it was being stored.
        return not await self._inbox.cancel(incoming.message_id, "deleted")

    def note_edit(self, message_id: int, at: datetime) -> None:
        """Remember the newest edit of a message, before anything about it is looked up."""
        self._edited[message_id] = max(at, self._edited.get(message_id, at))
        if len(self._edited) > KEPT_EDITED:
            self._edited.popitem(last=False)

    async def revise(self, incoming: Incoming, at: datetime) -> bool:
        """Take an edit of a question that has no answer yet; False if it is too late.

        An edit after which the message is not for us any more cancels the question. Of several that
        come at once the newest counts.
        """
        if await self._inbox.state(incoming.message_id) != "received":
            return False
        if await self.is_answered(incoming):
            return False  # a stop left its answer behind, of which part may stand
        verdict = judge(incoming, await self._known(incoming))
        if at < self._edited.get(incoming.message_id, at):
            return True
        if verdict is Verdict.IGNORE:
            return await self._inbox.cancel(incoming.message_id, "edited")
        return verdict is Verdict.UNREADABLE or await self._inbox.revise(incoming)

    async def reopen(self, incoming: Incoming) -> bool:
        """Take up a young question again whose edit gave it the words it was refused for.

        True for one caller only, who is to have it answered.
        """
        if not incoming.text or self._clock() - incoming.created_at > RECOVERY_AGE:
            return False
        if await self._inbox.state(incoming.message_id) != "refused":
            return False
        if judge(incoming, await self._known(incoming)) is not Verdict.ANSWER:
            return False
        return await self._inbox.reopen(incoming, MENDED_BY_WORDS)

    async def cancel(self, message_ids: Collection[int]) -> None:
        """Forget deleted questions; those whose answers have begun end where that can be."""
        self._deletions.note(message_ids)
        for message_id in message_ids:
            if await self._inbox.state(message_id) != "received":
                continue
            if await self._turns.of_message(message_id) is None:
                await self._inbox.cancel(message_id, "deleted")

    async def recover(self) -> "Recovered":
        """Give back the questions that the last stop cut short, ready to be claimed again.

        Those that came by a command that cannot be answered any more are closed.
        """
        if died := await self._claims.take_over():
            log.warning("the last run died over %s questions", died)
        now, found = self._clock(), Recovered()
        for left in await self._inbox.unfinished():
            if left.question.address is Address.COMMAND:
                await self.close(left.question, "command_over")
                continue
            self._sort(left, found, now)
            if left.answered:
                found.answered.append(left.question)
        return found

    def _sort(self, left: Left, found: Recovered, now: datetime) -> None:
        age = max(self._recovery_age, ANSWERED_AGE) if left.answered else self._recovery_age
        if now - left.question.created_at > age:
            found.too_old.append(left.question)
        elif left.deaths >= (MOST_DEATHS_ANSWERED if left.answered else MOST_DEATHS):
            found.poisoned.append((left.question, left.deaths))
        elif left.deaths >= MOST_DEATHS - 1:
            found.suspects.append(left.question)
        else:
            found.young.append(left.question)

    async def close(self, incoming: Incoming, reason: str) -> None:
        """Give a question up for good, once its member knows why."""
        log.warning("question %s is given up: %s", incoming.message_id, reason)
        await self._inbox.finish(incoming.message_id, "failed", reason, self._clock())

    async def break_off(self, incoming: Incoming) -> bool:
        """Close a question over a defect; False where another end stands, or is being worked for.

        True also where only the asker does not know of that end. What was not even stored is kept
        as failed: nobody who is told of it is answered later.
        """
        state = await self._inbox.state(incoming.message_id)
        if state is None and may_be_ours(incoming):
            return await self._keep_failed(incoming)
        if state == "received":
            if await self.is_answered(incoming):
                return False  # a stop left its answer behind, which is posted yet
            return await self._inbox.fail_unbegun(incoming.message_id, UNEXPECTED)
        return await self._untold.holds(incoming.message_id)

    async def is_answered(self, incoming: Incoming) -> bool:
        """Tell whether the answer to a question is stored, posted or not."""
        return await self._turns.of_message(incoming.message_id) is not None

    async def _keep_failed(self, incoming: Incoming) -> bool:
        """Keep a question as failed, later if the disk fails: its asker is told all the same."""
        try:
            return await self._inbox.accept_closed(incoming, UNEXPECTED, self._clock())
        except DatabaseError:
            spawn(self._keep_failed_later(incoming), name=f"the end of {incoming.message_id}")
            raise

    async def _keep_failed_later(self, incoming: Incoming) -> None:
        while True:
            await asyncio.sleep(KEEP_AGAIN_AFTER_S)
            with suppress(DatabaseError):
                await self._inbox.accept_closed(incoming, UNEXPECTED, self._clock())
                return

    async def was_missed(self, incoming: Incoming) -> bool:
        """Tell whether a message that is too old now was a question to us that we never got."""
        if not may_be_ours(incoming) or incoming.by_bot:
            return False
        if await self._inbox.state(incoming.message_id) is not None:
            return False
        return judge(incoming, await self._known(incoming)) is Verdict.ANSWER

    async def close_too_old(self, incoming: Incoming) -> None:
        """Keep of a question only that it came too late, so that nobody speaks of it again."""
        await self._inbox.accept_closed(incoming, TOO_OLD, self._clock())

    async def _known(self, incoming: Incoming) -> Known:
        reply_to = incoming.reply_to
        if incoming.is_addressed and not incoming.by_bot:
            return Known()
        rules = await self._rooms.rules(incoming.room, incoming.member.id)
        if incoming.is_addressed:
            return Known(answers_bots=rules.bots.value is Bots.ANSWERED)
        return Known(
            replied_turn=await self._turns.of_message(reply_to.message_id) if reply_to else None,
            our_thread=await self._is_ours(incoming.room),
            listens=rules.listen.value,
        )

    async def _is_ours(self, room: Room) -> bool:
        """Tell whether a thread grew from a question to us or from an answer.

        Its id is that of the message it was started on. A forum post's is that of its own first
        message: even if that asked us something, members talk with each other below it.
        """
        start = room.thread_id
        if start is None or not await self._leads_to_turn(start, room.channel_id):
            return False
        return await self._inbox.room_of(start) != room.id

    async def _leads_to_turn(self, message_id: int, channel_id: int) -> bool:
        """Tell whether a message belongs to a turn, or will once its answer is made or noted."""
        under_way = self._postings.under_way(channel_id)
        if await self._turns.of_message(message_id) is not None:
            return True
        if await self._inbox.state(message_id) in ("received", "claimed"):
            return True
        if not under_way:
            return False
        await self._postings.settle(under_way)
        return await self._turns.of_message(message_id) is not None
