"""What whoever runs the bot has decided: the defaults of all rooms, and the limits they live in."""

from dataclasses import dataclass

from bot.domain.reply import SoundFormat
from bot.domain.sampling import Sampling
from bot.domain.setting_words import Transcribe


@dataclass(frozen=True, slots=True)
class Owner:
    """The owner's choices.

    Attributes:
        instructions: what the model is told about itself, before any persona.
        model: the model that hears and speaks where a room has chosen none.
        models: those a room may choose from; `model` is always among them.
        text_model: answers text in text; None when there is none.
        speech_model: speaks given words.
        parameters: how models choose their words where nothing else is set.
        sampling: names of the sampling settings that rooms may change.
        answer_tokens: the most tokens of one answer.
        persona_characters: the most characters of a persona's prompt.
        personas: the most personas of one server, or of one member's DM.
        transcribe: when what members say is written down.

    """

    voice: str
    file_format: SoundFormat
    instructions: str
    model: str
    models: tuple[str, ...]
    text_model: str | None
    speech_model: str
    parameters: Sampling
    sampling: frozenset[str]
    answer_tokens: int
    persona_characters: int
    personas: int
    transcribe: Transcribe = Transcribe.OFF
