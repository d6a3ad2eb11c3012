"""Any message read aloud, word for word."""

import logging

from bot.domain.effective import RoomRules
from bot.domain.fairness import Asker
from bot.domain.incoming import Caller
from bot.domain.manner import require_answer
from bot.domain.turns import Turn
from bot.domain.usage import Spent
from bot.errors import DeliveryError, Refused
from bot.services.aloud import Aloud, Recital
from bot.services.delivery import Delivery
from bot.services.ports import Clock, Outlet
from bot.services.rooms import Rooms
from bot.services.shaping import shape_recital
from bot.services.turnstile import Turnstile
from bot.storage.turns import TurnStore
from bot.words import Sentence

log = logging.getLogger(__name__)

NO_TURN = 0
"""What the sound of no answer is about: it gets no buttons."""


class Reading:
    """Reads messages aloud."""

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

    async def words_of(self, message_id: int, shown: str) -> str:
        """Give what there is to read of a message: the stored words of an answer, else its text.

        Raises:
            Refused: there are no words.

        """
        turn = await answer_of(message_id, self._turns)
        words = turn.transcript if turn is not None else shown
        if not words.strip():
            raise Refused(
                "nothing_to_speak", Sentence("There are no words in that which I could read aloud.")
            )
        return words

    async def read(self, words: str, use_id: int, caller: Caller, outlet: Outlet) -> None:
        """Speak words into a place.

        Args:
            words: as they are to be spoken.
            use_id: the interaction that asks for it.
            caller: who wants to hear it, and where.
            outlet: where the sound goes.

        Raises:
            Refused: the room or the member is not answered, or the words are too many.
            ChatApiError: they cannot be spoken.
            DeliveryError: the sound cannot be posted.

        """
        async with self._turnstile.turn(Asker.of(caller), use_id) as may_begin:
            if not may_begin:
                raise Refused(
                    "closing", Sentence("I am about to restart. Please try again in a minute.")
                )
            rules = await self._rooms.rules(caller.room, caller.member.id)
            require_answer(rules, caller)
            outlet.check_sound()
            async with outlet.typing():
                recital = await self._speak(words, use_id, caller, rules)
            answer = shape_recital(NO_TURN, recital, rules, spoken=False)
            if not [part async for part in self._delivery.deliver_sound(answer, outlet)]:
                raise DeliveryError("sound_lost", Sentence("The sound could not be posted here."))
        log.info("read a message aloud: voice %s, %.1f s", recital.voice, recital.seconds)

    async def _speak(self, words: str, use_id: int, caller: Caller, rules: RoomRules) -> Recital:
        async def note(spent: Spent) -> None:
            await self._turns.record_call(None, caller.room, caller.member, self._clock(), spent)

        voices = rules.speaking_voices(use_id)
        return await self._aloud.read_out(words, voices, rules, caller.member, note)


async def answer_of(message_id: int, turns: TurnStore) -> Turn | None:
    """Find the turn whose answer a message carries; None for any other message."""
    turn = await turn_of(message_id, turns)
    return turn if turn is not None and turn.question_id != message_id else None


async def turn_of(message_id: int, turns: TurnStore) -> Turn | None:
    """Find the turn of a message, be it the question or a part of the answer."""
    turn_id = await turns.of_message(message_id)
    found = [] if turn_id is None else await turns.ancestors(turn_id, 1)
    return found[0] if found else None
