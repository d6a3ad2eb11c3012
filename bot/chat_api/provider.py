"""How the API of one system differs from OpenAI's, as data, and what follows from it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import Literal

from bot.domain.reply import SoundFormat
from bot.domain.sampling import Sampling
from bot.domain.voices import VOICES

FORMATS: tuple[SoundFormat, ...] = ("wav", "mp3", "flac", "opus", "aac", "pcm16")

Streaming = Literal["able", "only", "unable"]
"""Whether answers come in pieces if one asks for it, come in no other way, or never do."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """What becomes of one parameter of a question.

    Attributes:
        sent: False where the system refuses it, or nothing good comes of it.
        least: the smallest value that is sent; None for that of OpenAI's document.
        why: for whoever sets it: why it is not sent, or not below `least`.

    """

    sent: bool = True
    least: float | None = None
    why: str = ""

    def takes(self, value: object) -> bool:
        """Tell whether a value is sent."""
        low = self.least is not None and isinstance(value, int | float) and value < self.least
        return self.sent and not low


Parameters = Mapping[str, Parameter]
"""By name; what is not named is sent as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One system; whatever is not said is as at OpenAI.

    Attributes:
        name: what the owner calls it.
        title: what people call it.
        hosts: its hosts, by which it is known when it is not named.
        root: the path of the API where a base URL has none.
        base_url: None where everybody has one of their own.
        model: the one to ask when none is named; None where everybody has one of their own.
        key_header: where the key goes; `Authorization` holds it as a bearer token.
        needs_key: whether nothing can be asked without one.
        streaming: whether its answers come in pieces.
        stream_format: the format to ask for in a stream; what comes is headerless pcm16.
        formats: of the sound that can be asked for; the first stands in for others.
        voices: those it has; the first known ones are spoken by it as they are, all when empty.
        voices_instead: its voice for one of `VOICES` that it does not have.
        keeps_ids: whether an answer may be sent back by its audio id.
        hides_lost_ids: whether an id that it does not know may end in a 500.
        hears: how recordings are sent: as the documents say, as data URIs, or perhaps not at all,
            so that a refusal is no surprise.
        length_field: what the limit of tokens is called; None where there is none to send.
        names_asker: whether it is told who asks, as a hash.
        pads_streams: whether streams hold random letters unless one asks for none.
        parameters: what becomes of the parameters, for models of a certain name; the first
            pattern that fits counts.
        retired: names of models that it answers with 404, and what came after them.

    """

    name: str
    title: str
    hosts: tuple[str, ...] = ()
    root: str = "/v1"
    base_url: str | None = None
    model: str | None = None
    key_header: Literal["Authorization", "api-key"] = "Authorization"
    needs_key: bool = True
    streaming: Streaming = "able"
    stream_format: SoundFormat = "pcm16"
    formats: tuple[SoundFormat, ...] = FORMATS
    voices: tuple[str, ...] = ()
    voices_instead: Mapping[str, str] = field(default_factory=dict)
    keeps_ids: bool = True
    hides_lost_ids: bool = True
    hears: Literal["base64", "data_uri", "perhaps"] = "base64"
    length_field: Literal["max_completion_tokens", "max_tokens"] | None = "max_completion_tokens"
    names_asker: bool = True
    pads_streams: bool = False
    parameters: tuple[tuple[str, Parameters], ...] = ()
    retired: Mapping[str, str] = field(default_factory=dict)

    def has_voice(self, voice: str) -> bool:
        """Tell whether it speaks a voice as it is called."""
        return not self.voices or voice in self.voices

    def voice_for(self, voice: str) -> str:
        """Choose its voice for one that was asked for: the same, else always the same other."""
        if self.has_voice(voice):
            return voice
        if voice in self.voices_instead:
            return self.voices_instead[voice]
        known = VOICES.index(voice) if voice in VOICES else 0
        return self.voices[known % len(self.voices)]

    def format_for(self, wanted: SoundFormat) -> SoundFormat:
        """Choose what sound to ask for."""
        return wanted if wanted in self.formats else self.formats[0]

    def parameters_of(self, model: str) -> Parameters:
        """Tell what becomes of the parameters of a question to a model."""
        fitting = (found for glob, found in self.parameters if fnmatchcase(model, glob))
        return next(fitting, {})

    def sampling_for(self, model: str, chosen: Sampling) -> Sampling:
        """Leave out what is not sent."""
        left_out = {name: None for name, _ in self._refused(model, chosen)}
        return replace(chosen, **left_out) if left_out else chosen

    def sends(self, model: str, parameter: str) -> bool:
        """Tell whether a parameter is sent at all."""
        return self.parameters_of(model).get(parameter, Parameter()).sent

    def complaints(self, model: str, chosen: Sampling) -> list[str]:
        """Say of each parameter that is set in vain why it is not sent."""
        return [
            f"{self.title} is not sent {name} with {model}: {why}"
            for name, why in self._refused(model, chosen)
        ]

    def _refused(self, model: str, chosen: Sampling) -> Iterator[tuple[str, str]]:
        known = self.parameters_of(model)
        for each in fields(chosen):
            value, parameter = getattr(chosen, each.name), known.get(each.name)
            if value is not None and parameter is not None and not parameter.takes(value):
                yield each.name, parameter.why
