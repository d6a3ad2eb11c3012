"""The end of questions: noted, and told to who gets no answer, whatever comes in between."""

import asyncio
import logging
from functools import partial

from bot.domain.incoming import Address, Incoming
from bot.domain.outgoing import FAILURE_PART, Posted
from bot.domain.pauses import Pause
from bot.domain.rates import MINUTE
from bot.errors import BotError, DatabaseError, NoAccess, PartGone, SourceGone, Unreachable
from bot.services.incidents import Incidents, is_refusal
from bot.services.lineage import parent_of
from bot.services.packing import pack_words, unpack_words
from bot.services.patience import insist
from bot.services.ports import Clock, Outlet
from bot.services.waiting import CROWDED, MARK
from bot.storage.inbox import FinalState, InboxStore
from bot.storage.turns import TurnStore
from bot.storage.untold import Untold, UntoldStore
from bot.tasks import spawn
from bot.words import Sentence

log = logging.getLogger(__name__)

FAILURE = Sentence("⚠️ {sentence}")
FORGOTTEN = Sentence("I could not answer this, and do not know any more why. Please ask it again.")
"""In place of words that another version kept in a way of its own."""

_SIGN = "⚠️"
_UNANSWERED = frozenset({"refused", "failed"})
_SETTLED = frozenset({"answered", "cancelled"})


class Closing:
    """Closes questions."""

    def __init__(
        self,
        inbox: InboxStore,
        untold: UntoldStore,
        turns: TurnStore,
        incidents: Incidents,
        clock: Clock,
    ) -> None:
        self._inbox = inbox
        self._untold = untold
        self._turns = turns
        self._incidents = incidents
        self._clock = clock
        self._crowded: dict[int, Pause] = {}

    async def finish(
        self,
        incoming: Incoming,
        state: FinalState,
        reason: str | None,
        posted: Posted | None = None,
    ) -> None:
        """Close a question of which nothing is to be said; while the disk fails, wait for it."""
        await self._inbox.finish(
            incoming.message_id, state, reason, self._clock(), posted=posted, patiently=True
        )

    async def answered(self, incoming: Incoming, posted: Posted) -> "asyncio.Future[None] | None":
        """Close a question whose answer stands; gives what is done once that is written.

        Of the answer to a command nothing can be seen in the room later on, so that is waited for.
        """
        if incoming.address is Address.COMMAND:
            await self.finish(incoming, "answered", None, posted)
            return None
        return await self._inbox.answered(incoming.message_id, self._clock(), posted)

    async def give_up(
        self,
        incoming: Incoming,
        state: FinalState,
        reason: str,
        words: str | None = None,
        *,
        once: str | None = None,
        patiently: bool = False,
    ) -> bool:
        """Close a question without an answer; a reply to the notice goes on where it would have.

        With words goes that they are still to be told, `once` in a room if that has a name; False
        where they were.
        """
        keeps = words is not None and incoming.address is not Address.COMMAND
        return await self._inbox.finish(
            incoming.message_id,
            state,
            reason,
            self._clock(),
            continued=await self._continued(incoming, patiently=patiently),
            untold=Untold(incoming, pack_words(words or ""), once) if keeps else None,
            patiently=patiently,
        )

    async def _continued(self, incoming: Incoming, *, patiently: bool) -> int | None:
        """Find the turn that a question was to continue; the end of it is not to fail over that."""
        try:
            return await parent_of(incoming, self._turns, self._inbox)
        except DatabaseError:
            if not patiently:
                raise
            return None

    async def fail(self, incoming: Incoming, outlet: Outlet, error: Exception) -> None:
        """Close a question over an error, and say why."""
        reason = error.code if isinstance(error, BotError) else "unexpected"
        log.info("question %s not answered: %s", incoming.message_id, reason)
        await self.tell(
            incoming,
            outlet,
            "refused" if is_refusal(error) else "failed",
            reason,
            self._incidents.account_for(error, "answering", incoming.room.guild_id),
            alone=isinstance(error, NoAccess),
        )

    async def tell(
        self,
        incoming: Incoming,
        outlet: Outlet,
        state: FinalState,
        reason: str,
        words: str,
        *,
        alone: bool = False,
        once: str | None = None,
    ) -> None:
        """Close a question without an answer and say why, `alone` to its asker only.

        With a name in `once` it is said in a room only once a day. The mark of questions that stay
        unanswered is words enough. While the disk fails it is said first, and the question closed
        when that is possible. While Discord is not to be had it is said later.
        """
        try:
            is_news = await self.give_up(incoming, state, reason, words, once=once)
        except DatabaseError:
            if await self._has_another_end(incoming):
                return
            is_told = await self._is_said(incoming, outlet, words, alone=alone)
            untold = None if is_told else words
            await self.give_up(incoming, state, reason, untold, patiently=True)
            if not is_told:
                self._say_later(incoming, outlet, words)
            return
        if not is_news:
            return
        if await self._is_said(incoming, outlet, words, alone=alone):
            await self._note_told(incoming)
        else:
            self._say_later(incoming, outlet, words)

    async def _has_another_end(self, incoming: Incoming) -> bool:
        """Tell whether a question is known to be answered or taken back, while writing fails."""
        try:
            return await self._inbox.state(incoming.message_id) in _SETTLED
        except DatabaseError:
            return False

    def _say_later(self, incoming: Incoming, outlet: Outlet, words: str) -> None:
        what = f"the reason why {incoming.message_id} has no answer"
        spawn(insist(partial(self._tell_unless_told, incoming, outlet, words), what), name=what)

    async def untold(self) -> list[tuple[Incoming, str]]:
        """Give the questions whose askers a stop kept from being told, and what to tell them."""
        return [
            (each.question, unpack_words(each.words) or FORGOTTEN)
            for each in await self._untold.all()
        ]

    async def tell_late(self, incoming: Incoming, outlet: Outlet, words: str) -> None:
        """Tell what a stop kept from being told, unless it stands; later if need be."""
        try:
            await self._tell_unless_told(incoming, outlet, words)
        except Unreachable:
            self._say_later(incoming, outlet, words)

    async def give_up_late(
        self, incoming: Incoming, outlet: Outlet, reason: str, words: str
    ) -> None:
        """Close a question that a stop left open, and say why unless that stands already.

        Raises:
            Unreachable: Discord is not to be had.

        """
        if await _is_told(outlet):
            await self.finish(incoming, "failed", reason)
        else:
            await self.tell(incoming, outlet, "failed", reason, words)

    async def _tell_unless_told(self, incoming: Incoming, outlet: Outlet, words: str) -> None:
        if await self._inbox.state(incoming.message_id) not in _UNANSWERED:
            await self._note_told(incoming)  # an edit mended it meanwhile
            return
        if not await _is_told(outlet):
            await self._say(incoming, outlet, words, alone=False)
        await self._note_told(incoming)

    async def _is_said(
        self, incoming: Incoming, outlet: Outlet, words: str, *, alone: bool
    ) -> bool:
        """Say why there is no answer; False while Discord is not to be had."""
        try:
            await self._say(incoming, outlet, words, alone=alone)
        except Unreachable:
            return False
        return True

    async def _say(self, incoming: Incoming, outlet: Outlet, words: str, *, alone: bool) -> None:
        if words == MARK:
            if not await outlet.mark(MARK) and self._is_news_of_crowd(incoming.room.id):
                try:
                    await say_failure(outlet, CROWDED)
                except Unreachable:
                    self._crowded.pop(incoming.room.id, None)
                    raise
        elif not alone:
            await say_failure(outlet, words)
        elif not await outlet.whisper(words):
            await _mark_untold(outlet, "no direct messages")

    def _is_news_of_crowd(self, room_id: int) -> bool:
        """Tell whether a room is to hear that too much is asked there: once a minute."""
        now = self._clock()
        self._crowded = {room: told for room, told in self._crowded.items() if told.lasts(now)}
        if room_id in self._crowded:
            return False
        self._crowded[room_id] = Pause(now, MINUTE)
        return True

    async def _note_told(self, incoming: Incoming) -> None:
        if incoming.address is Address.COMMAND:
            return
        try:
            await self._untold.forget(incoming.message_id)
        except Exception as error:  # noqa: BLE001 - it is told, whatever becomes of the note
            log.warning("%s may be told twice: %s", incoming.message_id, type(error).__name__)


async def say_failure(outlet: Outlet, words: str) -> None:
    """Tell an asker in the room, else alone; being allowed to do neither is only logged.

    Raises:
        Unreachable: neither can be done just now, and what was tried may stand.

    """
    try:
        await _post(outlet, FAILURE.format(sentence=words))
    except (SourceGone, PartGone):
        return
    except BotError as error:
        if await outlet.whisper(words):
            return
        if isinstance(error, Unreachable):
            raise
        await _mark_untold(outlet, error.code)


async def _post(outlet: Outlet, words: str) -> None:
    """Post a notice, after a defect once more: it may stand, and by its nonce it stands once."""
    try:
        await outlet.post_text(words, part=FAILURE_PART)
    except BotError:
        raise
    except Exception:
        log.exception("a notice may not have been posted, so it is posted once more")
        await outlet.post_text(words, part=FAILURE_PART)


async def _mark_untold(outlet: Outlet, why: str) -> None:
    """Show by a mark at least that there is no answer."""
    if not await outlet.mark(_SIGN):
        log.warning("nobody could be told: %s", why)


async def _is_told(outlet: Outlet) -> bool:
    """Tell whether it can be seen that an asker knows why there is no answer."""
    return any(is_notice(each.text) for each in await outlet.standing() or ())


def is_notice(words: str) -> bool:
    """Tell whether a message of ours says why there is no answer."""
    return words.startswith(_SIGN)
