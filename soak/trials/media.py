"""Sound files spoilt by chance and by hand, through the real audio worker, above a trap."""

import asyncio
import logging
import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bot.audio import service
from bot.audio.failures import failure
from bot.audio.service import AudioWorker
from bot.audio.wav import read_pcm
from bot.domain.reply import ModelAudio, Sound, SoundFile, SoundFormat, VoiceClip
from bot.errors import AudioError
from soak.media.decoys import disguised, playlists, with_reference_to
from soak.media.mutants import mutant
from soak.media.oddities import oddities
from soak.media.sounds import RECIPES, make_file, speech
from soak.media.trap import Trap, set_trap
from soak.trial import Outcome, Size, Trial

MUTANTS = {Size.SHORT: 1_900, Size.FULL: 9_850}
DEADLINE_S = 15.0
"""Of the processor, for the bot and its worker together: how long that takes is up to others."""

HANG_S = 120.0
GROWTH_MB = 20.0
CLIP_SECONDS = 30.0
LIMIT_BYTES = 1 << 20
_SHOWN = 5

_FORMATS: tuple[SoundFormat, ...] = ("opus", "mp3", "wav", "flac", "aac")
_WARMING = 20
"""So many files are opened before memory is looked at."""


@dataclass
class Seen:
    """What came of the files so far."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    started_mb: float = 0.0
    grown_mb: float = 0.0

    def grew(self) -> None:
        """Look at our own memory."""
        now_mb = psutil.Process().memory_info().rss / (1 << 20)
        if sum(self.outcomes.values()) <= _WARMING:
            self.started_mb = now_mb
        self.grown_mb = max(self.grown_mb, now_mb - self.started_mb)


class _Defects(logging.Handler):
    """Collects what the worker's owner calls a defect of ours."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it until it is asked for."""
        self.told.append(record.getMessage())


async def run(size: Size, seed: int) -> Outcome:
    """Open every file, one after the other."""
    with tempfile.TemporaryDirectory() as folder, set_trap(Path(folder)) as trap:
        hand_made = list(_hand_made(trap))
        seen = Seen()
        with _defects() as defects:
            async with AudioWorker() as worker:
                for name, data, number in _files(hand_made, size, seed):
                    await _try(worker, name, data, number, trap, seen)
                    seen.failures += (f"{name}: {each}" for each in defects.told)
                    defects.told.clear()
                starts = worker.starts
    return _outcome(seen, len(hand_made), starts, seed)


@contextmanager
def _defects() -> Iterator[_Defects]:
    defects = _Defects()
    service.log.addHandler(defects)
    try:
        yield defects
    finally:
        service.log.removeHandler(defects)


def _hand_made(trap: Trap) -> Iterator[tuple[str, bytes]]:
    for kind, data in playlists(trap).items():
        for number, each in enumerate(disguised(data)):
            yield f"{kind} in disguise {number}", each
    yield "a movie of another's sound", with_reference_to(trap.canary, _sample("mov with video"))
    for name, make in oddities().items():
        yield name, make()


def _files(
    hand_made: Sequence[tuple[str, bytes]], size: Size, seed: int
) -> Iterator[tuple[str, bytes, int]]:
    """Give all files with their names; mutants by the seed and their number alone."""
    samples = [_sample(name) for name in RECIPES]
    for number in range(MUTANTS[size]):
        chances = random.Random(f"{seed}:{number}")
        name = f"seed {seed}: mutant {number}"
        yield name, mutant(chances.choice(samples), samples, chances), number
    for name, data in hand_made:
        yield name, data, 0


def _sample(kind: str) -> bytes:
    return make_file(RECIPES[kind], speech(1))


async def _try(
    worker: AudioWorker, name: str, data: bytes, number: int, trap: Trap, seen: Seen
) -> None:
    begun_s = _spent_s(worker)
    try:
        async with asyncio.timeout(HANG_S):
            made = await _open(worker, data, number)
        outcome, wrong = "sound", _wrong_with(made, trap)
    except AudioError as error:
        outcome, wrong = error.code, _wrong_word(error)
    except Exception as error:  # noqa: BLE001 - whatever else comes out is what is looked for
        outcome, wrong = "crash", f"raised {error!r}"
    took_s = max(0.0, _spent_s(worker) - begun_s)
    seen.outcomes[outcome] += 1
    seen.slowest_s = max(seen.slowest_s, took_s)
    seen.grew()
    if wrong:
        seen.failures.append(f"{name}: {wrong}")
    if took_s > DEADLINE_S:
        seen.failures.append(f"{name}: took {took_s:.1f} s")
    seen.failures += (f"{name}: touched the {each}" for each in trap.caught())


def _spent_s(worker: AudioWorker) -> float:
    """What the processor did for us, and for workers that are gone: those were waited for."""
    spent_s = sum(psutil.Process().cpu_times()[:4])
    if worker.pid is not None:
        with suppress(psutil.NoSuchProcess):
            spent_s += sum(psutil.Process(worker.pid).cpu_times()[:4])
    return spent_s


async def _open(
    worker: AudioWorker, data: bytes, number: int
) -> ModelAudio | VoiceClip | SoundFile:
    """Take it for a member's recording; some mutants for the sound of an answer."""
    sound = Sound(data or b"\0", _FORMATS[number % len(_FORMATS)])
    match number % 12:
        case 10:
            return await worker.voice_clip(sound, limit_bytes=LIMIT_BYTES, speed=1.5)
        case 11:
            return await worker.sound_file(sound, wanted="mp3", limit_bytes=LIMIT_BYTES)
        case _:
            return await worker.model_input(data, max_seconds=CLIP_SECONDS)


def _wrong_with(made: ModelAudio | VoiceClip | SoundFile, trap: Trap) -> str | None:
    """Say what is wrong with sound that came out."""
    if trap.secret in made.data:
        return "shows what is in another file"
    if not made.data:
        return "is no sound"
    if not isinstance(made, ModelAudio):
        return None if made.data[:2] else "is no file"
    pcm = read_pcm(made.data)
    if pcm is None or not pcm.is_speech or not 0 < made.seconds <= CLIP_SECONDS + 1:
        return f"is no speech of {made.seconds} s"
    return None


def _wrong_word(error: AudioError) -> str | None:
    """Say what is wrong with an error: it must be one of ours, about this clip."""
    if error.code in ("audio_unavailable", "audio_busy", "audio_worker_died"):
        return error.code
    if error.code == "audio_too_long":
        return None
    try:
        failure(error.code)
    except KeyError:
        return f"failed with {error.code}"
    return None


def _outcome(seen: Seen, hand_made: int, starts: int, seed: int) -> Outcome:
    count = sum(seen.outcomes.values())
    failures = seen.failures[:_SHOWN]
    if more := len(seen.failures) - len(failures):
        failures.append(f"seed {seed}: and {more} more")
    if seen.grown_mb > GROWTH_MB:
        failures.append(f"seed {seed}: our memory grew by {seen.grown_mb:.0f} MB")
    if not seen.outcomes["sound"]:
        failures.append(f"seed {seed}: nothing was heard at all")
    return Outcome(
        f"{count:,} files ({hand_made} by hand): {seen.outcomes['sound']:,} heard, the others "
        f"refused by {len(seen.outcomes) - 1} kinds of errors; 0 files read, 0 sockets; worker "
        f"started {starts} times; slowest {seen.slowest_s:.1f} s; +{seen.grown_mb:.0f} MB"
        if not failures
        else f"{count:,} files: {len(seen.failures)} wrong; +{seen.grown_mb:.0f} MB",
        tuple(failures),
    )


TRIAL = Trial(
    "media",
    "sound files are spoilt by chance, and hostile ones written by hand, all for the audio worker",
    "10,000 files: no crash, nothing read, no socket, 15 s of CPU each, +20 MB in the bot",
    run,
)
