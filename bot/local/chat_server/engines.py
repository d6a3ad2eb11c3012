"""What the stand-in thinks and speaks with, so that better engines can take their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the conversation that the server was sent.

    Attributes:
        by: who said it.
        text: its words; for an earlier spoken answer what was said then.
        clips: its sound as s16le samples, mono, 24 kHz.

    """

    by: Literal["system", "member", "model"]
    text: str
    clips: tuple[bytes, ...] = ()


class Mind(Protocol):
    """Finds an answer."""

    def answer(self, conversation: Sequence[Line]) -> str:
        """Answer the last line; called in a thread, by several at once."""
        ...


class Voice(Protocol):
    """Makes speech."""

    def speak(self, text: str, voice: str) -> bytes:
        """Say it; s16le samples, mono, 24 kHz. Called in a thread, by several at once."""
        ...
