"""Keeping answers before they are posted: what was paid for is never lost."""

import logging
from dataclasses import replace

from bot.domain.conversation import NewTurn
from bot.domain.manner import Speech
from bot.domain.reply import SpokenReply
from bot.domain.usage import Spent, cost_microusd, spoken_seconds
from bot.errors import ChatApiError, Refused
from bot.services.aloud import Aloud
from bot.services.asking import Ask
from bot.services.hearing import kept_clips
from bot.services.ports import Clock
from bot.storage.turns import TurnStore

log = logging.getLogger(__name__)


class Recording:
    """Makes turns of answers."""

    def __init__(
        self, turns: TurnStore, aloud: Aloud, *, kept_clip_bytes: int, clock: Clock
    ) -> None:
        self._turns = turns
        self._aloud = aloud
        self._kept_clip_bytes = kept_clip_bytes
        self._clock = clock

    async def record(self, ask: Ask, reply: SpokenReply) -> int:
        """Keep a question and its answer, and give the turn's id."""
        incoming = ask.incoming
        clips, unkept_s = kept_clips(ask.sounds, ask.clips, limit_bytes=self._kept_clip_bytes)
        return await self._turns.record(
            NewTurn(
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
            )
        )

    async def make_heard(self, turn_id: int, ask: Ask, reply: SpokenReply) -> SpokenReply:
        """Have an answer spoken that the model gave in text although speech was asked for."""
        if reply.sound is not None or ask.speech is not Speech.ALOUD or reply.finish == "refused":
            return reply

        async def note(spent: Spent) -> None:
            incoming = ask.incoming
            now = self._clock()
            await self._turns.record_call(turn_id, incoming.room, incoming.member, now, spent)

        try:
            recital = await self._aloud.recite(reply.transcript, (ask.voice,), note)
        except (ChatApiError, Refused) as error:
            log.info("turn %s stays in writing: %s", turn_id, error.code)
            return reply
        await self._turns.add_speech(turn_id, (), recital.seconds)
        return replace(reply, sound=recital.sound)


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
