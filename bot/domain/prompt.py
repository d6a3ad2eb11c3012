"""What one call to the model is told, in our own words."""

from dataclasses import dataclass, field, replace

from bot.domain.reply import AudioHandle, ModelAudio, SoundFormat
from bot.domain.sampling import Sampling
from bot.domain.tools import Tool, ToolCall

KEEP_SPEAKING = "Always answer with spoken audio."
"""Without it, a history of transcripts makes the model drop its voice and answer in text."""


@dataclass(frozen=True, slots=True)
class System:
    """The owner's instructions."""

    text: str


@dataclass(frozen=True, slots=True)
class FromMember:
    """What a member said: words and clips in order. `parts` is never empty."""

    parts: tuple[str | ModelAudio, ...]


@dataclass(frozen=True, slots=True)
class SpokenBefore:
    """An earlier answer, by the server's own memory of it; its words are for other servers."""

    handle: AudioHandle
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class WrittenBefore:
    """An earlier answer as its transcript."""

    transcript: str


def written_before(transcript: str) -> WrittenBefore:
    """Put an earlier answer in writing, though it may have had no words."""
    return WrittenBefore(transcript or "(spoken without words)")


@dataclass(frozen=True, slots=True)
class CallsBefore:
    """The calls that the model asked for in place of an answer, with what it said meanwhile."""

    calls: tuple[ToolCall, ...]
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What one of those calls came to, in words for the model."""

    call_id: str
    text: str


PromptMessage = System | FromMember | SpokenBefore | WrittenBefore | CallsBefore | ToolResult


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything one call to the model depends on.

    Attributes:
        voice: None for an answer in words alone, for which `format` has no meaning.
        asker: an opaque stable name of the member for the provider's abuse checks, at most 64
            characters; never the member's id.
        model: None for the speaker's own.
        tools: the functions that may be called in place of an answer.

    """

    messages: tuple[PromptMessage, ...]
    voice: str | None
    format: SoundFormat
    max_tokens: int
    asker: str
    model: str | None = None
    sampling: Sampling = field(default_factory=Sampling)
    tools: tuple[Tool, ...] = ()

    @property
    def handles(self) -> tuple[AudioHandle, ...]:
        """The audio ids it leans on, oldest first."""
        return tuple(m.handle for m in self.messages if isinstance(m, SpokenBefore))

    @property
    def has_sound(self) -> bool:
        """Whether the model has to hear anything: a clip, or an earlier spoken answer."""
        parts = (p for m in self.messages if isinstance(m, FromMember) for p in m.parts)
        return bool(self.handles) or any(isinstance(part, ModelAudio) for part in parts)

    def told_to(self, origin: str) -> "Prompt":
        """Put in writing what another server said: its audio ids mean nothing anywhere else."""
        messages = tuple(_known_to(origin, each) for each in self.messages)
        if messages == self.messages:
            return self
        if self.voice is not None:
            messages = tuple(map(_kept_speaking, messages))
        return replace(self, messages=messages)


def _known_to(origin: str, message: PromptMessage) -> PromptMessage:
    if isinstance(message, SpokenBefore) and message.handle.origin != origin:
        return written_before(message.transcript)
    return message


def _kept_speaking(message: PromptMessage) -> PromptMessage:
    if not isinstance(message, System) or KEEP_SPEAKING in message.text:
        return message
    return System(f"{message.text}\n\n{KEEP_SPEAKING}")
