"""Offline speech: eSpeak NG through ctypes, in thirteen voices that are really different.

The engine and its voice data come in one wheel, `espeakng-loader` (GPL-3.0, an optional extra).
"""

import audioop
import ctypes
import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from bot.domain.reply import SPEECH_HZ

# Numbers of eSpeak NG's speak_lib.h.
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_RATE_WORDS_PER_MIN = 1
_PITCH = 3
_PITCH_RANGE = 4
_CHARACTERS_UTF8 = 1
_POSITION_CHARACTER = 1

_GotSamples = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p
)


class SpeechMissing(Exception):
    """The speech engine is not installed, or does not run here."""


@dataclass(frozen=True, slots=True)
class _Character:
    """How one voice sounds.

    Attributes:
        name: eSpeak's language and variant.
        pitch: 0 to 99.
        pitch_range: 0 (monotonous) to 99 (lively).
        words_per_min: pace.
        tract: above 1 for a shorter vocal tract: pitch and formants are scaled by it.

    """

    name: str
    pitch: int
    pitch_range: int
    words_per_min: int
    tract: float = 1.0


_CHARACTERS = {
    "alloy": _Character("en-us+f2", 37, 45, 165),
    "ash": _Character("en-us+m3", 46, 55, 172, 1.12),
    "ballad": _Character("en+m1", 45, 80, 148),
    "cedar": _Character("en-us+m4", 40, 40, 158, 0.88),
    "coral": _Character("en-us+f4", 62, 65, 170, 1.06),
    "echo": _Character("en-us+m7", 70, 50, 168),
    "fable": _Character("en-gb-x-rp+m5", 52, 75, 155, 1.26),
    "marin": _Character("en-us+f3", 50, 60, 170, 0.92),
    "nova": _Character("en-us+Annie", 50, 70, 172),
    "onyx": _Character("en-us+m6", 22, 35, 150, 0.84),
    "sage": _Character("en-gb-scotland+f1", 42, 50, 155, 0.85),
    "shimmer": _Character("en-us+linda", 66, 60, 162, 1.12),
    "verse": _Character("en-us+klatt4", 80, 85, 160, 1.18),
}


class Espeak:
    """Speaks English, one sentence in about 20 ms. Safe to share between threads.

    Raises:
        SpeechMissing: there is no engine to speak with.

    """

    # The library has one voice and one callback per process, whatever the number of instances.
    _one_at_a_time = threading.Lock()

    def __init__(self) -> None:
        self._library, self._rate_hz = _load_library()

    def speak(self, text: str, voice: str) -> bytes:
        """Say `text`; returns s16le samples, mono, 24 kHz. An unknown voice gets a stable one."""
        character = _character(voice)
        with self._one_at_a_time:
            samples = self._synthesize(text, character)
        played_hz = round(self._rate_hz * character.tract)
        return audioop.ratecv(samples, 2, 1, played_hz, SPEECH_HZ, None)[0]

    def _synthesize(self, text: str, character: _Character) -> bytes:
        samples = bytearray()

        def keep(wave: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
            if count > 0:
                samples.extend(ctypes.string_at(wave, 2 * count))
            return 0

        callback = _GotSamples(keep)
        self._library.espeak_SetSynthCallback(callback)
        self._take_on(character)
        said = text.replace("\0", " ").encode("utf-8", "replace") + b"\0"
        self._library.espeak_Synth(
            said,
            ctypes.c_size_t(len(said)),
            0,
            _POSITION_CHARACTER,
            0,
            _CHARACTERS_UTF8,
            None,
            None,
        )
        return bytes(samples)

    def _take_on(self, character: _Character) -> None:
        if self._library.espeak_SetVoiceByName(character.name.encode()) != 0:
            raise SpeechMissing(f"eSpeak's voice data lacks {character.name!r}")
        pace = round(character.words_per_min / character.tract)
        self._library.espeak_SetParameter(_RATE_WORDS_PER_MIN, pace, 0)
        self._library.espeak_SetParameter(_PITCH, character.pitch, 0)
        self._library.espeak_SetParameter(_PITCH_RANGE, character.pitch_range, 0)


def _character(voice: str) -> _Character:
    """Look a voice up; any other name, such as a custom `voice_…` id, always gets the same one."""
    if (known := _CHARACTERS.get(voice)) is not None:
        return known
    digest = hashlib.sha256(voice.encode("utf-8", "replace")).digest()
    base = list(_CHARACTERS.values())[digest[0] % len(_CHARACTERS)]
    tract = base.tract * (0.94 + 0.12 * digest[1] / 255)
    return _Character(base.name, 20 + digest[2] % 50, base.pitch_range, base.words_per_min, tract)


@cache
def _load_library() -> tuple[ctypes.CDLL, int]:
    loader = _import_loader()
    try:
        library = ctypes.CDLL(loader.get_library_path())
        data = str(loader.get_data_path()).encode()
    except (OSError, RuntimeError) as error:
        raise SpeechMissing(f"eSpeak NG does not load here: {error}") from error
    rate_hz = library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, data, 0)
    if rate_hz <= 0:
        raise SpeechMissing("eSpeak NG is installed, but does not start")
    return library, rate_hz


def _import_loader() -> ModuleType:
    try:
        import espeakng_loader
    except ImportError as error:
        raise SpeechMissing(
            "The stand-in model speaks with the package espeakng-loader, which is not installed. "
            "Install it with: pip install -r requirements-demo-tiny.lock"
        ) from error
    module: ModuleType = espeakng_loader
    return module
