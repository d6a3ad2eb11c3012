"""What one choice says, put together of its pieces; a whole answer is one piece. Pure."""

from dataclasses import dataclass
from io import SEEK_END, BytesIO

from bot.chat_api.assembling import Said
from bot.chat_api.calls import CallPieces, read_calls
from bot.chat_api.wire import (
    NUMBER,
    TEXT,
    AudioFields,
    Choice,
    Message,
    read,
    read_content,
    read_sound,
)


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one piece, as they are spoken and as they are written."""

    spoken: str = ""
    written: str = ""


class ChoicePieces:
    """Puts one choice together.

    Attributes:
        finish: why it ended, as the server says; None until then.
        expires: whether the newest of its sound came with its expiry, which OpenAI tells last
            and in place of an end.

    """

    def __init__(self) -> None:
        self.finish: str | None = None
        self.expires = False
        self._transcript: list[str] = []
        self._content: list[str] = []
        self._refusal: list[str] = []
        self._sound = BytesIO()
        self._audio_id = ""
        self._expires_at: float | None = None
        self._calls = CallPieces()

    def add(self, choice: Choice, message: Message, *, sound_as_content: bool = False) -> Words:
        """Take the next piece, and give its words.

        Args:
            choice: the piece.
            message: what it says.
            sound_as_content: whether sound is where written words are otherwise.

        """
        self.finish = read(choice.finish_reason, TEXT) or self.finish
        if sound_as_content:
            self._add_sound(read_sound(message.content))
            return Words()
        content = read_content(message.content)
        self._content.append(content)
        self._refusal.append(read(message.refusal, TEXT) or "")
        self._calls.add(read_calls(message))
        spoken = self._listen(message.audio) if isinstance(message.audio, AudioFields) else ""
        return Words(spoken, content)

    def _listen(self, audio: AudioFields) -> str:
        transcript = read(audio.transcript, TEXT) or ""
        self._transcript.append(transcript)
        sound = read_sound(audio.data)
        self._add_sound(sound)
        # Some servers repeat it in each chunk; openai-python was seen to join them.
        self._audio_id = self._audio_id or read(audio.id, TEXT) or ""
        expires_at = read(audio.expires_at, NUMBER)
        self._expires_at = self._expires_at if expires_at is None else expires_at
        self.expires = expires_at is not None or (self.expires and not (sound or transcript))
        return transcript

    def _add_sound(self, sound: bytes) -> None:
        if not self._sound.tell():
            self._sound = BytesIO(sound)  # which copies nothing
            self._sound.seek(0, SEEK_END)
        elif sound:
            self._sound.write(sound)

    def said(self) -> Said:
        """Give the whole."""
        return Said(
            transcript="".join(self._transcript),
            content="".join(self._content),
            refusal="".join(self._refusal),
            sound=self._sound.getvalue(),
            audio_id=self._audio_id,
            expires_at=self._expires_at,
            calls=self._calls.whole(),
            finish=self.finish,
        )
