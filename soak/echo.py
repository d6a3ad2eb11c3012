"""A model whose every answer, words and sound, belongs to one question and to no other."""

import asyncio
import math
import random
import re
from array import array
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any
from zlib import crc32

import msgspec
from aiohttp.web import Request, Response, StreamResponse

from bot.audio.transcode import encode
from bot.domain.reply import SPEECH_HZ
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.bodies import json_response
from bot.local.chat_server.engines import Line

HEARD = "I heard what you said."
"""What is said to a recording: nothing in it tells which one it is."""

_NUMBER = re.compile(r"number (\d+)")
_SECONDS = 0.4
_ALL_CALLS = 1_000_000
_MOST_THINKING_S = 0.15


def words_for(number: int | None) -> str:
    """Give the answer to a question by its number; None for a recording."""
    return HEARD if number is None else f"This is the answer to number {number}."


@cache
def voice_note() -> bytes:
    """A member's short recording."""
    return encode(Tone().speak("a member", "none"), "opus")


class Tone:
    """Speaks in tones: other words, another pitch; a thousand times as fast as speech."""

    def speak(self, text: str, voice: str) -> bytes:
        """Make a short tone, as the engines do."""
        hz = 200 + crc32(f"{voice} {text}".encode()) % 2_000
        count = int(_SECONDS * SPEECH_HZ)
        return array(
            "h", (int(9_000 * math.sin(2 * math.pi * hz * n / SPEECH_HZ)) for n in range(count))
        ).tobytes()


class Echo:
    """Answers with the number of the question."""

    def answer(self, conversation: Sequence[Line]) -> str:
        """Answer the last line."""
        found = _NUMBER.search(conversation[-1].text)
        return words_for(int(found[1]) if found else None)


class EchoServer(ChatServer):
    """Answers so, thinks for a while, fails now and then, and counts what was paid for.

    Attributes:
        paid: by the number of the question, how many answers were made; recordings under None.
        failing: how many of a hundred calls go wrong.
        wasted: of those paid, how many the server itself kept from arriving.

    """

    def __init__(self, chances: random.Random) -> None:
        super().__init__(mind=Echo(), voice=Tone())
        self.paid: Counter[int | None] = Counter()
        self.wasted: Counter[int | None] = Counter()
        self.failing = 0.0
        self._chances = chances
        self.faults.next(self._respond, _ALL_CALLS)

    async def _respond(self, request: Request, answer: faults.Answer) -> StreamResponse:
        await asyncio.sleep(self._chances.uniform(0, _MOST_THINKING_S))
        chance = 100 * self._chances.random()
        if chance < self.failing / 2:
            return await faults.server_error(request, answer)
        number = _number_of(await request.read())
        completion = await answer()
        self.paid[number] += 1
        if chance < self.failing:
            self.wasted[number] += 1
            return _cut(request)
        return json_response(completion)


def _number_of(body: bytes) -> int | None:
    """Find the number of the question that a call is about: that in its last message."""
    content: Any = msgspec.json.decode(body)["messages"][-1]["content"]
    found = _NUMBER.search(content if isinstance(content, str) else str(content))
    return int(found[1]) if found else None


def _cut(request: Request) -> Response:
    if request.transport is not None:
        request.transport.abort()
    return Response()
