"""Text to speech: hibari-tts, an English voice, turned into thirteen.

Its network describes speech as a source (the melody) and filters (harmonics, noise, and a rest
of free phase, by frequency). A voice is made by changing that description before it becomes sound.
"""

import threading
import zlib

import numpy as np

from bot.local.speech.characters import Character, character_of
from bot.local.speech.pcm import Samples, to_pcm

_VOICED_HZ = 40.0
_LEAST_IDS = 3
_PEAK = 0.6
_REST_NEPERS = 1.5


class NaturalVoice:
    """Speaks English, about 50 times as fast as it is said. Safe to share between threads."""

    def __init__(self) -> None:
        from hibari import Hibari

        self._hibari = Hibari()
        self._reading = threading.Lock()
        self.speak("Ready.", "nova")  # loads the dictionary

    def speak(self, text: str, voice: str) -> bytes:
        """Say `text`; returns s16le samples, mono, 24 kHz. An unknown voice gets a stable one."""
        character = character_of(voice)
        speakable = text.encode("utf-8", "ignore").decode().replace("\0", " ")
        # The same words get the same breath.
        random = np.random.default_rng(zlib.crc32(speakable.encode()))
        with self._reading:
            sentences = [self._hibari.ids(spelt) for spelt in self._hibari.phonemize(speakable)]
        parts = [self._say(ids, character, random) for ids in sentences if len(ids) >= _LEAST_IDS]
        return to_pcm(_level(np.concatenate(parts))) if parts else b""

    def _say(self, ids: list[int], character: Character, random: np.random.Generator) -> Samples:
        from hibari import dsp

        fed = {
            "ids": np.asarray([ids], np.int64),
            "speed": np.asarray([character.pace], np.float32),
        }
        described = [output[0] for output in self._hibari.sess.run(None, fed)]
        sound: Samples = dsp.synth(*_take_on(character, *described), random)
        return sound


def _take_on(
    character: Character,
    harmonics: Samples,
    turn: Samples,
    noise: Samples,
    rest: Samples,
    phase: Samples,
    melody: Samples,
) -> tuple[Samples, ...]:
    """Change a description; filters are logarithms by frequency (of 20 Hz steps) and time."""
    tilt = np.linspace(0, character.tilt, len(harmonics), dtype=np.float32)[:, None]
    # The rest keeps the old pitch in its phase; a higher voice has fewer harmonics to fill it.
    apart = abs(character.pitch - 1) > 0.02
    return (
        _stretch(harmonics, character.tract) + tilt + 0.5 * np.log(np.float32(character.pitch)),
        _stretch(turn, character.tract),
        _stretch(noise, character.tract) + tilt + np.float32(character.breath),
        _stretch(rest, character.tract) + tilt - np.float32(_REST_NEPERS if apart else 0),
        phase,
        _sing(melody, character),
    )


def _sing(melody: Samples, character: Character) -> Samples:
    """Move the melody (Hz by time, near 0 where there is no voice) and its rises and falls."""
    voiced = melody > _VOICED_HZ
    if not voiced.any():
        return melody
    middle = np.exp(np.log(melody[voiced]).mean())
    moved = middle * character.pitch * (np.maximum(melody, 1) / middle) ** character.lively
    return np.where(voiced, moved, melody).astype(np.float32)


def _stretch(spectrum: Samples, factor: float) -> Samples:
    """Stretch the frequency axis: what was at f comes to f * factor."""
    count = len(spectrum)
    places = np.minimum(np.arange(count) / factor, count - 1)
    below = places.astype(int)
    above = np.minimum(below + 1, count - 1)
    share = (places - below).astype(np.float32)[:, None]
    stretched: Samples = spectrum[below] * (1 - share) + spectrum[above] * share
    return stretched


def _level(samples: Samples) -> Samples:
    peak = float(np.abs(samples).max(initial=0))
    return samples * np.float32(_PEAK / peak) if peak > 0 else samples
