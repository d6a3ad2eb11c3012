"""The panel about an answer: what went over the wire for it."""

import re
import time
from collections.abc import Sequence
from typing import Any

from bot.local.page.api import Call, Reply, Route
from bot.local.page.exchanges import Exchange, Exchanges
from bot.storage.answers import AnswerReader, KnownAnswer

Json = dict[str, Any]

_NOT_REPEATED = re.compile(r"\(voice message, \d+ s, not repeated here\)")
"""What stands in the conversation in place of a recording that is not sent again."""


class Wire:
    """Finds the calls behind an answer."""

    def __init__(self, exchanges: Exchanges, answers: AnswerReader) -> None:
        self._exchanges = exchanges
        self._answers = answers

    def routes(self) -> list[Route]:
        """List them."""
        return [Route("GET", "/channels/{channel}/messages/{message}/wire", self.show)]

    async def show(self, call: Call) -> Reply:
        """Show the calls, none where they are no longer kept; 404 for what is no answer."""
        message = call.message
        known = None
        if message.author_id == call.world.bot_id:
            known = await self._answers.find(message.id)
            if known is None and message.reference is not None:
                known = await self._answers.find(message.reference.message_id)
        if known is None:
            return Reply({}, 404)
        found = self._exchanges.about(known.audio_id, known.transcript)
        return Reply(self._panel(known, found))

    def _panel(self, known: KnownAnswer, found: Sequence[Exchange]) -> Json:
        last = found[-1] if found else None
        asked = (last and last.request) or {}
        answered = (last and last.response) or {}
        return {
            "exchanges": [_exchange(each) for each in found],
            "audio": _audio(known, last),
            "usage": answered.get("usage"),
            "cost_usd": None if known.cost_microusd is None else known.cost_microusd / 1e6,
            "voice": known.voice,
            "format": (asked.get("audio") or {}).get("format"),
            "history": self._history(asked.get("messages") or []),
            "seconds_of_speech": known.seconds,
        }

    def _history(self, messages: Sequence[Json]) -> list[Json]:
        """Tell how each earlier message was sent; the last one is the question itself."""
        return [self._earlier(each) for each in messages[:-1] if each.get("role") != "system"]

    def _earlier(self, message: Json) -> Json:
        role, content = message["role"], message.get("content")
        if audio := message.get("audio"):
            words = self._exchanges.spoken_before(audio["id"])
            return {"role": role, "as": "audio id", "audio_id": audio["id"], "text": words}
        if isinstance(content, str):
            return {"role": role, "as": form_of(content), "text": content}
        parts = content or []
        text = "\n".join(part["text"] for part in parts if part.get("type") == "text")
        sounds = any(part.get("type") == "input_audio" for part in parts)
        return {"role": role, "as": "audio" if sounds else "text", "text": text}


def form_of(words: str) -> str:
    """Tell whether words are what was said, or note a recording that was."""
    return "placeholder" if _NOT_REPEATED.search(words) else "text"


def _exchange(exchange: Exchange) -> Json:
    return {
        "at": exchange.at.isoformat(),
        "path": exchange.path,
        "request": exchange.request,
        "status": exchange.status,
        "seconds": exchange.seconds,
        "response": exchange.response,
    }


def _audio(known: KnownAnswer, last: Exchange | None) -> Json | None:
    audio = last.audio if last is not None else {}
    id_ = audio.get("id") if last is not None else known.audio_id
    if id_ is None:
        return None
    until = audio.get("expires_at")
    if until is None and known.audio_expires_at is not None:
        until = int(known.audio_expires_at.timestamp())
    return {
        "id": id_,
        "expires_at": until,
        "good": known.audio_id == id_ and (until is None or until > time.time()),
        "transcript": known.transcript,
    }
