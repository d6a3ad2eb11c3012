"""The line: nobody starves, nobody holds more than their share, order stays within a member."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fairness import Asker, Line, Ticket, interleave
from bot.domain.incoming import Caller, Member
from bot.domain.rates import Rate
from bot.domain.rooms import Room
from bot.errors import TooOften
from tests.fakes import NOON

ADA, BOB, EVE = Asker(101, 1), Asker(102, 1), Asker(103, 2)
OPERATOR = Asker(104, 1, exempt=True)

askers = st.builds(
    Asker, st.integers(101, 106), st.one_of(st.none(), st.integers(1, 3)), exempt=st.just(False)
)
tickets = st.builds(Ticket, askers, st.integers(1, 8))
crowds = st.lists(tickets, min_size=1, max_size=40)


def line_of(places: int, *waiting: Ticket, member_rate: int = 0, server_rate: int = 0) -> Line:
    line = Line(places, Rate(member_rate), Rate(server_rate))
    for ticket in waiting:
        line.join(ticket, NOON)
    return line


def call_all(line: Line) -> list[Ticket]:
    """Let in whoever may go in now."""
    called = []
    while (ticket := line.call(NOON)) is not None:
        called.append(ticket)
    return called


def serve_all(line: Line) -> list[Ticket]:
    """Let one in after the other, each leaving before the next."""
    served = []
    while (ticket := line.call(NOON)) is not None:
        served.append(ticket)
        line.leave(ticket)
    return served


def many(asker: Asker, count: int, first: int = 1) -> list[Ticket]:
    """So many tickets of one asker, each of a conversation of its own."""
    return [Ticket(asker, asker.member_id * 10_000 + first + n) for n in range(count)]


@given(crowds, st.integers(1, 20), st.randoms(use_true_random=False))
def test_everybody_is_served_whoever_leaves_first(
    waiting: list[Ticket], places: int, chance: Random
) -> None:
    line = line_of(places, *waiting)
    served, inside = list[Ticket](), list[Ticket]()
    while len(served) < len(waiting):
        inside += (called := call_all(line))
        served += called
        assert inside, "nobody is inside and nobody may go in"
        line.leave(inside.pop(chance.randrange(len(inside))))
    assert sorted(map(id, served)) == sorted(map(id, waiting))


@given(crowds, st.integers(1, 6), st.integers(0, 3), st.randoms(use_true_random=False))
def test_who_is_let_in_at_once_would_be_called_if_they_joined(
    before: list[Ticket], places: int, rate: int, chance: Random
) -> None:
    line = Line(places, Rate(rate), Rate(rate))
    for ticket in before:
        promised, nobody_waits = line.lets_in(ticket, NOON), not line.waiting
        try:
            line.join(ticket, NOON)
        except TooOften:
            assert not promised
            continue
        called = line.call(NOON)
        assert called is ticket or not promised
        assert promised or called is not ticket or not nobody_waits
        if chance.random() < 0.5:
            line.leave(ticket)


def test_what_is_given_back_may_be_asked_again() -> None:
    line = line_of(9, member_rate=1, server_rate=1)
    first, second = Ticket(ADA, 1), Ticket(ADA, 2)
    line.join(first, NOON)
    call_all(line)
    assert not line.lets_in(second, NOON)
    line.give_back(ADA)
    assert line.lets_in(second, NOON)
    line.give_back(OPERATOR)
    line.give_back(Asker(105, 7))
    line.join(second, NOON)
    assert call_all(line) == [second]
    assert not line.lets_in(Ticket(ADA, 3), NOON)


def test_nobody_passes_those_who_wait() -> None:
    line = line_of(2)
    first, second, third = (Ticket(asker, n) for n, asker in enumerate((ADA, BOB, EVE)))
    line.join(first, NOON)
    assert not line.lets_in(second, NOON)
    call_all(line)
    assert line.lets_in(third, NOON)


def test_who_asks_for_less_keeps_their_place() -> None:
    [given_up, kept], [bobs], [eves] = many(ADA, 2), many(BOB, 1), many(EVE, 1)
    line = line_of(4, given_up, kept, bobs, eves)
    line.leave(given_up)
    assert serve_all(line) == [kept, eves, bobs]


@given(crowds, st.integers(1, 20), st.randoms(use_true_random=False))
def test_nobody_ever_has_more_than_their_share(
    waiting: list[Ticket], places: int, chance: Random
) -> None:
    line = line_of(places, *waiting)
    inside = call_all(line)
    while inside:
        assert len(inside) <= places
        for ticket in inside:
            asker = ticket.asker
            of_member = [t for t in inside if t.asker.member_id == asker.member_id]
            of_party = [t for t in inside if t.asker.party == asker.party]
            assert len(of_member) <= max(1, places // 4)
            assert len(of_party) <= places - places // 4
        assert len({ticket.conversation for ticket in inside}) == len(inside)
        line.leave(inside.pop(chance.randrange(len(inside))))
        inside += call_all(line)


@given(crowds)
def test_what_one_member_asks_in_one_place_is_served_in_its_order(waiting: list[Ticket]) -> None:
    served = serve_all(line_of(1, *waiting))
    for asker in {ticket.asker for ticket in waiting}:
        asked = [ticket for ticket in waiting if ticket.asker == asker]
        assert [ticket for ticket in served if ticket.asker == asker] == asked


@given(crowds)
def test_the_place_that_is_told_is_the_one_at_which_one_is_served(waiting: list[Ticket]) -> None:
    line = line_of(1, *waiting)
    places = [line.place_of(ticket) for ticket in waiting]
    assert sorted(places) == list(range(1, len(waiting) + 1))
    first = line.call(NOON)
    assert first is waiting[places.index(1)]


@given(crowds, st.data())
def test_who_waits_is_passed_by_no_other_server_twice(
    waiting: list[Ticket], data: st.DataObject
) -> None:
    """A newcomer is served before any server that is ahead has been served a second time."""
    line = line_of(1, *waiting)
    newcomer = Ticket(Asker(999, 99), 999)
    line.join(newcomer, NOON)
    before = list[int]()
    while (ticket := line.call(NOON)) is not newcomer:
        assert ticket is not None
        before.append(ticket.asker.party)
        line.leave(ticket)
        if data.draw(st.booleans()):
            line.join(Ticket(ticket.asker, ticket.conversation), NOON)
    assert len(before) == len(set(before))


@given(crowds, st.data())
def test_those_who_go_away_from_the_line_leave_the_others_their_places(
    waiting: list[Ticket], data: st.DataObject
) -> None:
    line = line_of(1, *waiting)
    gone = data.draw(st.sets(st.sampled_from(range(len(waiting)))))
    for index in gone:
        line.leave(waiting[index])
    rest = [ticket for index, ticket in enumerate(waiting) if index not in gone]
    assert sorted(map(id, serve_all(line))) == sorted(map(id, rest))


def test_an_empty_line_keeps_nothing() -> None:
    waiting = [*many(ADA, 3), *many(EVE, 2)]
    line = line_of(4, *waiting, member_rate=10, server_rate=10)
    line.leave(waiting[0])
    assert len(serve_all(line)) == 4
    assert not line._waiting
    assert not line._inside
    assert not line._busy
    assert not line._members_inside
    assert not line._parties_inside


@pytest.mark.parametrize("server_id", [1, None])
def test_beside_somebody_with_a_thousand_questions_others_wait_for_one_round(
    server_id: int | None,
) -> None:
    others = [Ticket(Asker(200 + n, server_id), n) for n in range(20)]
    served = serve_all(line_of(1, *many(ADA, 1_000), *others))
    last = max(served.index(other) for other in others)
    assert last <= 2 * len(others)


def test_somebody_with_a_thousand_questions_leaves_three_quarters_of_the_places_to_others() -> None:
    line = line_of(16, *many(ADA, 1_000))
    assert len(call_all(line)) == 4
    others = [Ticket(Asker(200 + n, 1), n) for n in range(12)]
    for other in others:
        line.join(other, NOON)
    assert call_all(line) == others[:8]


def test_a_server_with_a_thousand_questions_leaves_a_quarter_of_the_places_to_others() -> None:
    line = line_of(16, *(Ticket(Asker(200 + n, 1), n) for n in range(1_000)))
    assert len(call_all(line)) == 12
    line.join(first := Ticket(EVE, 9_001), NOON)
    line.join(second := Ticket(Asker(150, None), 9_002), NOON)
    assert call_all(line) == [first, second]


def test_whose_conversation_is_busy_is_passed_over_and_keeps_their_turn() -> None:
    first, same, other = Ticket(ADA, 1), Ticket(BOB, 1), Ticket(EVE, 2)
    line = line_of(8, first, same, other)
    assert call_all(line) == [first, other]
    line.leave(first)
    assert call_all(line) == [same]


def test_over_a_rate_one_waits_for_the_minute_to_let_one_in() -> None:
    waiting = many(ADA, 2)
    line = line_of(8, *waiting, member_rate=2, server_rate=0)
    assert call_all(line) == waiting
    line.join(third := Ticket(ADA, 3), NOON)
    assert line.call(NOON) is None
    assert line.pause(NOON) == timedelta(seconds=30)
    assert line.call(NOON + timedelta(seconds=29)) is None
    line.leave(waiting[0])
    line.leave(waiting[1])
    assert line.call(NOON + timedelta(seconds=30)) is third


def test_a_member_over_their_rate_holds_up_nobody_of_their_server() -> None:
    line = line_of(8, *many(ADA, 1), member_rate=1)
    [first] = call_all(line)
    line.leave(first)
    line.join(Ticket(ADA, 2), NOON)
    line.join(other := Ticket(BOB, 3), NOON)
    assert call_all(line) == [other]


def test_what_would_wait_for_more_than_a_minute_is_refused_with_the_time_to_ask_again() -> None:
    line = line_of(8, *many(ADA, 2), member_rate=2)
    assert len(call_all(line)) == 2
    for ticket in many(ADA, 2, first=3):
        line.join(ticket, NOON)
    with pytest.raises(TooOften, match="ask again in 90 seconds") as refusal:
        line.join(Ticket(ADA, 9), NOON)
    assert refusal.value.code == "too_often"
    line.join(Ticket(BOB, 10), NOON)


def test_no_more_of_one_member_wait_than_a_minute_lets_in() -> None:
    line = line_of(1, Ticket(EVE, 1), member_rate=3)
    assert call_all(line)
    for ticket in many(ADA, 3):
        line.join(ticket, NOON)
    with pytest.raises(TooOften):
        line.join(Ticket(ADA, 9), NOON)


def test_a_server_over_its_rate_is_refused_as_a_whole_and_no_dm_with_it() -> None:
    line = line_of(8, Ticket(ADA, 1), server_rate=1)
    assert len(call_all(line)) == 1
    line.join(Ticket(ADA, 2), NOON)
    with pytest.raises(TooOften, match="This server"):
        line.join(Ticket(BOB, 3), NOON)
    line.join(Ticket(Asker(BOB.member_id, None), 4), NOON)
    line.join(Ticket(EVE, 5), NOON)


def test_what_is_refused_counts_for_nothing() -> None:
    line = line_of(8, *many(ADA, 2), server_rate=2)
    assert len(call_all(line)) == 2
    for ticket in many(ADA, 2, first=3):
        line.join(ticket, NOON)
    for _ in range(50):
        with pytest.raises(TooOften, match="in 90 seconds"):
            line.join(Ticket(ADA, 9), NOON)
    assert line.pause(NOON) == timedelta(seconds=30)


def test_whoever_runs_the_bot_asks_as_often_as_they_like_and_takes_nothing_from_others() -> None:
    line = line_of(400, *many(OPERATOR, 50), member_rate=1, server_rate=1)
    assert len(call_all(line)) == 50
    line.join(other := Ticket(ADA, 1), NOON)
    assert call_all(line) == [other]


def test_what_a_server_asked_while_we_were_away_is_not_held_to_its_rate() -> None:
    callers = [Caller(Room(10, 1), Member(200 + n, "Eve")) for n in range(50)]
    late = [Asker.of(caller, age=timedelta(minutes=2)) for caller in callers]
    line = line_of(100, *(Ticket(asker, n) for n, asker in enumerate(late)), server_rate=1)
    assert len(call_all(line)) == 50
    line.join(now := Ticket(Asker.of(callers[0], age=timedelta(seconds=50)), 99), NOON)
    assert call_all(line) == [now]


def test_a_dm_is_like_a_server_of_its_own() -> None:
    of_dm = Asker.of(Caller(Room(20), Member(101, "Ada")))
    of_server = Asker.of(Caller(Room(10, 1), Member(101, "Ada")))
    assert of_dm.party != of_server.party
    assert Asker.of(Caller(Room(21), Member(102, "Bob"))).party != of_dm.party


def test_rows_are_given_one_of_each_in_turn() -> None:
    assert list(interleave([[1, 2, 3], [4], [5, 6]])) == [1, 4, 5, 2, 6, 3]


def test_who_asked_a_minute_ago_asked_now() -> None:
    caller = Caller(Room(1, 1), Member(101, "Ada"))
    ages = (timedelta(), timedelta(seconds=60), timedelta(seconds=61))
    assert [Asker.of(caller, age=age).late for age in ages] == [False, False, True]
