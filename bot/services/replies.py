"""The route of one question, from its stored message to its posted answer."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from bot.deadlines import within
from bot.domain.effective import RoomRules
from bot.domain.fairness import Asker
from bot.domain.incoming import Address, Incoming
from bot.domain.manner import require_answer
from bot.domain.outgoing import Part, Posted
from bot.domain.question import require_something, title_of
from bot.domain.triggers import how_to_be_heard
from bot.errors import (
    BotError,
    DeliveryError,
    Refused,
    SourceGone,
    TooOften,
    Unreachable,
)
from bot.services.asking import Ask, Asking
from bot.services.closing import Closing
from bot.services.deletions import Deletions
from bot.services.delivery import NOTHING, Delivery
from bot.services.intake import TOO_OLD
from bot.services.pages import Answer
from bot.services.patience import insist
from bot.services.ports import Clock, Outlet
from bot.services.postings import Postings
from bot.services.preparing import Preparing
from bot.services.recording import Recording, log_reply
from bot.services.resuming import Resuming
from bot.services.rooms import Rooms
from bot.services.shaping import shape
from bot.services.turnstile import Turnstile
from bot.services.waiting import MARK, UNTIL_THEN, LineNotices, Notice
from bot.storage.inbox import InboxStore
from bot.storage.outbox import OutboxStore
from bot.storage.turns import TurnStore
from bot.tasks import spawn
from bot.words import Sentence, join

log = logging.getLogger(__name__)

UNREADABLE = "unreadable"

PUT_OFF = Sentence(
    "Discord does not take my answer where you asked just now. It comes as soon as Discord does."
)

LATE_AT_ONCE = 4
"""So many answers that Discord did not take are posted at once when it takes them again."""


@dataclass(frozen=True, slots=True)
class _Begun:
    """A claimed question in its newest form, and what is in force for it.

    `turn_id` is its turn when a stop came between the model's answer and the end, else None.
    """

    question: Incoming
    turn_id: int | None
    rules: RoomRules


class Replies:
    """Answers questions."""

    def __init__(
        self,
        inbox: InboxStore,
        turns: TurnStore,
        rooms: Rooms,
        preparing: Preparing,
        asking: Asking,
        recording: Recording,
        resuming: Resuming,
        closing: Closing,
        outbox: OutboxStore,
        delivery: Delivery,
        turnstile: Turnstile,
        postings: Postings,
        deletions: Deletions,
        notices: LineNotices,
        clock: Clock,
        *,
        deadline_s: float,
    ) -> None:
        """Prepare; in `deadline_s` an answer must be made, all calls of models included."""
        self._inbox = inbox
        self._turns = turns
        self._rooms = rooms
        self._preparing = preparing
        self._asking = asking
        self._recording = recording
        self._resuming = resuming
        self._closing = closing
        self._outbox = outbox
        self._delivery = delivery
        self._turnstile = turnstile
        self._postings = postings
        self._deletions = deletions
        self._notices = notices
        self._clock = clock
        self._deadline_s = deadline_s
        self._late = asyncio.Semaphore(LATE_AT_ONCE)

    async def receive(self, incoming: Incoming, outlet: Outlet) -> None:
        """Store a question for us and answer it; one that is known is left to who answers it.

        Where its turn comes at once it is stored and begun in one step.
        """
        asker, conversation = self._asker(incoming), _conversation(incoming)
        if not self._turnstile.lets_in(asker, conversation):
            if await self._inbox.accept(incoming, self._clock()):
                await self.answer(incoming, outlet)
            return
        async with self._turnstile.turn(asker, conversation):
            begun = await self._begin_new(incoming, outlet)
            if begun is None:
                self._turnstile.give_back(asker)
            else:
                await self._take_turn(incoming, outlet, begun)

    async def answer(self, incoming: Incoming, outlet: Outlet) -> None:
        """Answer a stored question, or tell its asker why not."""
        asker = self._asker(incoming)
        notice = self._notices.of(incoming, outlet)
        show = None if incoming.address is Address.COMMAND else notice.show
        try:
            async with self._turnstile.turn(asker, _conversation(incoming), show) as may_begin:
                await notice.take_back()
                if may_begin:
                    await self._take_turn(incoming, outlet)
        except TooOften as refusal:
            if await self._turns.of_message(incoming.message_id) is None:
                await self._send_away(incoming, outlet, refusal)
            else:  # it is paid for, and may stand
                self._post_beside(incoming, outlet, at_once=True)

    def expect(self, incoming: Incoming) -> Callable[[], None]:
        """Let the way in wait for an answer that a stop cut short, until what this gives is called.

        Somebody may have gone on below what stands of it and is not noted.
        """
        return self._postings.expect(incoming.room.id)

    async def _take_turn(
        self, incoming: Incoming, outlet: Outlet, begun: "_Begun | None" = None
    ) -> None:
        try:
            begun = begun or await self._begin(incoming)
            if begun is not None:
                await self._answer(begun, outlet)
        except SourceGone as error:
            await self._closing.finish(incoming, "cancelled", error.code)
        except BotError as error:
            if not await self._put_off(incoming, outlet, error):
                await self._fail(incoming, outlet, error)
        except Exception as error:  # noqa: BLE001 - it is logged, and its member told
            if not await self._post_after(error, incoming, outlet):
                await self._fail(incoming, outlet, error)

    async def _fail(self, incoming: Incoming, outlet: Outlet, error: Exception) -> None:
        """Close a question over an error; of one that is deleted nobody is told."""
        if incoming.message_id in self._deletions:
            await self._closing.finish(incoming, "cancelled", "deleted")
        else:
            await self._closing.fail(incoming, outlet, error)

    async def _put_off(self, incoming: Incoming, outlet: Outlet, error: BotError) -> bool:
        """Keep an answer that Discord does not take, and post it later; False if there is none.

        Only posting, and looking for what stands, are out of reach: the answer is stored by then.
        """
        if not isinstance(error, Unreachable):
            return False
        what = self._post_beside(incoming, outlet)
        telling = self._tell_put_off(incoming.message_id, outlet, what)
        spawn(telling, name=f"word of {what}")  # a turn is not to wait for it
        return True

    def _post_beside(self, incoming: Incoming, outlet: Outlet, *, at_once: bool = False) -> str:
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
                await self._resume(turn_id, incoming, rules, outlet)

        try:
            await insist(post, what, at_once=at_once)
        except SourceGone as error:
            await self._closing.finish(incoming, "cancelled", error.code)
        except Exception as error:  # noqa: BLE001 - it is logged, and its member told
            if self._turnstile.is_open:  # else the next start goes on with it
                await self._fail(incoming, outlet, error)

    async def _post_after(self, defect: Exception, incoming: Incoming, outlet: Outlet) -> bool:
        """Post what a defect left of a stored answer; False if there is none, or that fails too."""
        turn_id = None
        try:
            turn_id = await self._turns.of_message(incoming.message_id)
            if turn_id is None or incoming.address is Address.COMMAND:
                return False
            rules = await self._rooms.rules(incoming.room, incoming.member.id)
            await self._resume(turn_id, incoming, rules, outlet)
        except Exception as error:  # noqa: BLE001 - the first one is what is told
            log.warning("nor does a second try: %s", type(error).__name__)
            return isinstance(error, BotError) and await self._put_off(incoming, outlet, error)
        log.error("turn %s was posted in spite of a defect", turn_id, exc_info=defect)
        return True

    async def _send_away(self, incoming: Incoming, outlet: Outlet, refusal: TooOften) -> None:
        """Close a question that is one too many, and say so in words or by a mark."""
        rules = await self._rooms.rules(incoming.room, incoming.member.id)
        if not await self._admit(incoming, rules, outlet):
            return
        words: str = refusal.sentence
        if incoming.address is not Address.COMMAND:
            who, room = incoming.member, incoming.room
            notice = Notice.AGAIN if incoming.by_bot else self._notices.choose(who.id, room.id)
            if notice is Notice.AGAIN:
                await self._closing.give_up(incoming, "refused", refusal.code)
                await self._notices.mark(outlet)
                return
            hint = UNTIL_THEN.format(mark=MARK)
            words = MARK if notice is Notice.MARK else join(" ", (words, hint))
        await self._closing.tell(incoming, outlet, "refused", refusal.code, words)

    async def untold(self) -> Sequence[tuple[Incoming, str]]:
        """Give the questions whose askers a stop kept from being told why they got no answer."""
        return await self._closing.untold()

    async def tell_late(self, incoming: Incoming, words: str, outlet: Outlet) -> None:
        """Tell one of them."""
        await self._closing.tell_late(incoming, outlet, words)

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
        except Unreachable:
            what = f"the end of {incoming.message_id}"
            spawn(insist(close, what), name=what)

    async def _complete(self, incoming: Incoming, outlet: Outlet) -> bool:
        """Post what is left of an answer; False where nothing of one stands, as far as we see."""
        turn_id = await self._turns.of_message(incoming.message_id)
        if turn_id is None:
            return False
        rules = await self._rooms.rules(incoming.room, incoming.member.id)
        try:
            await _take_place_again(incoming, rules, outlet)
            rest = await self._resuming.look(turn_id, incoming, rules, outlet)
        except Unreachable:
            raise
        except DeliveryError:
            return False
        if rest.after == NOTHING:
            return False
        try:
            await self._post(incoming, rest.answer, outlet, rest.after)
        except Unreachable:
            raise
        except BotError as error:
            await self._closing.finish(incoming, "failed", error.code)
        return True

    async def tell_too_old(self, incoming: Incoming, outlet: Outlet, words: str) -> None:
        """Close a stored question that was found too late, and say so."""
        await self._closing.tell(incoming, outlet, "failed", TOO_OLD, words)

    async def explain_silence(self, incoming: Incoming, outlet: Outlet) -> None:
        """Say why we cannot read a message that is for us, and what to do: once a day in a room.

        Who mentions our role is told each time: nothing else shows them that it is not our name.
        """
        words = how_to_be_heard(incoming)
        once = None if incoming.address is Address.ROLE_MENTION else UNREADABLE
        await self._closing.tell(incoming, outlet, "refused", UNREADABLE, words, once=once)

    async def _begin(self, incoming: Incoming) -> "_Begun | None":
        """Claim a question, unless it is begun or gone; asked together, all cost one commit."""
        question, turn_id, rules = await asyncio.gather(
            self._inbox.claim(incoming.message_id, self._clock()),
            self._turns.of_message(incoming.message_id),
            self._rooms.rules(incoming.room, incoming.member.id),
        )
        if question is None:
            return None
        return _Begun(question, turn_id, rules)

    async def _begin_new(self, incoming: Incoming, outlet: Outlet) -> "_Begun | None":
        """Store and begin a question of which nobody else has the turn, unless it is known."""
        is_new, rules = await asyncio.gather(
            self._inbox.accept_begun(incoming, self._clock()),
            self._rooms.rules(incoming.room, incoming.member.id),
            return_exceptions=True,
        )
        if is_new is False:
            return None
        if isinstance(is_new, BaseException):
            if await self._inbox.state(incoming.message_id) != "claimed":
                raise is_new  # nothing is stored: whoever asked us tells of it
            rules = is_new
        if isinstance(rules, Exception):
            await self._closing.fail(incoming, outlet, rules)
            return None
        if isinstance(rules, BaseException):
            raise rules
        return _Begun(incoming, None, rules)

    async def _answer(self, begun: "_Begun", outlet: Outlet) -> None:
        incoming, rules = begun.question, begun.rules
        if not incoming.content_visible:  # a stop came before that was said
            await self.explain_silence(incoming, outlet)
            return
        if begun.turn_id is not None:  # what may stand already is not refused any more
            await self._resume(begun.turn_id, incoming, rules, outlet)
            return
        if not await self._admit(incoming, rules, outlet):
            return
        outlet.check_access()
        require_something(incoming)
        await _take_place(incoming, rules, outlet)
        async with outlet.typing():
            with within(self._deadline_s):
                asked = await self._preparing.prepare(incoming, rules)
                self._require_presence(asked)
                ask, reply = await self._asking.ask(asked)
                missed = await self._missed_voice(asked, ask)
                turn_id = await self._recording.record(ask, reply, missed)
                self._deletions.require_presence(incoming.message_id)
                reply = await self._recording.make_heard(turn_id, ask, reply, missed)
            ask = await self._recording.hear_out(turn_id, ask)
        self._deletions.require_presence(incoming.message_id)
        try:
            await self._post(incoming, shape(turn_id, ask, reply, missed=missed), outlet)
        except Unreachable:
            await self._resume(turn_id, incoming, rules, outlet)  # for it may well stand
        log_reply(turn_id, ask, reply)

    async def _resume(
        self, turn_id: int, incoming: Incoming, rules: RoomRules, outlet: Outlet
    ) -> None:
        """Post what is left of an answer, all of which may stand already."""
        await _take_place_again(incoming, rules, outlet)
        rest = await self._resuming.resume(turn_id, incoming, rules, outlet)
        if rest.after == NOTHING:
            self._deletions.require_presence(incoming.message_id)
        await self._post(incoming, rest.answer, outlet, rest.after)

    def _require_presence(self, asked: Ask) -> None:
        """Pay for nothing that a deleted question wants."""
        if asked.incoming.message_id in self._deletions and asked.dictation is not None:
            asked.dictation.give_up()
        self._deletions.require_presence(asked.incoming.message_id)

    def _asker(self, incoming: Incoming) -> Asker:
        return Asker.of(incoming.caller, age=self._clock() - incoming.created_at)

    async def _missed_voice(self, asked: Ask, ask: Ask) -> str | None:
        """Name the voice that the model did not have, where that is not said in the room yet."""
        missed = asked.voice
        if missed == ask.voice:
            return None
        room_id = ask.incoming.room.id
        return missed if await self._rooms.tell_missing_voice(room_id, missed) else None

    async def _admit(self, incoming: Incoming, rules: RoomRules, outlet: Outlet) -> bool:
        """Close what may not be asked here; whoever called us is told why, once a day in a room."""
        try:
            require_answer(rules, incoming.caller)
        except Refused as refusal:
            code, words = refusal.code, refusal.sentence
            if incoming.is_addressed and not incoming.by_bot:
                once = f"{code} {incoming.member.id}"
                await self._closing.tell(incoming, outlet, "refused", code, words, once=once)
            else:
                await self._closing.give_up(incoming, "refused", code)
            return False
        return True

    async def _post(
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


async def _take_place(incoming: Incoming, rules: RoomRules, outlet: Outlet) -> None:
    """Choose where and how the answer comes: quietly after a quiet question, or in a thread."""
    if incoming.silent and rules.silent.value:
        outlet.hush()
    if rules.threads.value and incoming.room.thread_id is None:
        await outlet.open_thread(title_of(incoming))


async def _take_place_again(incoming: Incoming, rules: RoomRules, outlet: Outlet) -> None:
    """Go where an answer may stand in part; whether it has a question still, posting shows."""
    with suppress(SourceGone):
        await _take_place(incoming, rules, outlet)


@contextmanager
def _logged() -> Iterator[None]:
    """Log what could not be noted: the messages stand, and a restart makes up for the notes.

    Whatever it was: who has an answer must not be told that there is none, nor get it twice.
    """
    try:
        yield
    except Exception:  # of whatever kind: see above; the log has it whole
        log.exception("an answer was posted but not noted")


def _conversation(incoming: Incoming) -> int:
    """Name what takes turns: a DM or a thread as a whole, else each question for itself."""
    room = incoming.room
    return room.id if room.is_dm or room.thread_id else incoming.message_id
