"""What the stand-in hears, thinks and speaks with, so that better engines can take their place."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the conversation that the server was sent.

    Attributes:
        by: who said it.
        text: its written words; for an earlier spoken answer what was said then.
        clips: its sound as s16le samples, mono, 24 kHz.
        heard: the words of each clip, empty where there are none; None where nobody listened.

    """

    by: Literal["system", "member", "model"]
    text: str
    clips: tuple[bytes, ...] = ()
    heard: tuple[str, ...] | None = None

    @property
    def spoken(self) -> str:
        """The words of all clips."""
        return " ".join(words for words in self.heard or () if words)


class Ears(Protocol):
    """Makes words of speech."""

    def hear(self, pcm: bytes) -> str:
        """Write down what is said in s16le samples, mono, 24 kHz; empty when nobody speaks.

        Called in a thread, by several at once.
        """
        ...


class Thinker(Protocol):
    """Finds an answer where no rule does."""

    def think(self, conversation: Sequence[Line]) -> str | None:
        """Answer the last line; None when nothing comes. Called in a thread, by several at once."""
        ...


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
