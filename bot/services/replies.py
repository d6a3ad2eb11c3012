"""The route of one question, from its stored message to its posted answer."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.deadlines import within
from bot.domain.effective import RoomRules
from bot.domain.fairness import Asker
from bot.domain.incoming import Address, Incoming
from bot.domain.manner import require_answer
from bot.domain.question import require_something
from bot.domain.triggers import how_to_be_heard
from bot.errors import (
    BotError,
    Refused,
    SourceGone,
    TooOften,
    Unreachable,
)
from bot.services.asking import Ask, Asking
from bot.services.closing import Closing
from bot.services.deletions import Deletions
from bot.services.finishing import Finishing, take_place
from bot.services.intake import TOO_OLD
from bot.services.ports import Clock, Outlet
from bot.services.postings import Postings
from bot.services.preparing import Preparing
from bot.services.recording import Recording, log_reply
from bot.services.rooms import Rooms
from bot.services.shaping import shape
from bot.services.turnstile import Turnstile
from bot.services.waiting import MARK, UNTIL_THEN, LineNotices, Notice
from bot.storage.inbox import InboxStore
from bot.storage.turns import TurnStore
from bot.words import join

UNREADABLE = "unreadable"


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
        finishing: Finishing,
        closing: Closing,
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
        self._finishing = finishing
        self._closing = closing
        self._turnstile = turnstile
        self._postings = postings
        self._deletions = deletions
        self._notices = notices
        self._clock = clock
        self._deadline_s = deadline_s

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
            else:  # it is stored, and may stand
                self._finishing.post_beside(incoming, outlet, at_once=True)

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
            if not await self._finishing.put_off(incoming, outlet, error):
                await self._finishing.fail(incoming, outlet, error)
        except Exception as error:  # noqa: BLE001 - it is logged, and its member told
            if not await self._finishing.post_after(error, incoming, outlet):
                await self._finishing.fail(incoming, outlet, error)

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
        """Close a question that a stop left open; later if need be."""
        await self._finishing.give_up(incoming, outlet, reason, words)

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
            await self._finishing.resume(begun.turn_id, incoming, rules, outlet)
            return
        if not await self._admit(incoming, rules, outlet):
            return
        outlet.check_access()
        require_something(incoming)
        await take_place(incoming, rules, outlet)
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
            await self._finishing.post(incoming, shape(turn_id, ask, reply, missed=missed), outlet)
        except Unreachable:
            # It may well stand.
            await self._finishing.resume(turn_id, incoming, rules, outlet, stays=True)
        log_reply(turn_id, ask, reply)

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


def _conversation(incoming: Incoming) -> int:
    """Name what takes turns: a DM or a thread as a whole, else each question for itself."""
    room = incoming.room
    return room.id if room.is_dm or room.thread_id else incoming.message_id
