"""What the stand-in says, as sound: spoken once, then remembered."""

import base64
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.reply import SPEECH_HZ, SoundFormat
from bot.local.chat_server.engines import Voice
from bot.local.chat_server.sound import write_answer

_MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Spoken:
    """One answer as sound.

    Attributes:
        data: base64 of the container.
        seconds: how long it is.

    """

    data: str
    seconds: float


class SpeechCache:
    """Speaks through a voice engine; the same words in the same voice and format cost nothing."""

    def __init__(
        self, voice: Voice, write: Callable[[bytes, SoundFormat], bytes] = write_answer
    ) -> None:
        """Prepare to speak.

        Args:
            voice: the engine.
            write: puts its samples into the format that was asked for.

        """
        self._voice = voice
        self._write = write
        self._lock = threading.Lock()
        self._spoken: OrderedDict[tuple[str, str, SoundFormat, float | None], Spoken] = (
            OrderedDict()
        )
        self._size_bytes = 0

    def find(
        self, text: str, voice: str, wanted: SoundFormat, most_seconds: float | None
    ) -> Spoken | None:
        """Look up what was said before."""
        with self._lock:
            return self._spoken.get((text, voice, wanted, most_seconds))

    def speak(
        self, text: str, voice: str, wanted: SoundFormat, most_seconds: float | None = None
    ) -> Spoken:
        """Say it, cut off after `most_seconds`; takes a while the first time."""
        known = self.find(text, voice, wanted, most_seconds)
        if known is not None:
            return known
        pcm = self._voice.speak(text, voice)
        if most_seconds is not None:
            pcm = pcm[: 2 * int(most_seconds * SPEECH_HZ)]
        data = base64.b64encode(self._write(pcm, wanted)).decode()
        spoken = Spoken(data, len(pcm) / 2 / SPEECH_HZ)
        self._keep((text, voice, wanted, most_seconds), spoken)
        return spoken

    def _keep(self, key: tuple[str, str, SoundFormat, float | None], spoken: Spoken) -> None:
        with self._lock:
            self._spoken[key] = spoken
            self._size_bytes += len(spoken.data)
            while self._size_bytes > _MOST_BYTES and len(self._spoken) > 1:
                self._size_bytes -= len(self._spoken.popitem(last=False)[1].data)
