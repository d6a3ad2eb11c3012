"""One turn at a time in each conversation, only so many at once in all, none while we close."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Any

from bot.domain.fairness import Asker, Line, Ticket
from bot.domain.rates import Rate
from bot.services.ports import Clock

SHOWN_AFTER_S = 10.0
"""Who waits for longer is told their place."""

CANCEL_S = 5
"""How long what is cancelled may take to end."""

Show = Callable[[int], Awaitable[None]]
"""Tells somebody their place in line."""


class Turnstile:
    """Lets turns through, in an order that is fair between servers and members."""

    def __init__(
        self, max_in_flight: int, clock: Clock, *, member_rate: int = 0, server_rate: int = 0
    ) -> None:
        """Prepare.

        Args:
            max_in_flight: how many may be inside at once.
            clock: the time.
            member_rate: how many of one member are let through in a minute; 0 for all.
            server_rate: the same of one server.

        """
        self._line = Line(max_in_flight, Rate(member_rate), Rate(server_rate))
        self._clock = clock
        self._called: dict[Ticket, asyncio.Future[None]] = {}
        self._present: set[asyncio.Task[Any]] = set()
        self._empty = asyncio.Event()
        self._empty.set()
        self._closing = False
        self._look_again: asyncio.TimerHandle | None = None

    @property
    def is_open(self) -> bool:
        """Whether anybody may still begin."""
        return not self._closing

    @property
    def in_flight(self) -> int:
        """How many are inside."""
        return self._line.inside

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self._line.waiting

    def require(self, asker: Asker) -> None:
        """Let somebody pass who would be let into the line now.

        Raises:
            TooOften: they have asked too much; the sentence says when to ask again.

        """
        self._line.require(asker, self._clock())

    def lets_in(self, asker: Asker, conversation: int) -> bool:
        """Tell whether `turn` would not wait, if it were entered before anything else happens."""
        ticket = Ticket(asker, conversation)
        return not self._closing and self._line.lets_in(ticket, self._clock())

    @asynccontextmanager
    async def turn(
        self, asker: Asker, conversation: int, show: Show | None = None
    ) -> AsyncIterator[bool]:
        """Wait for one's turn: nobody else has the floor in this conversation, a place is free.

        Gives False when we are closing: then nothing may be begun.

        Args:
            asker: whose turn it is.
            conversation: what takes turns.
            show: is told the place in line, once, if it takes long.

        Raises:
            TooOften: as in `require`.

        """
        ticket = Ticket(asker, conversation)
        called = self._join(ticket)
        try:
            with self._presence():
                await self._wait(ticket, called, show)
                yield not self._closing
        finally:
            self._called.pop(ticket, None)
            self._line.leave(ticket)
            self._let_in()

    def give_back(self, asker: Asker) -> None:
        """Let a turn that is under way count for no rate: nothing is done in it."""
        self._line.give_back(asker)

    async def drain(self, seconds: float) -> bool:
        """Let nobody begin any more, and wait for those inside.

        Those whose time runs out are cancelled; False when there were any.
        """
        self._closing = True
        for called in self._called.values():
            _call(called)
        try:
            async with asyncio.timeout(seconds):
                await self._empty.wait()
        except TimeoutError:
            await _cancel(frozenset(self._present))
            return False
        return True

    def _join(self, ticket: Ticket) -> "asyncio.Future[None]":
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._closing:
            _call(called)
            return called
        self._line.join(ticket, self._clock())
        self._called[ticket] = called
        self._let_in()
        return called

    async def _wait(
        self, ticket: Ticket, called: "asyncio.Future[None]", show: Show | None
    ) -> None:
        if show is not None and not called.done():
            await asyncio.wait((called,), timeout=SHOWN_AFTER_S)
            if not called.done():
                await show(self._line.place_of(ticket))
        await called

    def _let_in(self) -> None:
        """Call whoever may go in now, and look again when a rate lets the next one in."""
        if self._look_again is not None:
            self._look_again.cancel()
        if self._closing:
            return
        now = self._clock()
        while (ticket := self._line.call(now)) is not None:
            _call(self._called.pop(ticket))
        pause = self._line.pause(now)
        self._look_again = None if pause is None else self._later(pause)

    def _later(self, pause: timedelta) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(pause.total_seconds(), self._let_in)

    @contextmanager
    def _presence(self) -> Iterator[None]:
        """Keep the task that waits or is inside, so that it can be waited for and cancelled."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - `turn` is awaited, so there is one
        self._present.add(task)
        self._empty.clear()
        try:
            yield
        finally:
            self._present.discard(task)
            if not self._present:
                self._empty.set()


def _call(called: "asyncio.Future[None]") -> None:
    """Let one go on; who was cancelled while they waited is not there to hear it."""
    if not called.done():
        called.set_result(None)


async def _cancel(tasks: frozenset[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=CANCEL_S)
