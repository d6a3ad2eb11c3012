"""Keeping answers before they are posted: what was paid for is never lost."""

import asyncio
import logging
from dataclasses import replace

from bot.domain.incoming import Address, Incoming
from bot.domain.outgoing import Outgoing
from bot.domain.reply import SpokenReply
from bot.domain.turns import KeptClip, NewTurn
from bot.domain.usage import Spent, cost_microusd, spoken_seconds
from bot.errors import BotError, ChatApiError, Refused
from bot.services.aloud import Aloud, Recital
from bot.services.asking import Ask
from bot.services.hearing import kept_clips
from bot.services.packing import pack
from bot.services.pages import Answer
from bot.services.ports import Clock
from bot.services.shaping import is_unspoken, shape
from bot.services.writing_down import Dictation
from bot.storage.outbox import OutboxStore
from bot.storage.turns import TurnStore
from bot.tasks import spawn

log = logging.getLogger(__name__)

GRACE_S = 2.0
"""How long an answer waits at most for what its asker said to be written down."""


class Recording:
    """Makes turns of answers."""

    def __init__(
        self,
        turns: TurnStore,
        outbox: OutboxStore,
        aloud: Aloud,
        *,
        kept_clip_bytes: int,
        clock: Clock,
        grace_s: float = GRACE_S,
    ) -> None:
        """Prepare; for `grace_s` see `GRACE_S`."""
        self._grace_s = grace_s
        self._turns = turns
        self._outbox = outbox
        self._aloud = aloud
        self._kept_clip_bytes = kept_clip_bytes
        self._clock = clock

    async def record(self, ask: Ask, reply: SpokenReply, missed: str | None) -> int:
        """Keep a question and its answer as it is to be posted, and give the turn's id.

        What can be answered through its interaction only is not taken up again, so its sound need
        not be kept.

        Args:
            ask: the question as it was put in the end.
            reply: the answer.
            missed: as in `shape`.

        """
        lost_with_us = ask.incoming.address is Address.COMMAND
        answer = None if lost_with_us else self._pack(0, ask, reply, missed)
        return await self._turns.record(self._turn_of(ask, reply), answer)

    def _pack(self, turn_id: int, ask: Ask, reply: SpokenReply, missed: str | None) -> Outgoing:
        return pack(shape(turn_id, ask, reply, missed=missed), self._clock())

    def _turn_of(self, ask: Ask, reply: SpokenReply) -> NewTurn:
        incoming = ask.incoming
        clips, unkept_s = self._kept_clips(ask)
        return NewTurn(
            parent_id=ask.turns[-1].id if ask.turns else None,
            question_id=incoming.message_id,
            room=incoming.kept_in,
            member=incoming.member,
            text=ask.text,
            clips=clips,
            unkept_seconds=unkept_s,
            transcript=reply.transcript,
            handle=reply.handle,
            answer_seconds=spoken_seconds(reply),
            voice=ask.voice,
            model=reply.model,
            usage=reply.usage,
            cost_microusd=cost_microusd(reply.usage, reply.model) if reply.usage else None,
            asked_at=incoming.created_at,
            heard=ask.heard,
        )

    def _kept_clips(self, ask: Ask) -> tuple[tuple[KeptClip, ...], float]:
        if ask.heard is not None:
            return (), 0.0
        return kept_clips(ask.sounds, ask.clips, limit_bytes=self._kept_clip_bytes)

    async def hear_out(self, turn_id: int, ask: Ask) -> Ask:
        """Add the words that are being written down, where they are there by now or very soon."""
        dictation = ask.dictation
        if ask.heard is not None or dictation is None or not dictation.begun:
            return ask
        try:
            async with asyncio.timeout(self._grace_s):
                heard = await dictation.finish()
            await self._turns.keep_words(turn_id, heard, whole=True)
        except TimeoutError:
            spawn(self._keep_late(turn_id, dictation), name=f"late words of turn {turn_id}")
            return ask
        except BotError as error:
            log.info("turn %s is without what was said: %s", turn_id, error.code)
            return ask
        return replace(ask, heard=heard)

    async def _keep_late(self, turn_id: int, dictation: Dictation) -> None:
        """Keep words that came after the answer had to be posted, for later turns."""
        try:
            await self._turns.keep_words(turn_id, await dictation.finish(), whole=True)
        except BotError as error:
            log.info("turn %s stays without what was said: %s", turn_id, error.code)

    async def make_heard(
        self, turn_id: int, ask: Ask, reply: SpokenReply, missed: str | None
    ) -> SpokenReply:
        """Have an answer spoken that the model gave in text although speech was asked for."""
        if not is_unspoken(ask, reply):
            return reply
        recital = await self._recite(turn_id, ask.incoming, reply.transcript, ask.voice)
        if recital is None:
            return reply
        reply = replace(reply, sound=recital.sound)
        answer = self._pack(turn_id, ask, reply, missed)
        await self._outbox.reshape(ask.incoming.message_id, turn_id, answer, recital.seconds)
        return reply

    async def speak_late(self, answer: Answer, incoming: Incoming) -> Answer:
        """Have an answer spoken that a stop kept from being spoken."""
        recital = await self._recite(answer.turn_id, incoming, answer.transcript, answer.voice)
        if recital is None:
            return answer
        answer = replace(answer, sound=recital.sound, unspoken=False)
        kept = pack(answer, self._clock())
        await self._outbox.reshape(incoming.message_id, answer.turn_id, kept, recital.seconds)
        return answer

    async def _recite(
        self, turn_id: int, incoming: Incoming, words: str, voice: str
    ) -> Recital | None:
        async def note(spent: Spent) -> None:
            now = self._clock()
            await self._turns.record_call(turn_id, incoming.room, incoming.member, now, spent)

        try:
            return await self._aloud.recite(words, (voice,), note)
        except (ChatApiError, Refused) as error:
            log.info("turn %s stays in writing: %s", turn_id, error.code)
            return None


def log_reply(turn_id: int, ask: Ask, reply: SpokenReply) -> None:
    """Log an answer with what it cost; never its words."""
    usage = reply.usage
    log.info(
        "answered %s as turn %s: voice %s, %.1f s, tokens in %s+%s out %s+%s, %s microdollars",
        ask.incoming.message_id,
        turn_id,
        ask.voice,
        spoken_seconds(reply),
        usage.text_in if usage else "?",
        usage.audio_in if usage else "?",
        usage.text_out if usage else "?",
        usage.audio_out if usage else "?",
        cost_microusd(usage, reply.model) if usage else "?",
    )
