"""Recordings written down: by the first server that can, each question's once."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from bot.domain.incoming import Caller
from bot.domain.pauses import Pause
from bot.domain.reply import Heard, ModelAudio
from bot.domain.usage import Spent
from bot.errors import BotError, ChatApiError, TranscriptionUnavailable
from bot.services.breaking import PAUSES
from bot.services.ports import Clock, Writer
from bot.storage.turns import TurnStore
from bot.tasks import spawn
from bot.words import Sentence

log = logging.getLogger(__name__)

HEARD = Sentence("\n-# 👂 As the model heard it; words may be wrong.")

PAUSE = timedelta(hours=1)
"""How long a server that writes nothing down is not asked again."""

_PASSED_ON = frozenset({"transcription_unavailable", *PAUSES})


class Dictation:
    """The words of one question's clips, written down once, however many want them."""

    def __init__(self, write: Callable[[], Coroutine[Any, Any, str]]) -> None:
        self._write = write
        self._task: asyncio.Task[str | BotError] | None = None

    @property
    def begun(self) -> bool:
        """Whether anybody wants the words."""
        return self._task is not None

    @property
    def words(self) -> str | None:
        """The words, once they are there."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return None
        outcome = self._task.result()
        return None if isinstance(outcome, BotError) else outcome

    def begin(self) -> None:
        """Have them written down from now on, beside whatever else is done."""
        if self._task is None:
            self._task = spawn(self._attempt(), name="dictation")

    async def finish(self) -> str:
        """Wait for the words; who stops waiting does not stop the writing.

        Raises:
            BotError: they cannot be written down.

        """
        self.begin()
        assert self._task is not None  # noqa: S101 - it was begun
        outcome = await asyncio.shield(self._task)
        if isinstance(outcome, BotError):
            raise outcome
        return outcome

    def give_up(self) -> None:
        """Write no further."""
        if self._task is not None:
            self._task.cancel()

    async def _attempt(self) -> str | BotError:
        """Give a failure as a value: perhaps nobody is there any more to be told."""
        try:
            return await self._write()
        except BotError as error:
            log.info("not written down: %s", error.code)
            return error
        except Exception:  # whoever waits has an answer to post, which is paid for
            log.exception("a defect kept a recording from being written down")
            return TranscriptionUnavailable()


class WritingDown:
    """Writes down what members say."""

    def __init__(self, writers: Sequence[Writer], turns: TurnStore, clock: Clock) -> None:
        """Prepare; the next of the writers is asked where the one before cannot."""
        self._writers = writers
        self._turns = turns
        self._clock = clock
        self._unable: dict[int, Pause] = {}
        self._dictations: WeakValueDictionary[int, Dictation] = WeakValueDictionary()

    def close(self) -> None:
        """Write no further: what all this stands on is about to be closed."""
        for dictation in self._dictations.values():
            dictation.give_up()

    def of(self, question_id: int, clips: Sequence[ModelAudio], caller: Caller) -> Dictation | None:
        """Offer the words of a question that is being answered; None where it has no clips."""
        if not clips:
            return None
        dictation = Dictation(partial(self.write, clips, caller))
        self._dictations[question_id] = dictation
        return dictation

    async def coming(self, question_id: int) -> str | None:
        """Wait for the words of a question that somebody has begun to write down; None else."""
        dictation = self._dictations.get(question_id)
        if dictation is None or not dictation.begun:
            return None
        try:
            return await dictation.finish()
        except BotError:
            return None

    async def write(
        self, clips: Sequence[ModelAudio], caller: Caller, turn_id: int | None = None
    ) -> str:
        """Write clips down; what each costs is noted.

        Args:
            clips: the recordings, whose words are joined.
            caller: who wants the words, and where.
            turn_id: the turn that they belong to, where there is one.

        Raises:
            TranscriptionUnavailable: no server can do this.
            ChatApiError: those that can failed.

        """
        words: list[str] = []
        for clip in clips:
            heard = await self._write(clip)
            spent = Spent(heard.usage, heard.model, written_s=heard.seconds)
            now = self._clock()
            await self._turns.record_call(turn_id, caller.room, caller.member, now, spent)
            words.append(heard.words)
        return "\n\n".join(filter(None, words))

    async def _write(self, clip: ModelAudio) -> Heard:
        failures: list[ChatApiError] = []
        for number in self._able():
            try:
                return await self._writers[number].write_down(clip)
            except ChatApiError as error:
                if error.code not in _PASSED_ON:
                    raise
                self._note(number, error)
                failures.append(error)
        lasting = [e for e in failures if not isinstance(e, TranscriptionUnavailable)]
        raise lasting[0] if lasting else TranscriptionUnavailable()

    def _able(self) -> list[int]:
        now = self._clock()
        unable = {number for number, pause in self._unable.items() if pause.lasts(now)}
        return [number for number in range(len(self._writers)) if number not in unable]

    def _note(self, number: int, error: ChatApiError) -> None:
        if isinstance(error, TranscriptionUnavailable):
            self._unable[number] = Pause(self._clock(), PAUSE)
            log.warning("%r is not asked again for an hour", self._writers[number])
