"""What the model answers, and the forms its sound takes on the way to Discord."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.domain.tools import ToolCall

SoundFormat = Literal["wav", "mp3", "flac", "opus", "aac", "pcm16"]
"""The formats a model may be asked to speak in; pcm16 is headerless s16le, 24 kHz, mono."""

SPEECH_HZ = 24_000
"""Sample rate of all speech inside the bot: what the audio models hear and speak."""

SLOWEST, FASTEST = 0.5, 2.0
"""How much slower or faster than it was spoken an answer may be played."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, by kind; the kinds are disjoint (cached tokens are part of `text_in`)."""

    text_in: int = 0
    audio_in: int = 0
    text_out: int = 0
    audio_out: int = 0
    cached_in: int = 0


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound as a server sent it: not looked into yet."""

    data: bytes
    format: SoundFormat


@dataclass(frozen=True, slots=True)
class AudioHandle:
    """The server's own memory of a spoken answer, by which it is sent back without its sound.

    `origin` names server, key and model (a hash): an id means nothing anywhere else.
    """

    id: str
    expires_at: datetime
    origin: str


@dataclass(frozen=True, slots=True)
class StandIn:
    """A server that answered in place of another, with its voice for the one that was asked for."""

    title: str
    voice: str | None


@dataclass(frozen=True, slots=True)
class SpokenReply:
    """One answer of the model.

    Attributes:
        transcript: its words; empty only when there is sound without words, or a call.
        sound: None when it answered in text although speech was asked for.
        handle: None when the server gave no id, or no sound.
        finish: why it stopped; `refused` when it declined to answer.
        usage: None when the server did not say.
        model: as the server named it.
        request_id: the server's name of the call, or None.
        tool_calls: what it wants called before it answers.
        stand_in: who answered in place of the server that is asked first; None when that did.

    """

    transcript: str
    sound: Sound | None
    handle: AudioHandle | None
    finish: Literal["stop", "length", "broken_off", "content_filter", "refused"]
    usage: Usage | None
    model: str
    request_id: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    stand_in: StandIn | None = None


@dataclass(frozen=True, slots=True)
class VoiceClip:
    """Speech as a native Discord voice message wants it: Ogg Opus, mono.

    `seconds` is exact; `waveform` holds 1 to 256 points, one byte each, at most one per 100 ms.
    """

    data: bytes
    seconds: float
    waveform: bytes


@dataclass(frozen=True, slots=True)
class SoundFile:
    """Speech as an ordinary attachment. `seconds` is None where only decoding could tell."""

    data: bytes
    extension: str
    content_type: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A message of ours that answers a question already."""

    id: int
    text: str
    has_files: bool
    is_voice: bool = False


class Offer(StrEnum):
    """What a button below an answer does."""

    SPEAK = "speak"
    WORDS = "words"
    HEARD = "heard"


@dataclass(frozen=True, slots=True)
class Button:
    """A button below an answer; anybody who sees it may press it."""

    offer: Offer
    turn_id: int


@dataclass(frozen=True, slots=True)
class ModelAudio:
    """A member's clip as the model hears it: PCM WAV 24 kHz mono, or constant-bit-rate MP3.

    `seconds` is the length sent; silence at both ends may have been cut.
    """

    data: bytes
    format: Literal["wav", "mp3"]
    seconds: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said in a member's clip, written down.

    Attributes:
        words: empty when nobody speaks.
        usage: None when the server did not count tokens.
        seconds: of sound, as they are paid for.
        model: the one that wrote.

    """

    words: str
    usage: Usage | None
    seconds: float
    model: str
