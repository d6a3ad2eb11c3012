"""Bringing answers that are stored to their end: posted, now or later, or what is left of one."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from bot.domain.effective import RoomRules
from bot.domain.incoming import Address, Incoming
from bot.domain.outgoing import Part, Posted
from bot.domain.question import title_of
from bot.errors import BotError, DatabaseError, DeliveryError, SourceGone, Unreachable
from bot.services.closing import Closing
from bot.services.deletions import Deletions
from bot.services.delivery import NOTHING, Delivery
from bot.services.pages import Answer
from bot.services.patience import insist
from bot.services.ports import Outlet
from bot.services.postings import Postings
from bot.services.recording import Recording
from bot.services.resuming import Resuming
from bot.services.rooms import Rooms
from bot.services.turnstile import Turnstile
from bot.storage.inbox import InboxStore
from bot.storage.outbox import OutboxStore
from bot.storage.turns import TurnStore
from bot.tasks import spawn
from bot.words import Sentence

log = logging.getLogger(__name__)

PUT_OFF = Sentence(
    "Discord does not take my answer where you asked just now. It comes as soon as Discord does."
)

LATE_AT_ONCE = 4
"""So many answers that Discord did not take are posted at once when it takes them again."""


class Finishing:
    """Posts what is stored.

    From then on a question ends by its answer, whatever forbids to ask it again: little or nothing
    is still to be paid, and part of it may stand.
    """

    def __init__(
        self,
        inbox: InboxStore,
        turns: TurnStore,
        outbox: OutboxStore,
        rooms: Rooms,
        resuming: Resuming,
        recording: Recording,
        delivery: Delivery,
        closing: Closing,
        turnstile: Turnstile,
        postings: Postings,
        deletions: Deletions,
    ) -> None:
        self._inbox = inbox
        self._turns = turns
        self._outbox = outbox
        self._rooms = rooms
        self._resuming = resuming
        self._recording = recording
        self._delivery = delivery
        self._closing = closing
        self._turnstile = turnstile
        self._postings = postings
        self._deletions = deletions
        self._late = asyncio.Semaphore(LATE_AT_ONCE)

    async def post(
        self, incoming: Incoming, answer: Answer, outlet: Outlet, after: int = NOTHING
    ) -> None:
        """Post an answer, noting what stands: each message, and with the end all of them."""
        if after > NOTHING:
            outlet.insist()
        with self._postings.into(incoming.room.id) as until:
            parts: list[Part] = []
            async for part in self._delivery.deliver(answer, outlet, after):
                outlet.insist()
                parts.append(part)
                with _logged():
                    await self._outbox.note(answer.turn_id, part)
            with _logged():
                posted = Posted(answer.turn_id, tuple(parts))
                written = await self._closing.answered(incoming, posted)
                if written is not None:
                    until(written)

    async def resume(
        self,
        turn_id: int,
        incoming: Incoming,
        rules: RoomRules,
        outlet: Outlet,
        *,
        stays: bool = False,
    ) -> None:
        """Post what is left of an answer, all of which may stand already.

        The outlet `stays` where it is if this run has chosen its place; else it goes there first.
        """
        gone = None if stays else await _go_where_it_came(incoming, rules, outlet)
        rest = await self._resuming.look(turn_id, incoming, rules, outlet)
        answer = rest.answer
        if rest.after == NOTHING:
            self._deletions.require_presence(incoming.message_id)
            if gone is not None:
                raise gone
            if answer.unspoken:
                outlet.check_access()
                answer = await self._recording.speak_late(answer, incoming)
        await self.post(incoming, answer, outlet, rest.after)

    async def put_off(self, incoming: Incoming, outlet: Outlet, error: BotError) -> bool:
        """Keep an answer that Discord does not take, and post it later; False if there is none.

        Only posting, and looking for what stands, are out of reach: the answer is stored by then.
        What is stored is not given up over a database that fails after that, either.
        """
        if isinstance(error, DatabaseError) and await self._is_stored(incoming):
            self.post_beside(incoming, outlet, at_once=False)
            return True
        if not isinstance(error, Unreachable):
            return False
        what = self.post_beside(incoming, outlet, at_once=False)
        telling = self._tell_put_off(incoming.message_id, outlet, what)
        spawn(telling, name=f"word of {what}")  # a turn is not to wait for it
        return True

    async def _is_stored(self, incoming: Incoming) -> bool:
        """Tell whether an answer waits to be posted, as far as the database can say."""
        if incoming.address is Address.COMMAND:
            return False
        try:
            return await self._outbox.find(incoming.message_id) is not None
        except DatabaseError:
            return False

    def post_beside(self, incoming: Incoming, outlet: Outlet, *, at_once: bool) -> str:
        """Post a stored answer beside the line, after a while or `at_once`; gives its name."""
        what = f"the answer to {incoming.message_id}"
        spawn(self._post_later(incoming, outlet, what, at_once=at_once), name=what)
        return what

    async def _tell_put_off(self, message_id: int, outlet: Outlet, what: str) -> None:
        try:
            if await self._inbox.state(message_id) == "claimed":  # else it has come meanwhile
                await outlet.whisper(PUT_OFF)
        except BotError as unheard:
            log.info("%s is put off untold: %s", what, unheard.code)

    async def _post_later(
        self, incoming: Incoming, outlet: Outlet, what: str, *, at_once: bool
    ) -> None:
        async def post() -> None:
            async with self._late:
                turn_id = await self._turns.of_message(incoming.message_id)
                assert turn_id is not None  # noqa: S101 - it is stored: see who calls this
                rules = await self._rooms.rules(incoming.room, incoming.member.id)
                await self.resume(turn_id, incoming, rules, outlet, stays=not at_once)

        try:
            await insist(post, what, at_once=at_once)
        except SourceGone as error:
            await self._closing.finish(incoming, "cancelled", error.code)
        except Exception as error:  # noqa: BLE001 - it is logged, and its member told
            if self._turnstile.is_open:  # else the next start goes on with it
                await self.fail(incoming, outlet, error)

    async def post_after(self, defect: Exception, incoming: Incoming, outlet: Outlet) -> bool:
        """Post what a defect left of a stored answer; False if there is none, or that fails too."""
        turn_id = None
        try:
            turn_id = await self._turns.of_message(incoming.message_id)
            if turn_id is None or incoming.address is Address.COMMAND:
                return False
            rules = await self._rooms.rules(incoming.room, incoming.member.id)
            await self.resume(turn_id, incoming, rules, outlet, stays=True)
        except Exception as error:  # noqa: BLE001 - the first one is what is told
            log.warning("nor does a second try: %s", type(error).__name__)
            return isinstance(error, BotError) and await self.put_off(incoming, outlet, error)
        log.error("turn %s was posted in spite of a defect", turn_id, exc_info=defect)
        return True

    async def give_up(self, incoming: Incoming, outlet: Outlet, reason: str, words: str) -> None:
        """Close a question that a stop left open; later if need be.

        Where part of its answer stands, the rest is posted; else it is said why there is none.
        """

        async def close() -> None:
            log.warning("question %s is given up: %s", incoming.message_id, reason)
            if not await self._complete(incoming, outlet):
                await self._closing.give_up_late(incoming, outlet, reason, words)

        try:
            await close()
        except (Unreachable, DatabaseError):
            what = f"the end of {incoming.message_id}"
            spawn(insist(close, what), name=what)

    async def _complete(self, incoming: Incoming, outlet: Outlet) -> bool:
        """Post what is left of an answer; False where nothing of one stands, as far as we see."""
        turn_id = await self._turns.of_message(incoming.message_id)
        if turn_id is None:
            return False
        rules = await self._rooms.rules(incoming.room, incoming.member.id)
        try:
            await _go_where_it_came(incoming, rules, outlet)
            rest = await self._resuming.look(turn_id, incoming, rules, outlet)
        except Unreachable:
            raise
        except DeliveryError:
            return False
        if rest.after == NOTHING:
            return False
        try:
            await self.post(incoming, rest.answer, outlet, rest.after)
        except Unreachable:
            raise
        except BotError as error:
            await self._closing.finish(incoming, "failed", error.code)
        return True

    async def fail(self, incoming: Incoming, outlet: Outlet, error: Exception) -> None:
        """Close a question over an error; of one that is deleted nobody is told."""
        if incoming.message_id in self._deletions:
            await self._closing.finish(incoming, "cancelled", "deleted")
        else:
            await self._closing.fail(incoming, outlet, error)


async def take_place(incoming: Incoming, rules: RoomRules, outlet: Outlet) -> None:
    """Choose where and how the answer comes: quietly after a quiet question, or in a thread."""
    if incoming.silent and rules.silent.value:
        outlet.hush()
    if rules.threads.value and incoming.room.thread_id is None:
        await outlet.open_thread(title_of(incoming))


async def _go_where_it_came(
    incoming: Incoming, rules: RoomRules, outlet: Outlet
) -> SourceGone | None:
    """Go where an answer may stand in part; a question that is gone is no matter if it does."""
    try:
        await take_place(incoming, rules, outlet)
    except SourceGone as gone:
        return gone
    return None


@contextmanager
def _logged() -> Iterator[None]:
    """Log what could not be noted: the messages stand, and a restart makes up for the notes.

    Whatever it was: who has an answer must not be told that there is none, nor get it twice.
    """
    try:
        yield
    except Exception:  # of whatever kind: see above; the log has it whole
        log.exception("an answer was posted but not noted")
