"""The audio worker's owner: one clip at a time, and whatever a clip does, only that clip fails."""

import asyncio
import logging
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from bot.audio import lock
from bot.audio.failures import failure, reported
from bot.audio.jobs import (
    Broke,
    Failed,
    HearRecording,
    Job,
    Made,
    MakeSoundFile,
    MakeVoiceClip,
    Report,
)
from bot.audio.process import WorkerDied, WorkerProcess, WorkerUnusable, start_worker
from bot.audio.soundfiles import passed_on
from bot.audio.speeds import check_speed
from bot.domain.reply import ModelAudio, Sound, SoundFile, SoundFormat, VoiceClip
from bot.tasks import spawn

log = logging.getLogger(__name__)

JOB_TIMEOUT_S = 30.0
IDLE_S = 300.0
JOBS_PER_PROCESS = 200
WAITING_AT_MOST = 8

T = TypeVar("T", ModelAudio, VoiceClip, SoundFile)


def value_of(report: Made, body: bytes, kind: type[T]) -> T:
    """Read what a worker says it made, which a clip may have made it say.

    Raises:
        AudioError: it is nothing of the kind.

    """
    try:
        made = msgspec.json.decode(report.fields, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        log.error("the audio worker reported no %s", kind.__name__)  # noqa: TRY400 - no trace
        raise failure("audio_worker_died") from error
    return replace(made, data=body)


class AudioWorker:
    """Opens and makes all sound, in a process of its own that is started when first needed.

    The process is replaced when it dies or has done its share of jobs, and ended when nobody
    needs it. Use it as a context manager, or `close` it.
    """

    def __init__(
        self,
        *,
        job_timeout_s: float = JOB_TIMEOUT_S,
        idle_s: float = IDLE_S,
        jobs_per_process: int = JOBS_PER_PROCESS,
        waiting_at_most: int = WAITING_AT_MOST,
    ) -> None:
        self._job_timeout_s = job_timeout_s
        self._idle_s = idle_s
        self._jobs_per_process = jobs_per_process
        self._waiting_at_most = waiting_at_most
        self._worker: WorkerProcess | None = None
        self._turn = asyncio.Lock()
        self._jobs = 0
        self._idle_timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._layers = lock.offered()
        self._lock_reported = False
        self._starts = 0
        self._usable = True

    async def __aenter__(self) -> Self:
        """Say how well the process will be locked, as far as this machine tells beforehand."""
        log.info("audio worker: %s", ", ".join(self._layers) or "not locked")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        await self.close()

    @property
    def pid(self) -> int | None:
        """The process that waits for the next job, None when none is known to live."""
        worker = self._worker
        return worker.pid if worker is not None and worker.is_alive else None

    @property
    def layers(self) -> tuple[str, ...]:
        """What the lock of the process is made of: of the last one, or else of the next."""
        return self._layers

    @property
    def starts(self) -> int:
        """How often a process was started."""
        return self._starts

    @property
    def jobs(self) -> int:
        """How many clips are waited for, the one in work included."""
        return self._jobs

    @property
    def is_usable(self) -> bool:
        """Whether clips are taken, and the last start of a process went well."""
        return self._usable and not self._closed

    async def model_input(
        self, data: bytes, *, max_seconds: float, wav: bool = False
    ) -> ModelAudio:
        """Turn a member's file, whatever it is, into what the model hears.

        Raises:
            AudioError: not sound, broken, silent, or longer than `max_seconds`.

        """
        return await self._make(HearRecording(max_seconds, wav), data, ModelAudio)

    async def voice_clip(self, sound: Sound, *, limit_bytes: int, speed: float = 1.0) -> VoiceClip:
        """Turn the model's sound into a voice message, `speed` times as fast at the same pitch.

        Raises:
            AudioError: it is broken, or does not fit into `limit_bytes`.
            ValueError: see `check_speed`.

        """
        check_speed(speed)
        job = MakeVoiceClip(sound.format, limit_bytes, speed)
        return await self._make(job, sound.data, VoiceClip)

    async def sound_file(
        self, sound: Sound, *, wanted: SoundFormat, limit_bytes: int, speed: float = 1.0
    ) -> SoundFile:
        """Turn the model's sound into a file to attach, as received where that is possible.

        Raises:
            AudioError: it is broken, or does not fit even as small Opus.
            ValueError: see `check_speed`.

        """
        check_speed(speed)
        ready = passed_on(sound, wanted=wanted, limit_bytes=limit_bytes) if speed == 1 else None
        if ready is not None:
            return ready
        job = MakeSoundFile(sound.format, wanted, limit_bytes, speed)
        return await self._make(job, sound.data, SoundFile)

    async def close(self) -> None:
        """End the process and refuse further jobs; the clip in work, if any, fails."""
        self._closed = True
        await self._end_worker()
        async with self._turn:
            await self._end_worker()

    async def _make(self, job: Job, data: bytes, kind: type[T]) -> T:
        if not data:
            raise failure("audio_empty")
        report, body = await self._in_turn(job, data)
        match report:
            case Made():
                return value_of(report, body, kind)
            case Failed(code, sentence):
                raise reported(code, sentence)
            case Broke(what):
                log.error("the audio worker could not do a %s: %s", type(job).__name__, what)
        raise failure("audio_corrupt")

    async def _in_turn(self, job: Job, data: bytes) -> tuple[Report, bytes]:
        """Wait for the clips before this one, as long as they are few."""
        if self._closed or self._jobs > self._waiting_at_most:
            raise failure("audio_busy")
        self._jobs += 1
        try:
            async with self._turn:
                if self._closed:
                    raise failure("audio_busy")
                self._keep_alive()
                return await self._run(job, data)
        finally:
            self._jobs -= 1
            self._let_idle()

    async def _run(self, job: Job, data: bytes) -> tuple[Report, bytes]:
        worker = await self._ready_worker()
        done = False
        try:
            async with asyncio.timeout(self._job_timeout_s):
                result = await worker.run(job, data)
            done = True
        except TimeoutError as error:
            log.warning("the audio worker was stopped after %s s", self._job_timeout_s)
            raise failure("audio_too_slow") from error
        except WorkerDied as error:
            log.warning("the audio worker died: %s", error)
            raise failure("audio_worker_died") from error
        finally:
            if not done or worker.jobs_begun >= self._jobs_per_process:
                await self._end_worker()
        return result

    async def _ready_worker(self) -> WorkerProcess:
        if self._worker is not None and not self._worker.is_alive:
            await self._end_worker()
        if self._worker is None:
            try:
                self._starts += 1
                self._worker = await start_worker()
                self._usable = True
            except WorkerUnusable as error:
                self._usable = False
                log.error("the audio worker does not start: %s", error)  # noqa: TRY400 - no trace
                raise failure("audio_unavailable") from error
            self._report_lock(self._worker)
        if self._closed:
            await self._end_worker()
            raise failure("audio_busy")
        return self._worker

    def _report_lock(self, worker: WorkerProcess) -> None:
        if worker.layers != self._layers:
            self._layers = worker.layers
            log.warning("audio worker: %s, and no more", ", ".join(worker.layers) or "not locked")
        if worker.unlocked and not self._lock_reported:
            self._lock_reported = True
            log.warning("the audio worker keeps its rights to: %s", ", ".join(worker.unlocked))

    async def _end_worker(self) -> None:
        self._keep_alive()
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.kill()

    def _keep_alive(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    def _let_idle(self) -> None:
        if self._worker is not None and not self._jobs:
            self._keep_alive()
            loop = asyncio.get_running_loop()
            self._idle_timer = loop.call_later(self._idle_s, self._end_idle_worker)

    def _end_idle_worker(self) -> None:
        spawn(self._end_unless_needed(), name="end idle audio worker")

    async def _end_unless_needed(self) -> None:
        async with self._turn:
            if not self._jobs:
                await self._end_worker()
