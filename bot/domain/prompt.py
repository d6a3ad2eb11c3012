"""What one call to the model is told, in our own words."""

from dataclasses import dataclass, field

from bot.domain.reply import AudioHandle, ModelAudio, SoundFormat
from bot.domain.sampling import Sampling
from bot.domain.tools import Tool, ToolCall


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
    """An earlier answer, by the server's own memory of it."""

    handle: AudioHandle


@dataclass(frozen=True, slots=True)
class WrittenBefore:
    """An earlier answer as its transcript."""

    transcript: str


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
