"""Asking the model, with the conversation so far, and asking again where that can help."""

import hmac
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.domain.conversation import (
    Budget,
    Question,
    Recalled,
    build_messages,
    recall,
    without_handles,
)
from bot.domain.effective import RoomRules
from bot.domain.incoming import Incoming, Member
from bot.domain.manner import Speech
from bot.domain.prompt import Prompt
from bot.domain.reply import ModelAudio, SoundFormat, SpokenReply
from bot.domain.turns import Turn, with_heard
from bot.domain.usage import Waste
from bot.errors import AudioGone, BotError, ChatApiError, FormatRefused
from bot.services.consulting import Consulting
from bot.services.deafness import Deafness
from bot.services.hearing import Hearing
from bot.services.ports import Clock, Speaker
from bot.services.writing_down import Dictation
from bot.storage.turns import TurnStore

log = logging.getLogger(__name__)

MAX_REPAIRS = 3

_TOO_MUCH = {"context_too_long", "request_too_large"}

FARTHEST_TURNS = 1_000
"""How far back a conversation is looked through at most."""


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """The owner's choices that every answer depends on and no room can change.

    Attributes:
        asker_key: makes the names under which the provider knows members; without it a name
            could be traced back to a member's id.
        kept_clip_bytes: the largest clip of a member that is kept for later turns.

    """

    budget: Budget
    asker_key: bytes
    kept_clip_bytes: int

    def asker(self, member: Member) -> str:
        """Name a member to the provider."""
        return hmac.digest(self.asker_key, str(member.id).encode(), "sha256").hex()[:32]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question with all that is needed to put it, and to put it again in another way.

    Attributes:
        rules: what is in force in its room for its member.
        turns: the conversation it continues, oldest first.
        text: its words as the model is told.
        sounds: its clips as they were sent; `clips` is the same for the model.
        voices: the one to speak with, and those to try where the model does not have it.
        format: of the sound that is asked for.
        speech: whether the answer is to be spoken.
        dictation: writes its clips down for whoever wants that; None without clips.
        heard: what they say, written down.
        deaf: whether the model is sent no clips, nor those of earlier turns.
        aside: whether the answer has to be spoken for the model's sake, though it is not heard.
        only_wav: whether the server was seen to refuse other containers.
        forgotten: whether the conversation had to be left out.

    """

    incoming: Incoming
    rules: RoomRules
    turns: tuple[Turn, ...]
    text: str
    sounds: tuple[bytes, ...]
    clips: tuple[ModelAudio, ...]
    voices: tuple[str, ...]
    format: SoundFormat
    speech: Speech = Speech.ALOUD
    dictation: Dictation | None = None
    heard: str | None = None
    deaf: bool = False
    aside: bool = False
    only_wav: bool = False
    forgotten: bool = False

    @property
    def said(self) -> str:
        """Its words as the model is told, with those of its clips where they take their place."""
        return with_heard(self.text, self.heard if self.deaf else None)

    @property
    def voice(self) -> str:
        """The voice to speak with."""
        return self.voices[0]

    @property
    def hears(self) -> bool:
        """Whether it is put to a model that takes sound: to speak, or for the sake of its clips."""
        return self.speech is Speech.ALOUD or bool(self.clips)

    @property
    def model(self) -> str | None:
        """The model it is put to; None for the speaker's own."""
        owner = self.rules.owner
        chosen = self.rules.model.value if self.hears else owner.text_model
        return None if chosen == owner.model else chosen


class Asking:
    """Puts questions to the model."""

    def __init__(
        self,
        speaker: Speaker,
        consulting: Consulting,
        turns: TurnStore,
        hearing: Hearing,
        rules: ReplyRules,
        clock: Clock,
    ) -> None:
        self._speaker = speaker
        self._consulting = consulting
        self._turns = turns
        self._hearing = hearing
        self._rules = rules
        self._clock = clock
        self._deafness = Deafness(clock)

    async def ask(self, ask: Ask) -> tuple[Ask, SpokenReply]:
        """Ask the model; what it refuses for a reason we can mend is mended and asked again.

        Returns:
            The question as it was answered in the end, and the answer.

        """
        origin = self._speaker.origin_of(ask.model)
        if self._deafness.of(origin):
            ask = await _in_words(ask) or ask
        ask, reply = await self._ask(ask)
        if ask.deaf and reply.stand_in is None:
            self._deafness.note(origin)
        if ask.heard is None and ask.dictation is not None:
            ask = replace(ask, heard=ask.dictation.words)
        return ask, reply

    async def _ask(self, ask: Ask) -> tuple[Ask, SpokenReply]:
        for _ in range(MAX_REPAIRS + len(ask.voices)):
            try:
                return ask, await self._speak(ask)
            except ChatApiError as error:
                mended = await self._mend(ask, error)
                if mended is None:
                    raise
                log.info("asking %s again: %s", ask.incoming.message_id, error.code)
                ask = mended
        return ask, await self._speak(ask)

    async def _speak(self, ask: Ask) -> SpokenReply:
        """Put the question once; what was paid for without an answer is noted in any case."""
        recalled, wasted = self._recall(ask), list[Waste]()
        untold = partial(self._untold, ask, recalled)
        try:
            prompt = await self._prompt(ask, recalled)
            reply = await self._consulting.ask(prompt, untold, wasted.append)
            return replace(reply, sound=None, handle=None) if ask.aside else reply
        finally:
            for waste in wasted:
                await self._turns.record_waste(ask.incoming, waste)

    async def _mend(self, ask: Ask, error: ChatApiError) -> Ask | None:
        """Change what the server refused; None when nothing is left to change."""
        if isinstance(error, AudioGone) and any(turn.handle for turn in ask.turns):
            return replace(ask, turns=await self._forget(ask.turns, error.audio_id))
        if isinstance(error, FormatRefused) and not ask.only_wav:
            wavs = await self._hearing.listen(ask.sounds, wav=True)
            return replace(ask, clips=tuple(wavs), only_wav=True)
        if error.code == "model_cannot_hear" and not ask.deaf:
            return await _in_words(ask)
        if error.code == "model_needs_audio" and ask.speech is not Speech.ALOUD and ask.clips:
            return None if ask.aside else replace(ask, aside=True)
        if error.code == "voice_refused" and len(ask.voices) > 1:
            return replace(ask, voices=ask.voices[1:])
        if error.code == "request_refused" and ask.turns:
            return replace(ask, turns=(), forgotten=True)
        if error.code in _TOO_MUCH and ask.turns:
            return replace(ask, turns=ask.turns[(len(ask.turns) + 1) // 2 :])
        return None

    def _recall(self, ask: Ask) -> tuple[Recalled, ...]:
        hears = ask.hears and not ask.deaf
        budget = self._rules.budget if hears else _without_sound(self._rules.budget)
        origins = self._speaker.origins(ask.model) if ask.hears else ()
        return recall(ask.turns, budget, origins=origins, now=self._clock())

    async def _untold(self, ask: Ask, told: Sequence[Recalled]) -> list[Turn]:
        """Give what a conversation holds before the part that is sent, oldest first."""
        if not ask.turns:
            return []
        whole = {(each.turn.id, each.turn.said, each.turn.transcript) for each in told}
        turns = await self._turns.ancestors(ask.turns[-1].id, FARTHEST_TURNS)
        return [each for each in turns if (each.id, each.said, each.transcript) not in whole]

    async def _prompt(self, ask: Ask, recalled: Sequence[Recalled]) -> Prompt:
        member, spoken = ask.incoming.member, ask.speech is Speech.ALOUD
        messages = build_messages(
            recalled,
            Question(member, ask.said, ask.clips),
            heard=await self._heard_before(recalled, only_wav=ask.only_wav),
            instructions=ask.rules.instructions,
            shared=not ask.incoming.room.is_dm,
            spoken=spoken,
        )
        return Prompt(
            messages,
            voice=ask.voice if spoken or ask.aside else None,
            format=ask.format,
            max_tokens=ask.rules.answer_tokens.value,
            asker=self._rules.asker(member),
            model=ask.model,
            sampling=ask.rules.sampling,
        )

    async def _heard_before(
        self, recalled: Sequence[Recalled], *, only_wav: bool
    ) -> dict[int, ModelAudio]:
        """Load earlier clips; one that is gone or cannot be read any more gets a placeholder."""
        heard: dict[int, ModelAudio] = {}
        wanted = [clip.id for each in recalled for clip in each.clips]
        kept = await self._turns.clips(wanted) if wanted else {}
        for clip_id, data in kept.items():
            try:
                heard[clip_id] = await self._hearing.listen_again(data, wav=only_wav)
            except BotError as error:
                log.warning("an earlier clip is left out: %s", error.code)
        return heard

    async def _forget(self, turns: tuple[Turn, ...], dead: str | None) -> tuple[Turn, ...]:
        left = without_handles(turns, dead)
        kept_ids = {turn.handle.id for turn in left if turn.handle}
        dead_ids = [t.handle.id for t in turns if t.handle and t.handle.id not in kept_ids]
        await self._turns.forget_handles(dead_ids)
        return left


async def _in_words(ask: Ask) -> Ask | None:
    """Put words in the place of all clips; None where they cannot be written down."""
    if ask.dictation is None:
        return replace(ask, deaf=True)
    try:
        return replace(ask, clips=(), heard=await ask.dictation.finish(), deaf=True)
    except BotError:
        return None


def _without_sound(budget: Budget) -> Budget:
    return replace(budget, member_audio_turns=0)
