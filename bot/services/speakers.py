"""Several servers in an order: the next one answers while one is down, used up or retired."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.domain.prompt import Prompt
from bot.domain.reply import SpokenReply, StandIn
from bot.domain.usage import Waste
from bot.errors import ChatApiError
from bot.services.alarms import Alarms
from bot.services.breaking import PAUSES, Standing, ring
from bot.services.ports import Clock, Speaker

OnWaste = Callable[[Waste], None]

_WHOLE = ""
"""In place of a model's name: the server as a whole."""


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

    def __init__(self, ranked: Sequence[Ranked], alarms: Alarms, clock: Clock) -> None:
        self._ranked = tuple(ranked)
        self._alarms = alarms
        self._clock = clock
        self._standings: dict[tuple[int, str | None], Standing] = {}

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

        When none can, the error is that of the first that was asked. Who failed too often in a
        row is not asked for a while: its last failure is told again.
        """
        failures: list[ChatApiError] = []
        for number, fitted in self._in_order(prompt):
            try:
                reply = await self._ask(number, fitted, on_waste)
            except ChatApiError as error:
                if error.code not in PAUSES or _may_be_about_functions(error, prompt):
                    raise
                failures.append(error)
            else:
                return self._signed(reply, prompt, number)
        raise failures[0]

    async def _ask(self, number: int, prompt: Prompt, on_waste: OnWaste) -> SpokenReply:
        server, model = self._standings_of(number, prompt.model)
        for standing in (server, model):
            if (refusal := standing.refusal(self._clock())) is not None:
                raise refusal
        try:
            reply = await self._ranked[number].speaker.speak(prompt, on_waste)
        except ChatApiError as error:
            if error.code not in PAUSES or _may_be_about_functions(error, prompt):
                server.doubt()
                model.doubt()
                raise
            # One model that is gone says nothing of the others.
            standing = model if error.code == "model_not_found" else server
            standing.fail(error, self._clock())
            title, is_broken = self._ranked[number].title, standing.broken is not None
            ring(self._alarms, number, title, error, is_broken=is_broken)
            raise
        except BaseException:  # nothing was found out: the next one may
            server.doubt()
            model.doubt()
            raise
        server.succeed()
        model.succeed()
        return reply

    def _standings_of(self, number: int, model: str | None) -> tuple[Standing, Standing]:
        """Give how a server has been doing, and how one of its models has."""
        return (
            self._standings.setdefault((number, _WHOLE), Standing()),
            self._standings.setdefault((number, model), Standing()),
        )

    def _in_order(self, prompt: Prompt) -> list[tuple[int, Prompt]]:
        """Give who can be asked and how: those that are not paused first.

        The rest comes after: to be asked is better than silence.
        """
        now = self._clock()
        fitted = ((number, self._fit(prompt, number)) for number in range(len(self._ranked)))
        found = [(number, fit) for number, fit in fitted if fit is not None]

        def rank(each: tuple[int, Prompt]) -> tuple[bool, int]:
            number, fit = each
            standings = self._standings_of(number, fit.model)
            return any(standing.is_paused(now) for standing in standings), number

        return sorted(found, key=rank)

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
