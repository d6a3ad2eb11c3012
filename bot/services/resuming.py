"""Going on with an answer that a stop kept from being posted: what of it stands, what is left."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.domain.effective import RoomRules
from bot.domain.incoming import Incoming
from bot.domain.outgoing import Part
from bot.domain.reply import Standing
from bot.errors import DeliveryError
from bot.services.delivery import NOTHING, SOUND_LOST, VOICE_PART, without_files
from bot.services.packing import unpack
from bot.services.pages import (
    HEARD,
    NO_SOUND,
    SMALL_PRINT,
    Answer,
    lay_out_beside_sound,
    lay_out_unattached,
    lay_out_words,
)
from bot.services.ports import Clock, Outlet
from bot.services.shaping import INTERRUPTED, heard_shown, shape_interrupted
from bot.storage.outbox import OutboxStore
from bot.storage.turns import TurnStore
from bot.words import Sentence

log = logging.getLogger(__name__)

NONCE_WINDOW = timedelta(seconds=60)
"""So long at least Discord knows a nonce again: what was posted before is then not posted twice."""

UNSEEN = Sentence(
    "I was interrupted while I was posting my answer, and I may not look whether it stands here. "
    "If it does not, please ask again."
)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of an answer: all its parts behind the one named."""

    answer: Answer
    after: int


class Resuming:
    """Takes answers up where a stop left them."""

    def __init__(self, turns: TurnStore, outbox: OutboxStore, clock: Clock) -> None:
        self._turns = turns
        self._outbox = outbox
        self._clock = clock

    async def look(
        self, turn_id: int, incoming: Incoming, rules: RoomRules, outlet: Outlet
    ) -> Rest:
        """Find what is left to be posted; what stands is noted.

        Raises:
            DeliveryError: nobody can tell whether it stands, so it is not posted again.

        """
        [turn] = await self._turns.ancestors(turn_id, 1)
        stored = await self._outbox.find(incoming.message_id)
        answer = None if stored is None else unpack(stored, turn)
        if stored is None or answer is None:
            answer, is_fresh = shape_interrupted(turn, incoming, rules), False
        else:
            answer = replace(answer, heard=heard_shown(turn.heard, rules))
            is_fresh = timedelta() <= self._clock() - stored.stored_at < NONCE_WINDOW
        return await self._rest_of(answer, outlet, is_fresh=is_fresh)

    async def _rest_of(self, answer: Answer, outlet: Outlet, *, is_fresh: bool) -> Rest:
        """Find the last part of an answer that stands, or stood and was deleted."""
        noted = await self._outbox.settled(answer.turn_id)
        seen = await outlet.standing()
        if seen is None:
            self._require_fresh(answer, is_fresh=is_fresh)
            seen = []
        found = list(_parts_among(seen, replace(answer, locale=outlet.locale)))
        known = {part.message_id for part in noted}
        for part in found:
            if part.message_id not in known:
                await self._outbox.note(answer.turn_id, part)
        numbers = {part.number for part in (*noted, *found)}
        has_file = any(message.has_files and not message.is_voice for message in seen)
        if not has_file and any(part.number > VOICE_PART for part in found):
            answer = without_files(answer, beside_bubble=VOICE_PART in numbers)
        return Rest(answer, max(numbers, default=NOTHING))

    def _require_fresh(self, answer: Answer, *, is_fresh: bool) -> None:
        """Let only that be posted unseen which Discord would recognise."""
        if not is_fresh:
            log.warning(
                "turn %s is given up: whether its answer stands cannot be seen", answer.turn_id
            )
            raise DeliveryError("unseen", UNSEEN)
        log.info("turn %s is posted again unseen, by the same nonce", answer.turn_id)


def _parts_among(seen: Sequence[Standing], answer: Answer) -> Iterator[Part]:
    """Tell the parts of an answer among messages of ours; notices are none."""
    numbers = _numbers_of_pages(answer)
    for message in seen:
        if message.is_voice:
            yield Part(VOICE_PART, message.id)
        elif message.has_files:
            yield Part(1, message.id)
        elif (number := numbers.get(_bare(message.text))) is not None:
            yield Part(number, message.id)


def _numbers_of_pages(answer: Answer) -> dict[str, int]:
    """Give the place of each page, however the answer was laid out in the end."""
    numbers: dict[str, int] = {}
    for heard in (answer.heard, ""):
        each = replace(answer, heard=heard)
        layouts = [lay_out_beside_sound(each)]
        for notes in ((), (SOUND_LOST,), (NO_SOUND,), (INTERRUPTED,)):
            layouts += [lay_out_words(each, *notes), lay_out_unattached(each, *notes)]
        for layout in layouts:
            for number, page in enumerate(layout.pages, start=1):
                numbers.setdefault(_bare(page), number)
    return numbers


def _bare(page: str) -> str:
    """Leave of a page what the model wrote.

    What stands above and below it is said in the language of the room, and heard words only where
    that is chosen: both may have changed since.
    """
    lines = page.strip().split("\n")
    if lines[0].startswith(HEARD):
        del lines[0]
    return "\n".join(line for line in lines if not line.startswith(SMALL_PRINT)).strip()
