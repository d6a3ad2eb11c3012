"""How each voice differs from the one that was recorded."""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Character:
    """One voice, as changes to the recorded one, of which 1 (and 0 for breath) leave it alone.

    Attributes:
        pitch: height of the voice.
        tract: above 1 for a shorter vocal tract: all formants move up by it.
        lively: how far the melody rises and falls.
        breath: noise in the voice, in nepers.
        pace: speed.
        tilt: brightness, in nepers over the whole spectrum; below 0 for a darker voice.

    """

    pitch: float
    tract: float
    lively: float = 1.0
    breath: float = 0.0
    pace: float = 1.0
    tilt: float = 0.0


CHARACTERS = {
    "alloy": Character(0.86, 0.98, 0.90, tilt=-0.3, pace=1.02),
    "ash": Character(0.73, 0.98, 1.00, tilt=0.85, breath=0.6, pace=1.06),
    "ballad": Character(0.63, 0.78, 1.25, tilt=-0.7, breath=0.6, pace=0.92),
    "cedar": Character(0.44, 0.78, 0.80, tilt=0.8, pace=0.96),
    "coral": Character(1.31, 1.02, 1.10, tilt=-0.7, pace=1.04),
    "echo": Character(0.47, 1.17, 0.70, tilt=1.1, breath=0.6),
    "fable": Character(1.02, 0.83, 1.25, tilt=-0.6, breath=0.45, pace=0.96),
    "marin": Character(1.11, 0.79, 1.00, tilt=1.1, breath=0.3),
    "nova": Character(1.02, 1.00, 1.00, tilt=0.8),
    "onyx": Character(0.42, 0.88, 0.85, tilt=-0.7, pace=0.94),
    "sage": Character(0.98, 1.18, 0.70, tilt=-0.7, pace=0.95),
    "shimmer": Character(1.45, 1.18, 1.20, tilt=-0.45, breath=0.25),
    "verse": Character(0.77, 1.15, 1.25, tilt=1.1, pace=1.10),
}


def character_of(voice: str) -> Character:
    """Look a voice up; any other name, such as a custom `voice_…` id, always gets the same one."""
    if (known := CHARACTERS.get(voice)) is not None:
        return known
    shares = [byte / 255 for byte in hashlib.sha256(voice.encode("utf-8", "replace")).digest()[:6]]
    return Character(
        pitch=0.45 * 3 ** shares[0],
        tract=0.80 + 0.36 * shares[1],
        lively=0.7 + 0.7 * shares[2],
        breath=0.6 * shares[3],
        pace=0.94 + 0.14 * shares[4],
        tilt=2.4 * shares[5] - 1.2,
    )
