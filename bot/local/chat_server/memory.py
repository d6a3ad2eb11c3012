"""The spoken answers that the server still knows by their ids."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.local.chat_server.presets import OPENAI, Preset

_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Remembered:
    """One spoken answer."""

    id: str
    transcript: str
    seconds: float
    expires_at: int


class AudioMemory:
    """Ids live for an hour on the given clock (seconds since 1970), or as the system has it."""

    def __init__(self, now: Callable[[], float], preset: Preset = OPENAI) -> None:
        self._now = now
        self._preset = preset
        self._known: OrderedDict[str, Remembered] = OrderedDict()

    def keep(self, transcript: str, seconds: float) -> Remembered:
        """Remember an answer under a new id, if the system remembers any."""
        created = int(self._now())
        expires_at = created + self._preset.audio_life_s
        answer = Remembered(self._preset.audio_id(created), transcript, seconds, expires_at)
        if self._preset.keeps_ids:
            self._known[answer.id] = answer
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return answer

    def find(self, audio_id: str) -> Remembered | None:
        """Look an id up; None when it is unknown or over."""
        answer = self._known.get(audio_id)
        return answer if answer is not None and self._now() < answer.expires_at else None

    def forget(self, audio_id: str | None = None) -> None:
        """Lose one answer, or all of them, as a server does whose memory was restarted."""
        if audio_id is None:
            self._known.clear()
        else:
            self._known.pop(audio_id, None)
