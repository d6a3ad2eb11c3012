"""The buttons below answers: speak what was answered in writing, show what is folded away."""

import logging

from bot.domain.access import Act
from bot.domain.effective import RoomRules
from bot.domain.fairness import Asker
from bot.domain.incoming import Caller
from bot.domain.manner import require_answer
from bot.domain.rooms import Room
from bot.domain.turns import Turn
from bot.domain.usage import Spent
from bot.errors import DeliveryError, Refused
from bot.services.aloud import Aloud, Recital
from bot.services.delivery import Delivery
from bot.services.ports import Clock, Outlet
from bot.services.rooms import Rooms
from bot.services.shaping import VOICE_GONE, has_recording, shape_recital
from bot.services.turnstile import Turnstile
from bot.storage.turns import TurnStore
from bot.words import Sentence

log = logging.getLogger(__name__)


class OnDemand:
    """Does what the buttons below answers are for."""

    def __init__(
        self,
        turns: TurnStore,
        rooms: Rooms,
        aloud: Aloud,
        delivery: Delivery,
        turnstile: Turnstile,
        clock: Clock,
    ) -> None:
        self._turns = turns
        self._rooms = rooms
        self._aloud = aloud
        self._delivery = delivery
        self._turnstile = turnstile
        self._clock = clock

    async def words(self, turn_id: int, caller: Caller, *, below: int | None = None) -> str:
        """Give the words of an answer to somebody in its room; for `below` see `require_turn`.

        Raises:
            Refused: it is not kept any more, or was given elsewhere.

        """
        return (await require_turn(turn_id, caller, self._turns, below=below)).transcript

    async def speak(
        self, turn_id: int, caller: Caller, outlet: Outlet, *, below: int | None = None
    ) -> int:
        """Speak an answer that stands in writing, once: later presses find the same sound.

        Args:
            turn_id: its turn.
            caller: who wants to hear it.
            outlet: where the sound goes.
            below: see `require_turn`.

        Returns:
            The message with its sound.

        Raises:
            Refused: the answer is not kept any more or was given elsewhere, or the room or the
                member is not answered.
            ChatApiError: it cannot be spoken.
            DeliveryError: its sound cannot be posted.

        """
        turn = await require_turn(turn_id, caller, self._turns, below=below)
        if turn.answer_seconds:  # pointing at it costs nothing, so no rate holds for it
            return await self._sound_of(turn)
        async with self._turnstile.turn(Asker.of(caller), turn_id) as may_begin:
            if not may_begin:
                raise Refused(
                    "closing", Sentence("I am about to restart. Please press again in a minute.")
                )
            turn = await require_turn(turn_id, caller, self._turns, below=below)
            if turn.answer_seconds:
                return await self._sound_of(turn)
            rules = await self._rooms.rules(caller.room, caller.member.id)
            require_answer(rules, caller)
            outlet.check_access()
            outlet.check_sound()
            return await self._speak(turn, caller, rules, outlet)

    async def _sound_of(self, turn: Turn) -> int:
        return (await self._turns.parts(turn.id))[-1]

    async def _speak(self, turn: Turn, caller: Caller, rules: RoomRules, outlet: Outlet) -> int:
        async def note(spent: Spent) -> None:
            await self._turns.record_call(turn.id, caller.room, caller.member, self._clock(), spent)

        voices = tuple(dict.fromkeys((turn.voice, *rules.speaking_voices(turn.question_id))))
        recital = await self._aloud.read_out(turn.transcript, voices, rules, caller.member, note)
        answer = shape_recital(
            turn.id,
            recital,
            rules,
            spoken=_was_spoken(turn),
            notes=await self._notes(turn, recital, caller.room),
        )
        parts = [part async for part in self._delivery.deliver_sound(answer, outlet)]
        message_id = parts[0].message_id if parts else None
        if message_id is None:
            raise DeliveryError("sound_lost", Sentence("The sound could not be posted here."))
        await self._turns.add_speech(turn.id, message_id, recital.seconds)
        log.info("spoke turn %s on demand: voice %s", turn.id, recital.voice)
        return message_id

    async def _notes(self, turn: Turn, recital: Recital, room: Room) -> tuple[str, ...]:
        other = turn.voice != recital.voice
        if other and await self._rooms.tell_missing_voice(room.id, turn.voice):
            return (VOICE_GONE.format(missed=turn.voice, voice=recital.voice),)
        return ()


async def require_turn(
    turn_id: int, caller: Caller, turns: TurnStore, *, below: int | None = None
) -> Turn:
    """Find a turn for somebody in its room.

    Args:
        turn_id: its number, which after going back to a backup is given once more.
        caller: who wants it, and where.
        below: the message whose button names it; what was asked after that is another turn.
        turns: where it is kept.

    Raises:
        Refused: it is not kept any more, or belongs elsewhere.

    """
    caller.require(Act.LOOK)
    if await turns.stands_in(turn_id, caller.room):
        for turn in await turns.ancestors(turn_id, 1):
            if below is None or turn.question_id < below:
                return turn
    raise Refused("turn_gone", Sentence("I no longer keep that answer. Please ask me again."))


def _was_spoken(turn: Turn) -> bool:
    """Tell whether the question was a recording alone, as voice messages are."""
    return not turn.text and has_recording(turn)
