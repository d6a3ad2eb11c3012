"""The stand-in's voices, by measure and not by name."""

import array
import itertools
import math
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest

from bot.domain.voices import VOICES
from bot.local import espeak
from bot.local.chat_server import speech
from bot.local.chat_server.hearing import measure
from bot.local.espeak import Espeak, SpeechMissing, _load_library

SENTENCE = "A golden retriever is a good family dog, and it likes to swim."
BANDS_HZ = (200, 350, 500, 700, 950, 1250, 1600, 2000, 2500, 3100, 3800, 4700)

Portrait = tuple[float, list[float]]
"""Pitch in hertz, and energy by band."""


def spectrum_db(pcm: bytes) -> list[float]:
    """Long-term energy in each band around its own mean.

    Windows of 4 ms are as wide as 250 Hz: they see formants, not the harmonics of the pitch.
    """
    samples = array.array("h", pcm)
    windows = [samples[at : at + 96] for at in range(0, len(samples) - 96, 230)]
    energies = [sum(goertzel(window, hz) for window in windows) + 1 for hz in BANDS_HZ]
    levels = [10 * math.log10(energy) for energy in energies]
    mean = statistics.fmean(levels)
    return [level - mean for level in levels]


def goertzel(window: "array.array[int]", hz: float) -> float:
    turn = 2 * math.cos(2 * math.pi * hz / 24_000)
    before, now = 0.0, 0.0
    for sample in window:
        before, now = now, sample + turn * now - before
    return now * now + before * before - turn * now * before


def portrait(pcm: bytes) -> Portrait:
    pitch_hz = measure(pcm).pitch_hz
    assert pitch_hz is not None
    return pitch_hz, spectrum_db(pcm)


def distance(one: Portrait, other: Portrait) -> float:
    """1 for two semitones, or for 2 dB in every band: about what anybody notices."""
    semitones = 12 * math.log2(one[0] / other[0])
    return math.hypot(semitones / 2, math.dist(one[1], other[1]) / (2 * math.sqrt(len(BANDS_HZ))))


@pytest.fixture(scope="module")
def engine() -> Espeak:
    return Espeak()


def test_all_thirteen_voices_differ_audibly(engine: Espeak) -> None:
    portraits = {voice: portrait(engine.speak(SENTENCE, voice)) for voice in VOICES}
    pairs = {
        (one, other): distance(portraits[one], portraits[other])
        for one, other in itertools.combinations(VOICES, 2)
    }
    closest = min(pairs, key=lambda pair: pairs[pair])
    assert pairs[closest] > 1.0, f"{closest}: {pairs[closest]:.2f}"


def test_speech_is_of_ordinary_length_and_level(engine: Espeak) -> None:
    for voice in VOICES:
        heard = measure(engine.speak(SENTENCE, voice))
        assert 2.5 < heard.seconds < 6, voice
        assert -30 < heard.loudness_dbfs < -12, voice


def test_a_custom_voice_is_the_same_every_time_and_another_one_another(engine: Espeak) -> None:
    first, again = (portrait(engine.speak(SENTENCE, "voice_1234")) for _ in range(2))
    other = portrait(engine.speak(SENTENCE, "voice_5678"))
    assert distance(first, again) < 0.5
    assert distance(first, other) > 1.0


def test_threads_do_not_mix_their_words(engine: Espeak) -> None:
    work = [("Yes. " * (2 * n + 1), voice) for n, voice in enumerate(VOICES)]
    alone = [len(engine.speak(*each)) for each in work]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda each: len(engine.speak(*each)), work))
    # The engine's flutter moves the end by a millisecond.
    assert together == pytest.approx(alone, rel=0.01)


@pytest.mark.parametrize("text", ["", " ", "\0", "a\0b", "🎈", "\ud800", "[[t@st]] <b>", "汉字"])
def test_any_text_is_spoken_or_silent_but_never_an_accident(engine: Espeak, text: str) -> None:
    assert len(engine.speak(text, "alloy")) % 2 == 0


def test_a_missing_engine_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    _load_library.cache_clear()
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(SpeechMissing, match=r"pip install -r requirements-demo-tiny\.lock"):
        Espeak()


def test_an_engine_that_does_not_load_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import espeakng_loader

    _load_library.cache_clear()
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: "/nowhere/espeak.so")
    with pytest.raises(SpeechMissing, match="does not load here"):
        Espeak()


def test_voice_data_that_is_not_there_is_named(
    engine: Espeak, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(espeak._CHARACTERS, "alloy", espeak._Character("tlh+x9", 50, 50, 160))
    with pytest.raises(SpeechMissing, match="lacks 'tlh"):
        engine.speak("nuqneH", "alloy")


def test_the_same_words_are_spoken_once_and_old_ones_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Counting:
        said: ClassVar[list[str]] = []

        def speak(self, text: str, voice: str) -> bytes:
            self.said.append(text)
            return b"\1\0" * 1000

    monkeypatch.setattr(speech, "_MOST_BYTES", 6000)
    cache = speech.SpeechCache(Counting())
    first = cache.speak("a", "coral", "wav")
    assert cache.speak("a", "coral", "wav") is first
    for text in ("b", "c", "a"):
        cache.speak(text, "coral", "wav")
    assert Counting.said == ["a", "b", "c", "a"]
