"""Samples of voices, to hear before one chooses: each is made and paid for once."""

import asyncio
import logging
from collections.abc import Collection
from dataclasses import dataclass
from weakref import WeakValueDictionary

from bot.domain.effective import RoomRules
from bot.domain.fairness import Asker
from bot.domain.incoming import Caller
from bot.domain.manner import require_answer
from bot.domain.samples import Line, Sample, line_for
from bot.domain.usage import Spent
from bot.domain.voices import PERSONAS_OWN, RANDOM, parse_voice_choice, pick_voice
from bot.errors import Refused
from bot.services.aloud import Aloud
from bot.services.ports import Clock, Reciter, Speaker, Transcoder
from bot.services.rooms import Rooms
from bot.services.turnstile import Turnstile
from bot.storage.samples import SampleStore
from bot.words import Sentence

log = logging.getLogger(__name__)

SAMPLE_BYTES = 2**19
"""The largest sample."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to hear a voice.

    Attributes:
        locale: of their Discord client.
        number: of what they asked; a random voice is picked by it.

    """

    caller: Caller
    locale: str
    number: int


class Previews:
    """Gives samples of voices."""

    def __init__(
        self,
        store: SampleStore,
        rooms: Rooms,
        aloud: Aloud,
        models: tuple[Speaker, Reciter],
        transcoder: Transcoder,
        spoken: Collection[str],
        turnstile: Turnstile,
        clock: Clock,
    ) -> None:
        """Prepare.

        Args:
            store: where samples are kept.
            rooms: tells the rules of a room.
            aloud: speaks.
            models: what it speaks with.
            transcoder: makes the sound into files.
            spoken: codes of the languages that the voices speak, in lower case; all when empty.
            turnstile: lets those through who want what has to be made.
            clock: the time.

        """
        self._store = store
        self._rooms = rooms
        self._aloud = aloud
        self._speaker, self._reciter = models
        self._transcoder = transcoder
        self._spoken = spoken
        self._turnstile = turnstile
        self._clock = clock
        self._making: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def sample(self, typed: str | None, listener: Listener) -> Sample:
        """Let a voice be heard: the named one, else the one in force.

        Raises:
            Refused: there is no such voice, or the member is not answered here or asks too often.
            ChatApiError: it cannot be spoken.
            AudioError: its sound cannot be used.

        """
        caller = listener.caller
        rules = await self._rooms.rules(caller.room, caller.member.id)
        require_answer(rules, caller)
        voice = _voice(typed, rules, listener.number)
        line = line_for(rules.language.value, listener.locale, self._spoken)
        async with self._making.setdefault((voice, line.language), asyncio.Lock()):
            kept = await self._store.find(self._origins(rules), voice, line)
            if kept is not None:
                return kept
            async with self._turnstile.turn(Asker.of(caller), listener.number) as may_begin:
                if not may_begin:
                    raise Refused(
                        "closing", Sentence("I am about to restart. Please try again in a minute.")
                    )
                return await self._make(voice, line, rules, caller)

    def _origins(self, rules: RoomRules) -> tuple[str, str]:
        """Name what may have spoken: the model for given words, and the room's chat model."""
        origin_of = self._speaker.origin_of
        return origin_of(self._reciter.model), origin_of(rules.model.value)

    async def _make(self, voice: str, line: Line, rules: RoomRules, caller: Caller) -> Sample:
        models: list[str] = []

        async def note(spent: Spent) -> None:
            models.append(spent.model)
            await self._store.record_cost(caller.room, caller.member, self._clock(), spent)

        recital = await self._aloud.read_out(line.text, (voice,), rules, caller.member, note)
        sound = await self._transcoder.sound_file(
            recital.sound, wanted="mp3", limit_bytes=SAMPLE_BYTES
        )
        sample = Sample(voice, line, sound, recital.said)
        if recital.elsewhere:  # another system's voice: to be asked for anew once the first is back
            return sample
        by_speech, by_chat = self._origins(rules)
        recited = self._reciter.model in models
        await self._store.keep(by_speech if recited else by_chat, sample, self._clock())
        log.info("made a sample of a voice in %s: model %s", line.language, models[-1])
        return sample


def _voice(typed: str | None, rules: RoomRules, number: int) -> str:
    if typed is None:
        return rules.speaking_voices(number)[0]
    choice = parse_voice_choice(typed)
    if choice == RANDOM:
        return pick_voice(number)
    if choice != PERSONAS_OWN:
        return choice
    if rules.persona.value is None or rules.persona.value.voice is None:
        raise Refused(
            "persona_voiceless", Sentence("There is no persona with a voice of its own here.")
        )
    return rules.persona.value.voice
