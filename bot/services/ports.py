"""What the services need from outside, where a test puts something else in its place."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from bot.domain.incoming import FileRef
from bot.domain.prompt import Prompt
from bot.domain.reply import (
    Button,
    Heard,
    ModelAudio,
    Sound,
    SoundFile,
    SoundFormat,
    SpokenReply,
    Standing,
    VoiceClip,
)
from bot.domain.usage import Waste


class Speaker(Protocol):
    """The model."""

    @property
    def origin(self) -> str:
        """Server, key and model as one opaque name; audio ids are good only under the same one."""
        ...

    def origin_of(self, model: str | None) -> str:
        """Name the origin of what another model says; None for the speaker's own."""
        ...

    def origins(self, model: str | None) -> Collection[str]:
        """Name the origins of all that may answer when that model is asked."""
        ...

    async def speak(self, prompt: Prompt, on_waste: Callable[[Waste], None]) -> SpokenReply:
        """Ask for one answer in words and sound, or in words alone where the prompt has no voice.

        Not every model does both: one that hears refuses text in with text out, and some refuse
        to answer sound in writing (`model_needs_audio`); a text model refuses sound
        (`model_cannot_hear`).

        Args:
            prompt: what is asked.
            on_waste: is told of each call that was paid for but gave no answer, however it ends.

        Raises:
            AudioGone: an audio id in the prompt is dead; nothing was paid.
            FormatRefused: a clip's container was refused; nothing was paid.
            ChatApiError: any other failure, after the retries that make sense.

        """
        ...


class Reciter(Protocol):
    """Speaks given words word for word."""

    @property
    def model(self) -> str:
        """The model that speaks; its answers do not say what they cost."""
        ...

    async def synthesize(
        self,
        text: str,
        voice: str,
        *,
        speed: float | None = None,
        instructions: str | None = None,
    ) -> Sound:
        """Speak the text.

        Raises:
            SpeechUnavailable: the server cannot do this at all; `Speaker` may do.
            Refused: there are no words, or too many.
            ChatApiError: any other failure, after the retries that make sense; `voice_refused`
                for a voice that the answering model may well have.

        """
        ...


class Writer(Protocol):
    """Writes down what is said."""

    async def write_down(self, clip: ModelAudio) -> Heard:
        """Write down one clip.

        Raises:
            TranscriptionUnavailable: the server cannot do this at all; `Speaker` may do.
            ChatApiError: any other failure, after the retries that make sense.

        """
        ...


class Transcoder(Protocol):
    """Everything that opens or makes sound."""

    async def model_input(
        self, data: bytes, *, max_seconds: float, wav: bool = False
    ) -> ModelAudio:
        """Turn a member's file, whatever it is, into what the model hears.

        With `wav` the result is WAV whatever its length (for servers that refuse MP3).

        Raises:
            AudioError: not sound, broken, silent, or longer than `max_seconds`.

        """
        ...

    async def voice_clip(self, sound: Sound, *, limit_bytes: int, speed: float = 1.0) -> VoiceClip:
        """Turn the model's sound into a voice message of at most `limit_bytes`.

        It becomes `speed` times as fast (`SLOWEST` to `FASTEST`), with its pitch kept.
        """
        ...

    async def sound_file(
        self, sound: Sound, *, wanted: SoundFormat, limit_bytes: int, speed: float = 1.0
    ) -> SoundFile:
        """Turn the model's sound into a file to attach, as received where that is possible.

        Falls back to smaller Opus tiers when `wanted` does not fit into `limit_bytes`.
        """
        ...


class Attachments(Protocol):
    """Members' files."""

    async def read(self, ref: FileRef, *, limit_bytes: int) -> bytes:
        """Fetch the whole file.

        Raises:
            AttachmentError: gone, too large, or from a host that is not allowed.

        """
        ...


class Outlet(Protocol):
    """Where an answer goes: the room of one question, seen from that question.

    Every `post_…` is safe to repeat with the same `part`: it gives the id of the same message.
    Each raises SourceGone (until `insist`), PartGone, NoAccess or another DeliveryError.
    """

    @property
    def limit_bytes(self) -> int:
        """The largest file this room takes."""
        ...

    @property
    def locale(self) -> str | None:
        """The language of those who read here, as Discord names it; None where it is not known."""
        ...

    def hush(self) -> None:
        """Post from now on without notifying anybody."""
        ...

    async def open_thread(self, title: str) -> None:
        """Answer from now on in a thread on the question; in place where we may open none.

        Raises:
            SourceGone: the question was deleted.

        """
        ...

    def check_access(self) -> None:
        """Raise NoAccess when we plainly may not write here, before anything is paid."""
        ...

    def check_sound(self) -> None:
        """Raise FilesForbidden when we plainly may post no sound, before anything is paid."""
        ...

    async def standing(self) -> Sequence[Standing] | None:
        """Find our messages that answer the question already, oldest first.

        None where we may not look, or not through all that was written since. Also raises
        Unreachable.
        """
        ...

    def insist(self) -> None:
        """Post from now on even when the question is gone: a part of its answer stands already."""
        ...

    def typing(self) -> AbstractAsyncContextManager[None]:
        """Show that we are at it, until the block is left; failures of showing are no failures."""
        ...

    async def post_voice(self, clip: VoiceClip, *, part: int) -> int:
        """Post a native voice message; also raises VoiceForbidden and TooLarge."""
        ...

    async def post_text(
        self,
        text: str,
        *,
        part: int,
        sound: SoundFile | None = None,
        alt_text: str = "",
        transcript: str | None = None,
        buttons: Sequence[Button] = (),
    ) -> int:
        """Post words, with a sound or a long transcript as files where they are given.

        Also raises FilesForbidden and TooLarge.
        """
        ...

    async def retract(self, message_id: int) -> None:
        """Delete a message of ours; failures are only logged."""
        ...

    async def mark(self, emoji: str) -> bool:
        """React to the question; False where that cannot be done."""
        ...

    async def whisper(self, sentence: str) -> bool:
        """Tell the asker alone, by DM; False when they take none. Also raises Unreachable."""
        ...


class Clock(Protocol):
    """The time of day, UTC."""

    def __call__(self) -> datetime:
        """Now, timezone-aware."""
        ...
