"""What is asked of models, files and sound, timed and counted on its way.

What is paid for waits at a gate before: where an answer could not be kept, none is bought.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from bot.domain.incoming import FileRef
from bot.domain.prompt import Prompt
from bot.domain.reply import (
    Heard,
    ModelAudio,
    Sound,
    SoundFile,
    SoundFormat,
    SpokenReply,
    VoiceClip,
)
from bot.domain.usage import Waste
from bot.health.metrics import Metrics
from bot.services.ports import Attachments, Reciter, Speaker, Transcoder, Writer

Gate = Callable[[], Awaitable[None]]
"""Raises Refused while nothing may be bought."""


@dataclass(frozen=True, slots=True)
class Meter:
    """Puts itself before what is asked; servers go by the names of their systems."""

    metrics: Metrics
    gate: Gate

    def speaker(self, speaker: Speaker, server: str) -> "MeteredSpeaker":
        """Count what a model answers."""
        return MeteredSpeaker(speaker, server, self.metrics, self.gate)

    def reciter(self, reciter: Reciter, server: str) -> "MeteredReciter":
        """Count what is spoken as given."""
        return MeteredReciter(reciter, server, self.metrics, self.gate)

    def writer(self, writer: Writer, server: str) -> "MeteredWriter":
        """Count what is written down."""
        return MeteredWriter(writer, server, self.metrics, self.gate)

    def transcoder(self, transcoder: Transcoder) -> "MeteredTranscoder":
        """Time what is done to sound."""
        return MeteredTranscoder(transcoder, self.metrics)

    def attachments(self, attachments: Attachments) -> "MeteredAttachments":
        """Time what is fetched."""
        return MeteredAttachments(attachments, self.metrics)


class MeteredSpeaker:
    """A `Speaker`, counted."""

    def __init__(self, speaker: Speaker, server: str, metrics: Metrics, gate: Gate) -> None:
        self._speaker = speaker
        self._server = server
        self._metrics = metrics
        self._gate = gate

    @property
    def origin(self) -> str:
        """See `Speaker`."""
        return self._speaker.origin

    def origin_of(self, model: str | None) -> str:
        """See `Speaker`."""
        return self._speaker.origin_of(model)

    def origins(self, model: str | None) -> Collection[str]:
        """See `Speaker`."""
        return self._speaker.origins(model)

    async def speak(self, prompt: Prompt, on_waste: Callable[[Waste], None]) -> SpokenReply:
        """See `Speaker`."""
        await self._gate()
        with self._metrics.call(self._server, "think"):
            return await self._speaker.speak(prompt, on_waste)


class MeteredReciter:
    """A `Reciter`, counted."""

    def __init__(self, reciter: Reciter, server: str, metrics: Metrics, gate: Gate) -> None:
        self._reciter = reciter
        self._server = server
        self._metrics = metrics
        self._gate = gate

    @property
    def model(self) -> str:
        """See `Reciter`."""
        return self._reciter.model

    async def synthesize(
        self,
        text: str,
        voice: str,
        *,
        speed: float | None = None,
        instructions: str | None = None,
    ) -> Sound:
        """See `Reciter`."""
        await self._gate()
        with self._metrics.call(self._server, "recite"):
            return await self._reciter.synthesize(
                text, voice, speed=speed, instructions=instructions
            )


class MeteredWriter:
    """A `Writer`, counted."""

    def __init__(self, writer: Writer, server: str, metrics: Metrics, gate: Gate) -> None:
        self._writer = writer
        self._server = server
        self._metrics = metrics
        self._gate = gate

    def __repr__(self) -> str:
        """Name the one behind, as logs do."""
        return repr(self._writer)

    async def write_down(self, clip: ModelAudio) -> Heard:
        """See `Writer`."""
        await self._gate()
        with self._metrics.call(self._server, "write_down"):
            return await self._writer.write_down(clip)


class MeteredTranscoder:
    """A `Transcoder`, timed."""

    def __init__(self, transcoder: Transcoder, metrics: Metrics) -> None:
        self._transcoder = transcoder
        self._metrics = metrics

    async def model_input(
        self, data: bytes, *, max_seconds: float, wav: bool = False
    ) -> ModelAudio:
        """See `Transcoder`."""
        with self._metrics.stage("hear"):
            return await self._transcoder.model_input(data, max_seconds=max_seconds, wav=wav)

    async def voice_clip(self, sound: Sound, *, limit_bytes: int, speed: float = 1.0) -> VoiceClip:
        """See `Transcoder`."""
        with self._metrics.stage("sound"):
            return await self._transcoder.voice_clip(sound, limit_bytes=limit_bytes, speed=speed)

    async def sound_file(
        self, sound: Sound, *, wanted: SoundFormat, limit_bytes: int, speed: float = 1.0
    ) -> SoundFile:
        """See `Transcoder`."""
        with self._metrics.stage("sound"):
            return await self._transcoder.sound_file(
                sound, wanted=wanted, limit_bytes=limit_bytes, speed=speed
            )


class MeteredAttachments:
    """`Attachments`, timed."""

    def __init__(self, attachments: Attachments, metrics: Metrics) -> None:
        self._attachments = attachments
        self._metrics = metrics

    async def read(self, ref: FileRef, *, limit_bytes: int) -> bytes:
        """See `Attachments`."""
        with self._metrics.stage("fetch"):
            return await self._attachments.read(ref, limit_bytes=limit_bytes)
