"""Several servers in an order: the next one answers while one is down, used up or retired."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.prompt import Prompt
from bot.domain.reply import SpokenReply, StandIn
from bot.domain.usage import Waste
from bot.errors import ChatApiError
from bot.services.ports import Clock, Speaker

log = logging.getLogger(__name__)

DOWN = frozenset({"server_failed", "unreachable", "timed_out", "rate_limited", "answer_unreadable"})
"""What passes by itself, mostly soon."""

OUT = frozenset(
    {
        "quota_exhausted",
        "key_refused",
        "access_refused",
        "model_not_found",
        "route_not_found",
        "redirected",
    }
)
"""What lasts until somebody mends it."""

PAUSES = {**dict.fromkeys(DOWN, timedelta(seconds=30)), **dict.fromkeys(OUT, timedelta(minutes=10))}
"""How long a server is not asked first again, by why."""

OnWaste = Callable[[Waste], None]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One server among several.

    Attributes:
        title: what people call it.
        text_model: answers text in text; None where it has none.
        voice_for: its voice for one that was asked for.

    """

    title: str
    speaker: Speaker
    text_model: str | None
    voice_for: Callable[[str], str]


class Speakers:
    """Servers, the first one asked first; implements `Speaker`."""

    def __init__(self, ranked: Sequence[Ranked], clock: Clock) -> None:
        self._ranked = tuple(ranked)
        self._clock = clock
        self._paused_until: dict[int, datetime] = {}

    @property
    def origin(self) -> str:
        """The origin of the first; see `Speaker`."""
        return self._ranked[0].speaker.origin

    def origin_of(self, model: str | None) -> str:
        """The origin of what a model of the first says; see `Speaker`."""
        return self._ranked[0].speaker.origin_of(model)

    def origins(self, model: str | None) -> frozenset[str]:
        """The origins of all, of the others with their own models; see `Speaker`."""
        first, *others = self._ranked
        return frozenset((first.speaker.origin_of(model), *(o.speaker.origin for o in others)))

    async def speak(self, prompt: Prompt, on_waste: OnWaste) -> SpokenReply:
        """Ask the first, and the next ones while that cannot help; errors as in `Speaker`.

        When none can, the error is that of the first that was asked.
        """
        failures: list[ChatApiError] = []
        for number in self._in_order():
            fitted = self._fit(prompt, number)
            if fitted is None:
                continue
            try:
                reply = await self._ranked[number].speaker.speak(fitted, on_waste)
            except ChatApiError as error:
                if error.code not in PAUSES or _may_be_about_functions(error, prompt):
                    raise
                self._pause(number, error)
                failures.append(error)
            else:
                self._paused_until.pop(number, None)
                return self._signed(reply, prompt, number)
        raise failures[0]

    def _in_order(self) -> list[int]:
        """Give those that are not paused, then the rest: to be asked is better than silence."""
        now, numbers = self._clock(), range(len(self._ranked))
        waiting = {n for n in numbers if self._paused_until.get(n, now) > now}
        return sorted(numbers, key=lambda number: (number in waiting, number))

    def _fit(self, prompt: Prompt, number: int) -> Prompt | None:
        """Put a question as one server takes it; None where that has no model for it."""
        ranked, model = self._ranked[number], prompt.model
        if number > 0:
            in_writing = prompt.voice is None and not prompt.has_sound
            if in_writing and ranked.text_model is None:
                return None
            # What a room may choose are models of the first.
            model = ranked.text_model if in_writing else None
        return replace(prompt, model=model).told_to(ranked.speaker.origin_of(model))

    def _pause(self, number: int, error: ChatApiError) -> None:
        if len(self._ranked) > 1:
            self._paused_until[number] = self._clock() + PAUSES[error.code]
            log.warning("%s does not answer: %s", self._ranked[number].title, error.code)

    def _signed(self, reply: SpokenReply, prompt: Prompt, number: int) -> SpokenReply:
        if number == 0:
            return reply
        ranked, voice = self._ranked[number], prompt.voice
        theirs = None if voice is None else ranked.voice_for(voice)
        changed = theirs if theirs != voice else None
        return replace(reply, stand_in=StandIn(ranked.title, changed))


def _may_be_about_functions(error: ChatApiError, prompt: Prompt) -> bool:
    """Tell whether the same server may well answer once no functions are offered."""
    return bool(prompt.tools) and error.status in (404, 500, 501)
