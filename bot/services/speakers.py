"""Several servers in an order: the next one answers while one is down, used up or retired."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.pauses import Pause
from bot.domain.prompt import Prompt
from bot.domain.reply import SpokenReply, StandIn
from bot.domain.usage import Waste
from bot.errors import ChatApiError
from bot.services.alarms import Alarms
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
"""How long a server is not asked first again where others can be, by why."""

BREAKS_AFTER = {**dict.fromkeys(DOWN, 5), **dict.fromkeys(OUT, 3)}
"""After how many failures in a row it is not asked at all for a while, by the last one's reason."""

BREAK = timedelta(seconds=30)
"""For how long; then one question finds out whether it is back."""

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


@dataclass(slots=True)
class _Standing:
    """How a server, or one model of it, has been doing.

    Attributes:
        failures: in a row.
        paused: while it is not asked first; None where it never failed.
        broken: while it is not asked at all; None where it may be.
        last: the last failure.

    """

    failures: int = 0
    paused: Pause | None = None
    broken: Pause | None = None
    last: ChatApiError | None = None

    def fail(self, error: ChatApiError, now: datetime) -> None:
        """Note a failure."""
        self.failures += 1
        self.last = error
        self.paused = Pause(now, PAUSES[error.code])
        if self.failures >= BREAKS_AFTER[error.code]:
            self.broken = Pause(now, BREAK)

    def succeed(self) -> None:
        """Forget all failures."""
        self.failures, self.paused, self.broken, self.last = 0, None, None, None

    def doubt(self) -> None:
        """Let the next one find out whether it is back: this one's failure was another matter."""
        self.broken = None

    def is_paused(self, now: datetime) -> bool:
        """Tell whether others are asked first."""
        return self.paused is not None and self.paused.lasts(now)

    def refusal(self, now: datetime) -> ChatApiError | None:
        """Give its last failure while it is not to be asked at all.

        Once the break is over the first who asks finds out for all others, who wait for that.
        """
        if self.last is None or self.broken is None:
            return None
        if self.broken.lasts(now):
            return _again(self.last)
        self.broken = Pause(now, BREAK)
        return None


class Speakers:
    """Servers, the first one asked first; implements `Speaker`."""

    def __init__(self, ranked: Sequence[Ranked], alarms: Alarms, clock: Clock) -> None:
        self._ranked = tuple(ranked)
        self._alarms = alarms
        self._clock = clock
        self._standings: dict[tuple[int, str | None], _Standing] = {}

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
            self._tell(number, error, is_broken=standing.broken is not None)
            raise
        server.succeed()
        model.succeed()
        return reply

    def _standings_of(self, number: int, model: str | None) -> tuple[_Standing, _Standing]:
        """Give how a server has been doing, and how one of its models has."""
        return (
            self._standings.setdefault((number, _WHOLE), _Standing()),
            self._standings.setdefault((number, model), _Standing()),
        )

    def _tell(self, number: int, error: ChatApiError, *, is_broken: bool) -> None:
        title = self._ranked[number].title
        log.warning("%s does not answer: %s", title, error.code)
        if error.code in OUT or is_broken:
            told = f"{title}: {error.sentence} {error.remedy or ''}"
            self._alarms.ring(f"{number} {error.code}", told.strip())

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


def _again(error: ChatApiError) -> ChatApiError:
    """Make the same error anew: one that is raised twice drags its first trace along."""
    fresh = ChatApiError(
        error.code, error.sentence, status=error.status, request_id=error.request_id
    )
    fresh.remedy = error.remedy
    return fresh
