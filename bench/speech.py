"""Figures of the offline speech: `python -m bench.speech`.

How many words are heard wrong, whether the voices can be told apart, how long an answer takes.
"""

import asyncio
import base64
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp

from bench.audio import Figures
from bot.audio.service import AudioWorker
from bot.domain.voices import VOICES
from bot.local.chat_server import ChatServer
from bot.local.chat_server.engines import Ears
from bot.local.chat_server.sound import read_clip, streamed_wav
from bot.local.speech.engines import FOLDER, Engines, load
from soak.media.sounds import Recipe, make_file
from tests.local.speech.portraits import closest, portrait, told_apart
from tests.local.speech.sentences import QUESTION, SENTENCES, accuracy

ROUNDS = 5
ASKED = "Can you tell me what is the capital of France?"
"""Ten words."""


def wrong_percent(said: str, heard: str) -> float:
    return 100 * (1 - accuracy(said, heard))


def through_opus(pcm: bytes, bit_rate: int) -> bytes:
    """As a voice message comes from Discord."""
    recorded = Recipe("libopus", "ogg", bit_rate=bit_rate, codec_options={"application": "voip"})
    return make_file(recorded, pcm)


async def passed_on(message: bytes, worker: AudioWorker) -> bytes:
    """As the bot passes it on to the model."""
    made = await worker.model_input(message, max_seconds=60)
    return read_clip(made.data, made.format)


async def measure_hearing(figures: Figures, engines: Engines, ears: Ears) -> None:
    clips = {voice: engines.voice.speak(QUESTION, voice) for voice in VOICES}
    errors = {voice: wrong_percent(QUESTION, ears.hear(clip)) for voice, clip in clips.items()}
    figures.add("words of a 5 s question heard wrong, mean of voices", mean(errors), 20, "%")
    figures.add(f"the same, worst voice ({worst(errors)})", max(errors.values()), 20, "%")
    async with AudioWorker() as worker:
        for bit_rate in (24_000, 32_000):
            errors = {}
            for voice, clip in clips.items():
                heard = ears.hear(await passed_on(through_opus(clip, bit_rate), worker))
                errors[voice] = wrong_percent(QUESTION, heard)
            what = f"through Opus at {bit_rate // 1000} kbit/s and the audio worker"
            figures.add(f"{what}, mean", mean(errors), 20, "%")
            figures.add(f"{what}, worst ({worst(errors)})", max(errors.values()), 20, "%")
    varied = {v: list(sentence_errors(engines, ears, v)) for v in VOICES}
    figures.add("words of varied sentences heard wrong, mean of voices", mean_of(varied), 20, "%")


def sentence_errors(engines: Engines, ears: Ears, voice: str) -> Iterator[float]:
    for sentence in SENTENCES:
        yield wrong_percent(sentence, ears.hear(engines.voice.speak(sentence, voice)))


def measure_voices(figures: Figures, engines: Engines) -> None:
    portraits = {v: [portrait(engines.voice.speak(s, v)) for s in SENTENCES] for v in VOICES}
    figures.add("voices taken for another", 100 * (1 - told_apart(portraits)), 15, "%")
    least, one, other = closest(portraits)
    figures.add(f"likeness of the closest pair ({one}, {other})", 1 / least, 0.5)
    for voice, group in portraits.items():
        pitch_hz = statistics.median(each.pitch_hz for each in group)
        centroid_hz = statistics.median(each.centroid_hz for each in group)
        print(f"    {voice:<8} {pitch_hz:4.0f} Hz high, spectrum around {centroid_hz:5.0f} Hz")


async def answered_s(engines: Engines, question: str) -> float:
    """Ask aloud, once warm; the median time until the whole spoken answer is there."""
    data = base64.b64encode(streamed_wav(engines.voice.speak(question, "nova"))).decode()
    part = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
    times = []
    for voice in VOICES[: ROUNDS + 1]:  # the server remembers what it said, but not in all voices
        body = {
            "model": "gpt-audio-1.5",
            "modalities": ["text", "audio"],
            "audio": {"voice": voice, "format": "wav"},
            "messages": [{"role": "user", "content": [part]}],
        }
        server = ChatServer(ears=engines.ears, mind=engines.mind, voice=engines.voice)
        async with server, aiohttp.ClientSession() as session:
            started = time.perf_counter()
            headers = {"Authorization": f"Bearer {server.key}"}
            url = f"{server.base_url}/chat/completions"
            async with session.post(url, json=body, headers=headers) as response:
                response.raise_for_status()
                await response.read()
            times.append(time.perf_counter() - started)
    return statistics.median(times[1:])


def mean(errors: dict[str, float]) -> float:
    return statistics.fmean(errors.values())


def mean_of(errors: dict[str, list[float]]) -> float:
    return statistics.fmean(each for group in errors.values() for each in group)


def worst(errors: dict[str, float]) -> str:
    return max(errors, key=lambda voice: errors[voice])


async def main() -> int:
    figures = Figures()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as nowhere:
        engines = load(Path(nowhere))
    figures.add(f"loading ({engines.names})", time.perf_counter() - started, 15, "s")
    if engines.ears is None:
        print("nothing is installed to hear with")
        return 1
    await measure_hearing(figures, engines, engines.ears)
    measure_voices(figures, engines)
    figures.add(
        "ten words aloud answered aloud, by rules", await answered_s(engines, ASKED), 6, "s"
    )
    thinking = load(FOLDER)
    if thinking.names.thinks != engines.names.thinks:
        figures.add("the same, by the model", await answered_s(thinking, ASKED), 6, "s")
    return 1 if figures.missed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
