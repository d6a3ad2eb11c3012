"""Which turns the model hears, and as what: the pure heart of "the conversation goes on"."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.reply import AudioHandle, ModelAudio, SoundFormat

MessageContent = tuple["str | ModelAudio", ...]


@dataclass(frozen=True, slots=True)
class System:
    """The owner's instructions."""

    text: str


@dataclass(frozen=True, slots=True)
class FromMember:
    """What a member said: words and clips in order. `parts` is never empty."""

    parts: MessageContent


@dataclass(frozen=True, slots=True)
class SpokenBefore:
    """An earlier answer, by the server's own memory of it."""

    handle: AudioHandle


@dataclass(frozen=True, slots=True)
class WrittenBefore:
    """An earlier answer as its transcript."""

    transcript: str


PromptMessage = System | FromMember | SpokenBefore | WrittenBefore


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything one call to the model depends on.

    `asker` is an opaque stable name of the member for the provider's abuse checks, at most 64
    characters; never the member's id.
    """

    messages: tuple[PromptMessage, ...]
    voice: str
    format: SoundFormat
    max_tokens: int
    asker: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A member's clip of an earlier turn, kept as it was received."""

    id: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What one member asked and what was answered.

    Attributes:
        text: what the member wrote, files and quotes included, as the model was told; may be
            empty when only clips were sent.
        clips: what the member said, oldest first; their bytes are kept apart.
        transcript: the answer's words.
        handle: None when the answer has no audio id.
        answer_seconds: length of the answer's sound; 0 when it had none.

    """

    id: int
    parent_id: int | None
    question_id: int
    member_id: int
    member_name: str
    text: str
    clips: tuple[Clip, ...]
    transcript: str
    handle: AudioHandle | None
    answer_seconds: float
    asked_at: datetime
