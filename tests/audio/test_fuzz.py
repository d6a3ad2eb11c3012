"""Spoilt files through the real worker: an answer every time, and never a dead process."""

import random

from bot.audio.service import AudioWorker
from bot.errors import AudioError
from soak.media.sounds import RECIPES, make_file, speech

MUTANTS_OF_EACH = 12
KNOWN_CODES = {
    "audio_empty", "audio_unsupported", "audio_no_track", "audio_corrupt", "audio_silent",
    "audio_too_long", "audio_too_big", "audio_too_slow", "audio_memory",
}  # fmt: skip


def mutant(data: bytes, rng: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(rng.choice((1, 4, 30))):
        spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
    start = rng.randrange(len(spoilt))
    kind = rng.randrange(4)
    if kind == 0:
        del spoilt[start:]
    elif kind == 1:
        del spoilt[start : start + rng.randrange(200)]
    elif kind == 2:
        spoilt[start:start] = spoilt[: rng.randrange(400)]
    return bytes(spoilt)


async def outcome(worker: AudioWorker, data: bytes) -> str:
    try:
        await worker.model_input(data, max_seconds=30)
    except AudioError as error:
        return error.code
    return "heard"


async def test_spoilt_files_never_kill_the_worker(worker: AudioWorker) -> None:
    rng = random.Random(20_261_121)
    outcomes, pids = [], set()
    for recipe in RECIPES.values():
        data = make_file(recipe, speech(1))
        for _ in range(MUTANTS_OF_EACH):
            outcomes.append(await outcome(worker, mutant(data, rng)))
            pids.add(worker.pid)
    assert set(outcomes) <= {"heard", *KNOWN_CODES}
    assert outcomes.count("heard") > len(RECIPES)
    assert len(pids - {None}) <= 2, "one process does 200 jobs"
