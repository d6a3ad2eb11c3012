"""The words of members' clips, each recognised once."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from bot.local.chat_server.engines import Ears, Line

_MOST = 1000


class Listener:
    """Listens through an engine; a clip that is sent again, as history is, costs nothing."""

    def __init__(self, ears: Ears | None) -> None:
        """Take `ears`, or None to leave clips unheard."""
        self._ears = ears
        self._lock = threading.Lock()
        self._heard: OrderedDict[bytes, str] = OrderedDict()

    def hear(self, clip: bytes) -> str:
        """Write down what is said in s16le samples, mono, 24 kHz; nothing where nobody hears."""
        if self._ears is None:
            return ""
        key = hashlib.sha256(clip).digest()
        with self._lock:
            known = self._heard.get(key)
        if known is None:
            known = self._ears.hear(clip)
            self._keep(key, known)
        return known

    def listen(self, lines: Sequence[Line]) -> tuple[Line, ...]:
        """Add the words of the clips."""
        return tuple(map(self._listen, lines))

    def _listen(self, line: Line) -> Line:
        if self._ears is None or not line.clips:
            return line
        return Line(line.by, line.text, line.clips, tuple(map(self.hear, line.clips)))

    def _keep(self, key: bytes, words: str) -> None:
        with self._lock:
            self._heard[key] = words
            while len(self._heard) > _MOST:
                self._heard.popitem(last=False)
