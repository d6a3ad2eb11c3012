"""Asking the model where it may call functions first: in bounded rounds, each noted as paid."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.pauses import Pause
from bot.domain.prompt import CallsBefore, Prompt, PromptMessage, ToolResult
from bot.domain.reply import SpokenReply
from bot.domain.tools import Tool
from bot.domain.turns import Turn
from bot.domain.usage import Waste
from bot.errors import AudioGone, ChatApiError
from bot.services.ports import Clock, Speaker
from bot.services.tools.calling import Tools
from bot.services.tools.echoes import echo
from bot.services.tools.here import Here
from bot.words import Sentence

log = logging.getLogger(__name__)

MOST_ROUNDS = 3
MOST_CALLS = 4
"""In one round; more are forgotten, and the model may want them again in the next."""

PAUSE = timedelta(hours=1)
"""How long a model that refused functions is offered none: each refusal delays an answer."""

_PERHAPS_REFUSALS = {"request_refused", "route_not_found", "server_failed", "audio_not_found"}
_THEIR_STATUSES = {400, 404, 422, 500, 501}

OnWaste = Callable[[Waste], None]


class Consulting:
    """Lets the model call functions before it answers."""

    def __init__(self, speaker: Speaker, tools: Tools, clock: Clock, chance: random.Random) -> None:
        self._speaker = speaker
        self._tools = tools
        self._clock = clock
        self._chance = chance
        self._paused: dict[str | None, Pause] = {}

    async def ask(
        self, prompt: Prompt, untold: Callable[[], Awaitable[Sequence[Turn]]], on_waste: OnWaste
    ) -> SpokenReply:
        """Ask for one answer, after whatever calls the model wants made first.

        Args:
            prompt: what is asked; which functions it offers is decided here.
            untold: gives what of the conversation is not in it.
            on_waste: as in `Speaker`; is told of each call that led to calls of functions, too.

        Raises:
            ChatApiError: as in `Speaker`, once it is sure that no offered function is to blame.

        """
        offered, refusal = self._offered_to(prompt.model), None
        if offered:
            here = Here(self._clock(), self._chance, untold)
            try:
                return await self._consult(replace(prompt, tools=offered), here, on_waste)
            except ChatApiError as error:
                if not _may_be_about_functions(error):
                    raise
                refusal = error
        reply = _require_an_answer(await self._speaker.speak(prompt, on_waste))
        if refusal is not None:
            self._pause(prompt.model, refusal)
        return reply

    async def _consult(self, prompt: Prompt, here: Here, on_waste: OnWaste) -> SpokenReply:
        for number in range(1, MOST_ROUNDS + 1):
            reply = await self._speaker.speak(prompt, on_waste)
            if not reply.tool_calls:
                return reply
            if reply.usage is not None:
                on_waste(Waste(reply.usage, reply.model))
            said = await self._make_calls(reply, here, number)
            # A choice that forces a call would force one for ever.
            free = replace(prompt.sampling, tool_choice=None)
            prompt = replace(prompt, messages=(*prompt.messages, *said), sampling=free)
        return _require_an_answer(await self._speaker.speak(replace(prompt, tools=()), on_waste))

    async def _make_calls(
        self, reply: SpokenReply, here: Here, number: int
    ) -> tuple[PromptMessage, ...]:
        """Make the calls of one round together, and give them with their results."""
        begun = time.monotonic()
        wanted = reply.tool_calls[:MOST_CALLS]
        results = await asyncio.gather(*(self._tools.call(each, here) for each in wanted))
        took_ms = (time.monotonic() - begun) * 1000
        called = ", ".join(map(self._tools.name_of, wanted))
        log.info("round %s of functions: %s (%.0f ms)", number, called, took_ms)
        calls = echo(wanted)
        told = (ToolResult(call.id, text) for call, text in zip(calls, results, strict=True))
        return (CallsBefore(calls, reply.transcript), *told)

    def _offered_to(self, model: str | None) -> tuple[Tool, ...]:
        pause = self._paused.get(model)
        return () if pause is not None and pause.lasts(self._clock()) else self._tools.offered

    def _pause(self, model: str | None, refusal: ChatApiError) -> None:
        """Note that a model answers only where no functions are offered."""
        self._paused[model] = Pause(self._clock(), PAUSE)
        log.warning(
            "%s takes no functions (%s): it is offered none for an hour; TOOLS switches them off",
            model or "the model",
            refusal.code,
        )


def _may_be_about_functions(error: ChatApiError) -> bool:
    """Tell what servers say that take none, or too many; few of them name the reason."""
    if isinstance(error, AudioGone) and error.audio_id is not None:
        return False
    return error.code in _PERHAPS_REFUSALS and error.status in _THEIR_STATUSES


def _require_an_answer(reply: SpokenReply) -> SpokenReply:
    """Take no call for an answer where none was offered."""
    if reply.tool_calls and not (reply.transcript or reply.sound):
        sentence = Sentence("The model answered with nothing at all. Please ask again.")
        raise ChatApiError("answer_empty", sentence, request_id=reply.request_id)
    return reply
