"""Figures of the audio floor, as ratios against pydub with ffmpeg and bare libopus, one run.

Run `python -m bench.audio`. Ways are interleaved and compared by medians; other programs on the
machine disturb both alike. CPU times are the least of the rounds: noise only ever adds.
"""

import asyncio
import ctypes
import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable

from pydub import AudioSegment

from bench.audio_memory import LIMIT_BYTES, MB, peak_mb
from bench.libopus import decode_packets, encode_samples, find_libopus, packets_of
from bot.audio.decode import decode
from bot.audio.encode import encode
from bot.audio.opus import encode_voice
from bot.audio.service import AudioWorker
from bot.audio.transcode import model_input
from bot.domain.reply import SPEECH_HZ, Sound
from bot.errors import AudioError
from bot.tasks import spawn
from soak.media.bombs import flac_silence, opus_silence, wav_of_rate
from soak.media.sounds import RECIPES, Recipe, make_file, speech

ROUNDS = 5

SPEED = 1.25

VOICE_NOTE = Recipe("libopus", "ogg", bit_rate=32_000, codec_options={"application": "voip"})
"""As Discord's clients record: 48 kHz mono, 32 kbit/s."""

FILES = {**RECIPES, "ogg opus": VOICE_NOTE}


class Figures:
    """Prints each figure beside its bound and remembers whether one was missed."""

    def __init__(self) -> None:
        self.missed = 0

    def add(self, what: str, measured: float, bound: float, unit: str = "") -> None:
        verdict = "ok" if measured <= bound else "OVER"
        self.missed += verdict == "OVER"
        print(f"{what:<66} {measured:9.3f} {unit:<3} at most {bound:g} {unit:<3} {verdict}")


def check_whole(seconds: float, wanted: float) -> None:
    """A way that leaves out half the work must not look fast."""
    if abs(seconds - wanted) > 0.2:
        raise ValueError(f"{seconds} s were done instead of {wanted} s")


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await work()
    return time.perf_counter() - started


async def median_ratio(
    ours: Callable[[], Awaitable[object]], theirs: Callable[[], object], rounds: int
) -> float:
    """Run both in turn; the ratio of the medians of their wall times."""

    async def theirs_as_work() -> None:
        theirs()

    pairs = [(await timed(ours), await timed(theirs_as_work)) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def cpu_ratio(ours: Callable[[], object], floor: Callable[[], object], rounds: int = 15) -> float:
    def spent(work: Callable[[], object]) -> float:
        started = time.thread_time()
        work()
        return time.thread_time() - started

    pairs = [(spent(ours), spent(floor)) for _ in range(rounds)]
    return min(a for a, _ in pairs) / min(b for _, b in pairs)


def pydub_in(data: bytes) -> bytes:
    segment = AudioSegment.from_file(io.BytesIO(data))
    made: bytes = segment.set_channels(1).set_frame_rate(SPEECH_HZ).set_sample_width(2).raw_data
    return made


def pydub_out(pcm: bytes) -> bytes:
    segment = AudioSegment(data=pcm, sample_width=2, frame_rate=SPEECH_HZ, channels=1)
    sink = io.BytesIO()
    segment.export(sink, format="ogg", codec="libopus", bitrate="32k")
    return sink.getvalue()


async def against_pydub(figures: Figures, worker: AudioWorker) -> None:
    if shutil.which("ffmpeg") is None:
        print("skipped: no ffmpeg on PATH, so nothing to compare with pydub (apt install ffmpeg)")
        return
    await _pydub_in(figures, worker)
    await _pydub_out(figures, worker)
    await _faster(figures, worker)


async def _pydub_in(figures: Figures, worker: AudioWorker) -> None:
    clips = [("ogg opus", 5, 0.12)] + [(n, 60, 0.60) for n in ("ogg opus", "mp3", "m4a", "flac")]
    for name, seconds, bound in clips:
        data = make_file(FILES[name], speech(seconds))
        ratio = await median_ratio(
            lambda data=data: worker.model_input(data, max_seconds=120),  # type: ignore[misc]
            lambda data=data: pydub_in(data),  # type: ignore[misc]
            ROUNDS,
        )
        figures.add(f"voice note to model input, {seconds} s of {name} / pydub", ratio, bound)


async def _pydub_out(figures: Figures, worker: AudioWorker) -> None:
    for seconds, bound, rounds in ((5, 0.15, ROUNDS), (60, 0.18, ROUNDS), (600, 0.18, 2)):
        pcm = speech(seconds)
        sound = Sound(encode(pcm, "wav"), "wav")
        ratio = await median_ratio(
            lambda sound=sound: worker.voice_clip(sound, limit_bytes=LIMIT_BYTES),  # type: ignore[misc]
            lambda pcm=pcm: pydub_out(pcm),  # type: ignore[misc]
            rounds,
        )
        figures.add(f"PCM to voice message, {seconds} s / pydub export", ratio, bound)


def pydub_faster(pcm: bytes) -> bytes:
    segment = AudioSegment(data=pcm, sample_width=2, frame_rate=SPEECH_HZ, channels=1)
    sink = io.BytesIO()
    segment.speedup(SPEED).export(sink, format="ogg", codec="libopus", bitrate="64k")
    return sink.getvalue()


def ffmpeg_faster(data: bytes) -> bytes:
    command = ["ffmpeg", "-loglevel", "error", "-i", "-", "-filter:a", f"atempo={SPEED}"]
    opus = ["-c:a", "libopus", "-application", "lowdelay", "-compression_level", "0", "-b:a", "64k"]
    done = subprocess.run(
        [*command, *opus, "-f", "ogg", "-"], input=data, capture_output=True, check=True
    )
    return done.stdout


async def _faster(figures: Figures, worker: AudioWorker) -> None:
    """A minute at 1.25 times its speed, as a voice message; ffmpeg encodes as cheaply as we do."""
    pcm = speech(60)
    data = encode(pcm, "wav")
    clip = await worker.voice_clip(Sound(data, "wav"), limit_bytes=LIMIT_BYTES, speed=SPEED)
    check_whole(clip.seconds, 60 / SPEED)
    check_whole(decode(ffmpeg_faster(data), max_seconds=60).seconds, 60 / SPEED)
    others: dict[str, tuple[Callable[[], object], float]] = {
        "pydub speedup": (lambda: pydub_faster(pcm), 0.4),
        "the ffmpeg program": (lambda: ffmpeg_faster(data), 0.8),
    }
    for name, (theirs, bound) in others.items():
        ratio = await median_ratio(
            lambda: worker.voice_clip(Sound(data, "wav"), limit_bytes=LIMIT_BYTES, speed=SPEED),
            theirs,
            ROUNDS,
        )
        figures.add(f"PCM to voice message at {SPEED}x, 60 s / {name}", ratio, bound)


def against_libopus(figures: Figures) -> None:
    library = find_libopus()
    if library is None:
        print("skipped: this PyAV wheel keeps no libopus of its own to compare with")
        return
    _libopus(figures, library)


def _libopus(figures: Figures, library: ctypes.CDLL) -> None:
    pcm = speech(60)
    voice_note = make_file(VOICE_NOTE, pcm)
    packets = packets_of(voice_note)
    check_whole(decode_packets(library, packets) / SPEECH_HZ, 60)
    figures.add(
        "voice note to model input, 60 s / bare libopus decoding (CPU)",
        cpu_ratio(
            lambda: model_input(voice_note, max_seconds=120),
            lambda: decode_packets(library, packets),
        ),
        1.7,
    )
    figures.add(
        "PCM to voice message, 60 s / bare libopus encoding (CPU)",
        cpu_ratio(
            lambda: encode_voice(pcm, limit_bytes=LIMIT_BYTES),
            lambda: encode_samples(library, pcm),
        ),
        1.4,
    )


def memory(figures: Figures) -> None:
    files = {
        "in": make_file(VOICE_NOTE, speech(600)),
        "out": encode(speech(600), "wav"),
    }
    for direction, data in files.items():
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            told = _measure_apart(direction, file.name)
        check_whole(told["seconds"], 600)
        figures.add(f"worker's peak over idle, 10 min {direction}", told["worker_mb"], 65, "MB")
        # What goes in was there before. Of a WAV answer only its size as Opus counts.
        compressed_mb = len(data) / MB if direction == "in" else told["made_mb"]
        what = f"bot's peak over idle, 10 min {direction} / compressed bytes in and out"
        figures.add(what, told["bot_mb"] / (compressed_mb + told["made_mb"]), 1)


def _measure_apart(direction: str, path: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.audio_memory", direction, path],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    told: dict[str, float] = json.loads(done.stdout)
    return told


async def bot_cpu(figures: Figures, worker: AudioWorker) -> None:
    voice_note = make_file(VOICE_NOTE, speech(60))
    answer = Sound(encode(speech(60), "wav"), "wav")
    jobs: dict[str, Callable[[], Awaitable[object]]] = {
        "in": lambda: worker.model_input(voice_note, max_seconds=120),
        "out": lambda: worker.voice_clip(answer, limit_bytes=LIMIT_BYTES),
    }
    for name, job in jobs.items():
        spent_s = []
        for _ in range(ROUNDS):
            started_s = time.process_time()
            await job()
            spent_s.append(time.process_time() - started_s)
        figures.add(f"bot's own CPU, 60 s {name}", min(spent_s) * 1000, 15, "ms")


async def lateness(figures: Figures, worker: AudioWorker) -> None:
    """How late a 5 ms timer comes, at worst; the calmest of three rounds."""
    long_note = encode(speech(600), "opus")
    answer = Sound(encode(speech(600), "wav"), "wav")
    works: list[Callable[[], Awaitable[object]]] = [
        lambda: asyncio.sleep(2),
        lambda: worker.model_input(long_note, max_seconds=700),
        lambda: worker.voice_clip(answer, limit_bytes=LIMIT_BYTES),
    ]
    rounds = [[await _worst_delay(work) for work in works] for _ in range(3)]
    idle_s, decoding_s, encoding_s = (min(column) for column in zip(*rounds, strict=True))
    figures.add("loop later than idle, 10 min in", (decoding_s - idle_s) * 1000, 20, "ms")
    figures.add("loop later than idle, 10 min out", (encoding_s - idle_s) * 1000, 20, "ms")


async def _worst_delay(work: Callable[[], Awaitable[object]]) -> float:
    worst_s = 0.0

    async def tick() -> None:
        nonlocal worst_s
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0.005)
            worst_s = max(worst_s, time.perf_counter() - started - 0.005)

    ticker = spawn(tick(), name="tick")
    await work()
    ticker.cancel()
    return worst_s


async def bombs(figures: Figures) -> None:
    files = {
        "24 h of silence in Opus": opus_silence(24),
        "192 kHz x 8 channels in FLAC": flac_silence(150, rate_hz=192_000, layout="7.1"),
        "WAV of 1 Hz": wav_of_rate(1, 2_000_000),
    }
    for name, data in files.items():
        async with AudioWorker() as worker:
            await worker.model_input(encode(speech(1), "opus"), max_seconds=5)
            started = time.perf_counter()
            try:
                await worker.model_input(data, max_seconds=450)
                outcome = "cut"
            except AudioError as error:
                outcome = error.code
            seconds = time.perf_counter() - started
            what = f"{name} ({len(data) / MB:.1f} MB): {outcome}"
            figures.add(f"{what}, time", seconds, 6, "s")
            figures.add(f"{what}, worker", peak_mb(worker.pid or 0), 160, "MB")


async def run() -> int:
    figures = Figures()
    async with AudioWorker() as worker:
        started = time.perf_counter()
        await worker.model_input(encode(speech(1), "opus"), max_seconds=5)
        figures.add(
            "first job, start of the worker included", time.perf_counter() - started, 1, "s"
        )
        await against_pydub(figures, worker)
        await bot_cpu(figures, worker)
        await lateness(figures, worker)
    against_libopus(figures)
    memory(figures)
    await bombs(figures)
    return figures.missed


def main() -> None:
    sys.exit(1 if asyncio.run(run()) else 0)


if __name__ == "__main__":
    main()
