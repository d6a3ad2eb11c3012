"""What one member asked and what was answered."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.incoming import Member
from bot.domain.reply import AudioHandle, Usage
from bot.domain.rooms import Room


@dataclass(frozen=True, slots=True)
class Clip:
    """A member's clip of an earlier turn, kept as it was received."""

    id: int
    seconds: float


@dataclass(frozen=True, slots=True)
class KeptClip:
    """A member's clip that is about to be kept: its bytes as received, and its length."""

    data: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Turn:
    """What one member asked and what was answered.

    Attributes:
        text: what the member wrote, files and quotes included, as the model was told; may be
            empty when only clips were sent.
        clips: what the member said, oldest first; their bytes are kept apart.
        unkept_seconds: what the member said beyond those clips and what is written down.
        transcript: the answer's words.
        handle: None when the answer has no audio id.
        answer_seconds: length of the answer's sound; 0 when it had none.
        voice: the one it was spoken in, or would be.
        heard: what the member said, written down in place of clips; None where it is not.

    """

    id: int
    parent_id: int | None
    question_id: int
    member: Member
    text: str
    clips: tuple[Clip, ...]
    unkept_seconds: float
    transcript: str
    handle: AudioHandle | None
    answer_seconds: float
    asked_at: datetime
    voice: str = ""
    heard: str | None = None

    @property
    def said(self) -> str:
        """All that the member wrote and, as far as it is written down, said."""
        return with_heard(self.text, self.heard)


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn as it is recorded: see `Turn`. `cost_microusd` is None where prices are not known."""

    parent_id: int | None
    question_id: int
    room: Room
    member: Member
    text: str
    clips: tuple[KeptClip, ...]
    unkept_seconds: float
    transcript: str
    handle: AudioHandle | None
    answer_seconds: float
    voice: str
    model: str
    usage: Usage | None
    cost_microusd: int | None
    asked_at: datetime
    heard: str | None = None


def with_heard(text: str, heard: str | None) -> str:
    """Put together what somebody wrote and what they said."""
    return "\n\n".join(filter(None, (text, heard)))
