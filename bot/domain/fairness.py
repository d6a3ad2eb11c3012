"""Whose turn it is: a line that is fair between servers and members, and how long it may get."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import TypeVar

from bot.domain.incoming import Caller
from bot.domain.rates import MINUTE, NOTHING, Rate
from bot.errors import TooOften
from bot.words import Sentence

T = TypeVar("T")

PATIENCE = MINUTE
"""Who is over a rate waits in line for at most so long; else they are sent away at once."""

MEMBER_TOO_OFTEN = Sentence(
    "That is more than I may answer one member. Please ask again in one second.",
    "That is more than I may answer one member. Please ask again in {count} seconds.",
)
SERVER_TOO_OFTEN = Sentence(
    "This server asks more than I may answer it. Please ask again in one second.",
    "This server asks more than I may answer it. Please ask again in {count} seconds.",
)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as far as it matters for whose turn it is.

    Attributes:
        server_id: None in a DM, which is like a server of its own for each member.
        exempt: whether no rate holds for them: they run the bot.
        late: whether they asked while we were away: what a server asked in that time comes all at
            once, so that its rate does not hold for it.

    """

    member_id: int
    server_id: int | None
    exempt: bool = False
    late: bool = False

    @classmethod
    def of(cls, caller: Caller, *, age: timedelta = NOTHING) -> "Asker":
        """Name a caller, and how long ago they asked."""
        return cls(caller.member.id, caller.room.guild_id, caller.rights.owner, age > PATIENCE)

    @property
    def party(self) -> int:
        """The server, or who stands for one."""
        return self.member_id if self.server_id is None else self.server_id

    @property
    def rated_server(self) -> int | None:
        """The server whose rate holds for them."""
        return None if self.late else self.server_id


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """One thing that somebody wants of us; what is of one conversation takes turns."""

    asker: Asker
    conversation: int


class Line:
    """Those who wait and those who are inside.

    There are only so many places; one member has at most a quarter of them, one server three
    quarters. Servers take turns, within each its members, and within each what they asked in its
    order; whose conversation is busy, or who is over a rate, is passed over meanwhile.
    """

    def __init__(self, places: int, by_member: Rate, by_server: Rate) -> None:
        self._places = places
        self._member_places = max(1, places // 4)
        self._server_places = places - places // 4
        self._by_member = by_member
        self._by_server = by_server
        self._waiting: dict[int, dict[int, list[Ticket]]] = {}
        self._inside: set[Ticket] = set()
        self._busy: set[int] = set()
        self._members_inside: Counter[int] = Counter()
        self._parties_inside: Counter[int] = Counter()

    @property
    def inside(self) -> int:
        """How many are inside."""
        return len(self._inside)

    @property
    def waiting(self) -> int:
        """How many stand in line."""
        return sum(len(each) for of in self._waiting.values() for each in of.values())

    def require(self, asker: Asker, now: datetime) -> None:
        """Let somebody join who asks no more than the rates allow, or will allow soon.

        Raises:
            TooOften: the sentence says when to ask again.

        """
        if asker.exempt:
            return
        waiting, most = self._waiting_of(asker.member_id), self._by_member.per_minute
        wait = self._by_member.wait(asker.member_id, now, waiting + 1)
        if wait > PATIENCE or (most and waiting >= most):
            raise _too_often(MEMBER_TOO_OFTEN, wait)
        if asker.rated_server is not None:
            waiting = sum(map(len, self._waiting.get(asker.party, {}).values()))
            wait = self._by_server.wait(asker.rated_server, now, waiting + 1)
            if wait > PATIENCE:
                raise _too_often(SERVER_TOO_OFTEN, wait)

    def lets_in(self, ticket: Ticket, now: datetime) -> bool:
        """Tell whether somebody who joined now would be called at once."""
        asker = ticket.asker
        return (
            not self._waiting
            and len(self._inside) < self._places
            and self._parties_inside[asker.party] < self._server_places
            and self._members_inside[asker.member_id] < self._member_places
            and ticket.conversation not in self._busy
            and not self._wait(asker, now)
        )

    def join(self, ticket: Ticket, now: datetime) -> None:
        """Stand in line.

        Raises:
            TooOften: as in `require`.

        """
        self.require(ticket.asker, now)
        members = self._waiting.setdefault(ticket.asker.party, {})
        members.setdefault(ticket.asker.member_id, []).append(ticket)

    def call(self, now: datetime) -> Ticket | None:
        """Let the next one in; None when nobody may go in now."""
        ticket = self._next(now)
        if ticket is not None:
            self._take_out(ticket)
            self._put_inside(ticket)
            if not ticket.asker.exempt:
                self._count(ticket.asker, now)
        return ticket

    def give_back(self, asker: Asker) -> None:
        """Undo that somebody who was called has asked: there was nothing to be done for them."""
        if asker.exempt:
            return
        self._by_member.give_back(asker.member_id)
        if asker.rated_server is not None:
            self._by_server.give_back(asker.rated_server)

    def leave(self, ticket: Ticket) -> None:
        """Go away, from the line or from inside; who is in neither may, too."""
        if ticket not in self._inside:
            self._take_out(ticket, keeps_turn=True)
            return
        self._inside.remove(ticket)
        self._busy.remove(ticket.conversation)
        for inside, key in self._counters(ticket):
            inside[key] -= 1
            if not inside[key]:
                del inside[key]

    def place_of(self, ticket: Ticket) -> int:
        """Tell how many would be called, this one included, if all were called in order."""
        parties = (interleave(members.values()) for members in self._waiting.values())
        return 1 + list(interleave(parties)).index(ticket)

    def pause(self, now: datetime) -> timedelta | None:
        """Tell when a rate lets somebody in again; None when nobody waits for one."""
        waits = (
            self._wait(tickets[0].asker, now)
            for members in self._waiting.values()
            for tickets in members.values()
        )
        return min(filter(None, waits), default=None)

    def _next(self, now: datetime) -> Ticket | None:
        if len(self._inside) >= self._places:
            return None
        for party, members in self._waiting.items():
            if self._parties_inside[party] < self._server_places:
                for tickets in members.values():
                    if (ticket := self._ready(tickets, now)) is not None:
                        return ticket
        return None

    def _ready(self, tickets: list[Ticket], now: datetime) -> Ticket | None:
        """Find what one member may have done now."""
        asker = tickets[0].asker
        if self._members_inside[asker.member_id] >= self._member_places:
            return None
        if self._wait(asker, now):
            return None
        return next((each for each in tickets if each.conversation not in self._busy), None)

    def _wait(self, asker: Asker, now: datetime) -> timedelta:
        if asker.exempt:
            return NOTHING
        wait = self._by_member.wait(asker.member_id, now)
        if asker.rated_server is None:
            return wait
        return max(wait, self._by_server.wait(asker.rated_server, now))

    def _count(self, asker: Asker, now: datetime) -> None:
        self._by_member.take(asker.member_id, now)
        if asker.rated_server is not None:
            self._by_server.take(asker.rated_server, now)

    def _take_out(self, ticket: Ticket, *, keeps_turn: bool = False) -> None:
        """Take one out of the line; its member and its server go to the end, unless they keep."""
        party, member_id = ticket.asker.party, ticket.asker.member_id
        members = self._waiting.get(party, {})
        tickets = members.get(member_id, [])
        if ticket not in tickets:
            return
        tickets.remove(ticket)
        if not tickets or not keeps_turn:
            del members[member_id]
            if tickets:
                members[member_id] = tickets
        if not members or not keeps_turn:
            del self._waiting[party]
            if members:
                self._waiting[party] = members

    def _put_inside(self, ticket: Ticket) -> None:
        self._inside.add(ticket)
        self._busy.add(ticket.conversation)
        for inside, key in self._counters(ticket):
            inside[key] += 1

    def _counters(self, ticket: Ticket) -> tuple[tuple[Counter[int], int], ...]:
        asker = ticket.asker
        return (self._members_inside, asker.member_id), (self._parties_inside, asker.party)

    def _waiting_of(self, member_id: int) -> int:
        return sum(len(members.get(member_id, ())) for members in self._waiting.values())


def interleave(rows: Iterable[Iterable[T]]) -> Iterator[T]:
    """Give the first of each row, then the second of each, and so on."""
    nothing = object()
    for column in zip_longest(*rows, fillvalue=nothing):
        for each in column:
            if each is not nothing:
                yield each  # type: ignore[misc] # what is filled in is left out


def _too_often(sentence: Sentence, wait: timedelta) -> TooOften:
    return TooOften("too_often", sentence.format(count=max(1, math.ceil(wait.total_seconds()))))
