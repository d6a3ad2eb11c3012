"""The voices: the named ones, custom ones, and the two words that stand for a choice among them."""

import re

from bot.errors import Refused
from bot.words import Sentence

VOICES = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable",
    "marin", "nova", "onyx", "sage", "shimmer", "verse",
)  # fmt: skip
"""Every voice named in OpenAI's documents for chat completions."""

RANDOM = "random"
"""Another named voice for each conversation."""

PERSONAS_OWN = "persona"
"""The voice of the persona that speaks."""

_CUSTOM_VOICE = re.compile(r"voice_[A-Za-z0-9_-]{1,100}")


def parse_voice(text: str) -> str:
    """Read a voice that can speak, as somebody typed it.

    Raises:
        Refused: neither a known name nor a custom voice id (`voice_…`).

    """
    name = text.strip()
    if name.lower() in VOICES:
        return name.lower()
    if _CUSTOM_VOICE.fullmatch(name):
        return name
    raise Refused(
        "voice_unknown",
        Sentence(
            "There is no such voice. The voices are {voices}, or a custom voice id that begins "
            "with `voice_`.",
            voices=", ".join(VOICES),
        ),
    )


def parse_voice_choice(text: str) -> str:
    """Read a voice, or one of the words that stand for one.

    Raises:
        Refused: it is none of them.

    """
    word = text.strip().lower()
    if word == RANDOM or word in (PERSONAS_OWN, "the persona's own"):
        return RANDOM if word == RANDOM else PERSONAS_OWN
    return parse_voice(text)


def is_custom(voice: str) -> bool:
    """Tell whether this is the id of a custom voice."""
    return _CUSTOM_VOICE.fullmatch(voice) is not None


def show_voice(voice: str) -> str:
    """Name a choice of voice for people."""
    names = {RANDOM: Sentence("random"), PERSONAS_OWN: Sentence("the persona's own")}
    return names.get(voice, voice)


def pick_voice(number: int) -> str:
    """Pick a named voice by the id of a question: asked again, the same one speaks."""
    # Ids of Discord carry their time from bit 22 on; their lowest bits hardly change.
    return VOICES[(number ^ number >> 22) % len(VOICES)]
