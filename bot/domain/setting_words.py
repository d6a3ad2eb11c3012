"""The values of those settings that are one of a few words."""

from enum import StrEnum


class Speak(StrEnum):
    """When an answer is spoken."""

    ALWAYS = "always"
    MIRROR = "mirror"
    ON_DEMAND = "on_demand"
    NEVER = "never"


class FormChoice(StrEnum):
    """How an answer looks; `auto` is a voice note where the question was one, and in DMs."""

    AUTO = "auto"
    VOICE_NOTE = "voice_note"
    CARD = "card"


class FileFormat(StrEnum):
    """The format of the sound file of a card; the names are those of `SoundFormat`."""

    MP3 = "mp3"
    OPUS = "opus"
    FLAC = "flac"
    WAV = "wav"
    AAC = "aac"


class Transcript(StrEnum):
    """What becomes of the words of a spoken answer."""

    SHOWN = "shown"
    FOLDED = "folded"
    OFF = "off"


class Transcribe(StrEnum):
    """When what members say is written down."""

    OFF = "off"
    PRESS = "press"
    ALWAYS = "always"


class Answering(StrEnum):
    """Whether a place is answered in at all."""

    ALLOWED = "allowed"
    DENIED = "denied"


class Bots(StrEnum):
    """What becomes of the messages of other bots."""

    IGNORED = "ignored"
    ANSWERED = "answered"
