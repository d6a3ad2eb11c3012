"""A model whose every answer, words and sound, belongs to one question and to no other."""

import asyncio
import math
import random
import re
from array import array
from collections import Counter, deque
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
from bot.local.chat_server.engines import Ears, Line

HEARD = "I heard what you said."
"""What is said to a recording: nothing in it tells which one it is."""

AT_LENGTH = "at length"
"""Who asks for that is given a text of two messages."""

_REASONS = 100
_NUMBER = re.compile(r"number (\d+)")
_SECONDS = 0.4
_ALL_CALLS = 1_000_000
_MOST_THINKING_S = 0.15


def words_for(number: int | None, *, at_length: bool = False) -> str:
    """Give the answer to a question by its number; None for a recording."""
    if number is None:
        return HEARD
    words = f"This is the answer to number {number}."
    return (
        " ".join([words, *(f"Reason {n} of number {number}." for n in range(_REASONS))])
        if at_length
        else words
    )


def answer_to(asked: str) -> str:
    """Give the answer to a question by its words."""
    found = _NUMBER.search(asked)
    return words_for(int(found[1]) if found else None, at_length=AT_LENGTH in asked)


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
        last = conversation[-1]
        return answer_to(" ".join((last.text, last.spoken)))


class EchoServer(ChatServer):
    """Answers so, thinks for a while, fails now and then, and counts what was paid for.

    Attributes:
        paid: by the number of the question, how many answers were made; recordings under None.
        failing: how many of a hundred calls go wrong.
        fates: what becomes of the next calls instead.
        wasted: of those paid, how many the server itself kept from arriving.

    """

    def __init__(self, chances: random.Random, *, ears: Ears | None = None) -> None:
        super().__init__(mind=Echo(), voice=Tone(), ears=ears)
        self.paid: Counter[int | None] = Counter()
        self.wasted: Counter[int | None] = Counter()
        self.failing = 0.0
        self.fates: deque[faults.Fault] = deque()
        self._chances = chances
        self.faults.next(self._respond, _ALL_CALLS)

    async def _respond(self, request: Request, answer: faults.Answer) -> StreamResponse:
        if self.fates:
            return await self.fates.popleft()(request, answer)
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
