"""Calls of the model as they are kept: readable, and small, with every sound as its measures."""

import base64
import binascii
import json
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.audio import mp3, ogg, wav
from bot.local.page.event_streams import whole

MOST_KEPT = 200
_KINDS = {b"RIFF": "wav", b"OggS": "opus", b"fLaC": "flac"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call. `request` and `response` are None where they were no JSON; sounds are measures."""

    at: datetime
    path: str
    status: int
    seconds: float
    request: Json | None
    response: Json | None

    @property
    def audio(self) -> Json:
        """The audio object of the answer; empty without one."""
        found = self._message.get("audio")
        return found if isinstance(found, dict) else {}

    @property
    def words(self) -> str:
        """What was answered, in words."""
        return str(self.audio.get("transcript") or self._message.get("content") or "").strip()

    @property
    def asked(self) -> object:
        """What was asked last: two calls about the same question share it."""
        messages = (self.request or {}).get("messages") or [None]
        return messages[-1]

    @property
    def _message(self) -> Json:
        choices = (self.response or {}).get("choices") or [{}]
        message = choices[0].get("message") if isinstance(choices[0], dict) else None
        return message if isinstance(message, dict) else {}


@dataclass(frozen=True, slots=True)
class Exchanges:
    """The last calls, oldest first."""

    kept: deque[Exchange] = field(default_factory=lambda: deque(maxlen=MOST_KEPT))

    def about(self, audio_id: str | None, words: str) -> list[Exchange]:
        """Find the calls that led to an answer: the one that gave it, and those before in vain."""
        for place in reversed(range(len(self.kept))):
            gave = self.kept[place]
            if audio_id and gave.audio.get("id") == audio_id:
                return [*self._in_vain(place), gave]
        for place in reversed(range(len(self.kept))):
            gave = self.kept[place]
            if words and gave.words == words.strip():
                return [*self._in_vain(place), gave]
        return []

    def spoken_before(self, audio_id: str) -> str | None:
        """Find the words of an earlier answer by its audio id."""
        return next((each.words for each in self.kept if each.audio.get("id") == audio_id), None)

    def _in_vain(self, place: int) -> list[Exchange]:
        """Collect earlier calls about the same question that gave no sound."""
        before = list(self.kept)[:place]
        asked = self.kept[place].asked
        same = [each for each in before if each.asked is not None and each.asked == asked]
        found: list[Exchange] = []
        for each in reversed(same):
            if each.audio.get("id"):
                break
            found.insert(0, each)
        return found


def shortened(body: bytes, content_type: str = "application/json") -> Json | None:
    """Read a body, and put the measures of each sound in its place; None when it is no object."""
    try:
        streamed = content_type.startswith("text/event-stream")
        read = whole(body) if streamed else json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    short: Json = _short(read)
    return short


def _short(node: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    if isinstance(node, list):
        return [_short(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: _measures(value) if name == "data" and isinstance(value, str) else _short(value)
        for name, value in node.items()
    }


def _measures(sound: str) -> Json:
    try:
        data = base64.b64decode(sound)
    except (binascii.Error, ValueError):
        return {"bytes": len(sound), "seconds": None, "format": None}
    kind = _KINDS.get(data[:4], "mp3" if mp3.walk(data) else None)
    return {"bytes": len(data), "seconds": _seconds(data, kind), "format": kind}


def _seconds(data: bytes, kind: str | None) -> float | None:
    """Measure a sound by its container; None where only decoding could tell."""
    seconds: float | None = None
    if kind == "wav" and (found := wav.read_pcm(data)):
        seconds = found.seconds
    elif kind == "opus":
        seconds = ogg.opus_seconds(data)
    elif kind == "mp3" and (walked := mp3.walk(data)):
        seconds = walked.seconds
    return None if seconds is None else round(seconds, 3)
