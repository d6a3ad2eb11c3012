"""How far back is looked for what was missed, and what is said of what is too old."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.access import Actor, Rights
from bot.domain.catching_up import Candidate, Kind
from bot.domain.incoming import Incoming
from bot.domain.rooms import Place, Room, Scope
from bot.errors import DatabaseError
from bot.services.catching_up import FARTHEST, MARGIN, WE_WERE_AWAY, CatchingUp
from bot.storage.keys import KeyStore
from tests.fakes import ADA, CHANNEL, DM, NOON, THREAD, asked
from tests.services.world import Services

BOUND = timedelta(minutes=30)
HOUR = timedelta(hours=1)
MODERATOR = Actor(ADA.id, Rights(manage_channels=True))


def looking(services: Services, answered_for: timedelta = BOUND) -> CatchingUp:
    keys = KeyStore(services.database)
    return CatchingUp(
        services.inbox, services.intake, services.rooms, keys, answered_for, services.clock
    )


@pytest.fixture
def catching_up(services: Services) -> CatchingUp:
    return looking(services)


async def known(services: Services, id_: int, at: datetime, room: Room = CHANNEL) -> None:
    await services.inbox.accept(replace(asked(id_, room=room), created_at=at), NOON)


def old(id_: int, room: Room = CHANNEL) -> Incoming:
    return replace(asked(id_, room=room), created_at=NOON - HOUR)


async def test_who_answers_nothing_missed_does_not_look(services: Services) -> None:
    await known(services, 1, NOON)
    assert await looking(services, timedelta()).since() is None


async def test_without_any_question_only_what_is_still_answered_is_looked_for(
    catching_up: CatchingUp,
) -> None:
    assert await catching_up.since() == NOON - BOUND


async def test_what_came_shortly_before_the_newest_question_is_looked_for_again(
    services: Services, catching_up: CatchingUp
) -> None:
    await known(services, 1, NOON - HOUR)
    await known(services, 2, NOON - 2 * HOUR)
    assert await catching_up.since() == NOON - HOUR - MARGIN


async def test_after_a_long_time_only_a_day_is_looked_through(
    services: Services, catching_up: CatchingUp
) -> None:
    await known(services, 1, NOON - 48 * HOUR)
    assert await catching_up.since() == NOON - FARTHEST
    assert catching_up.within_reach(NOON - 48 * HOUR) == NOON - FARTHEST
    assert catching_up.within_reach(NOON - HOUR) == NOON - HOUR


async def test_a_look_that_is_owed_outlives_a_restart_and_newer_questions(
    services: Services, catching_up: CatchingUp
) -> None:
    await catching_up.owe(NOON - 3 * HOUR)
    await known(services, 1, NOON)
    assert await looking(services).since() == NOON - 3 * HOUR
    await known(services, 2, NOON - 4 * HOUR)
    await catching_up.owe(None)
    assert await looking(services).since() == NOON - MARGIN


async def test_what_is_owed_for_less_than_was_missed_hides_nothing(
    services: Services, catching_up: CatchingUp
) -> None:
    await catching_up.owe(NOON - HOUR)
    await known(services, 1, NOON - 3 * HOUR)
    assert await catching_up.since() == NOON - 3 * HOUR - MARGIN


async def test_dms_of_the_last_weeks_are_looked_through(
    services: Services, catching_up: CatchingUp
) -> None:
    await known(services, 1, NOON, DM)
    await known(services, 2, NOON, CHANNEL)
    await known(services, 3, NOON - timedelta(days=29), Room(channel_id=21))
    await known(services, 4, NOON - timedelta(days=31), Room(channel_id=22))
    assert await catching_up.private_rooms() == [
        Candidate(DM.id, Kind.DM, None), Candidate(21, Kind.DM, None),
    ]  # fmt: skip


def test_a_question_is_answered_up_to_its_bound(catching_up: CatchingUp) -> None:
    assert catching_up.is_young(NOON - BOUND)
    assert not catching_up.is_young(NOON - BOUND - timedelta(seconds=1))


async def test_a_room_hears_once_that_its_questions_are_too_old(
    services: Services, catching_up: CatchingUp
) -> None:
    told = [await catching_up.take_too_old(old(n)) for n in (1, 2, 1)]
    assert told == [WE_WERE_AWAY, None, None]
    assert await catching_up.take_too_old(old(3, THREAD)) == WE_WERE_AWAY
    states = [await services.inbox.state(n) for n in (1, 2, 3)]
    assert states == ["received", "failed", "received"]


async def test_after_the_next_time_away_a_room_hears_it_again(catching_up: CatchingUp) -> None:
    assert await catching_up.take_too_old(old(1)) == WE_WERE_AWAY
    await catching_up.since()
    assert await catching_up.take_too_old(old(2)) == WE_WERE_AWAY


async def test_what_could_not_be_kept_is_taken_by_the_next_look(
    services: Services, catching_up: CatchingUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseError("database_unavailable", "Not now.")

    for store, method in ((services.rooms, "rules"), (services.inbox, "accept")):
        with monkeypatch.context() as patch:
            patch.setattr(store, method, fail)
            with pytest.raises(DatabaseError):
                await catching_up.take_too_old(old(1))
        assert await services.inbox.state(1) is None
    assert await catching_up.take_too_old(old(1)) == WE_WERE_AWAY


async def test_what_we_knew_of_is_not_called_missed(
    services: Services, catching_up: CatchingUp
) -> None:
    await known(services, 1, NOON - HOUR)
    assert await catching_up.take_too_old(old(1)) is None
    assert await services.inbox.state(1) == "received"


async def test_a_room_that_is_not_answered_hears_nothing(
    services: Services, catching_up: CatchingUp
) -> None:
    place = Place(Scope.CHANNEL, CHANNEL.channel_id, CHANNEL.guild_id)
    await services.rooms.set(place, "answer", "denied", MODERATOR)
    assert await catching_up.take_too_old(old(1)) is None
    assert await services.inbox.state(1) == "failed"
    assert await catching_up.once(old(2)) is None
    await services.rooms.reset(place, "answer", MODERATOR)
    assert await catching_up.once(old(2)) == WE_WERE_AWAY


async def test_of_questions_that_a_stop_left_too_old_each_room_is_told_once(
    services: Services, catching_up: CatchingUp
) -> None:
    assert await catching_up.once(old(1)) == WE_WERE_AWAY
    assert await catching_up.once(old(2)) is None
    assert await catching_up.once(old(3, DM)) == WE_WERE_AWAY
    assert await catching_up.take_too_old(old(4)) is None
    assert await services.inbox.state(4) == "failed"
