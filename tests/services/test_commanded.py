"""What is asked by command takes the same way, and is no part of the talk of its room."""

import pytest

from bot.domain.access import Actor, Rights
from bot.domain.incoming import Address, Caller
from bot.domain.rooms import Place, Room, Scope
from bot.errors import Refused
from bot.services.commanded import Commanded
from bot.storage.database import Database
from tests.fakes import ADA, BOB, CHANNEL, THREAD, RecordingOutlet, asked
from tests.services.world import Services, build_services, history

MODERATOR = Actor(1, Rights(manage_channels=True))
PLACE = Place(Scope.CHANNEL, CHANNEL.channel_id, CHANNEL.guild_id)
GUEST = Room(CHANNEL.channel_id, CHANNEL.guild_id, guest=True)


@pytest.fixture
def services(database: Database) -> Services:
    return build_services(database)


def commanded(services: Services) -> Commanded:
    return Commanded(services.rooms, services.intake, services.replies, services.turnstile)


async def test_a_thread_does_not_go_on_from_what_was_answered_apart(services: Services) -> None:
    apart = asked(1, "My name is Ada.", room=THREAD, address=Address.COMMAND)
    await commanded(services).answer(apart, RecordingOutlet())
    await services.ask(asked(2, room=THREAD, member=BOB))
    assert history(services.speaker.heard[-1]) == []


async def test_what_is_answered_apart_does_not_go_on_from_the_thread(services: Services) -> None:
    await services.ask(asked(1, "My name is Ada.", room=THREAD))
    apart = asked(2, room=THREAD, member=BOB, address=Address.COMMAND)
    await commanded(services).answer(apart, RecordingOutlet())
    assert history(services.speaker.heard[-1]) == []


async def test_the_same_use_is_answered_once(services: Services) -> None:
    apart = asked(1, address=Address.COMMAND)
    for _ in range(2):
        await commanded(services).answer(apart, RecordingOutlet())
    assert len(services.speaker.heard) == 1


async def test_a_command_that_a_stop_cut_short_is_over(services: Services) -> None:
    await services.accept(asked(1, address=Address.COMMAND))
    await services.accept(asked(2))
    assert [each.message_id for each in (await services.recover()).young] == [2]
    assert await services.inbox.state(1) == "failed"


async def test_a_fixed_voice_may_still_be_named(services: Services) -> None:
    await services.rooms.set(PLACE, "voice", "coral", MODERATOR)
    await services.rooms.set(PLACE, "voice_lock", "on", MODERATOR)
    caller = Caller(CHANNEL, ADA)
    assert await commanded(services).require(caller, "Coral") == "coral"
    with pytest.raises(Refused, match="voice_locked"):
        await commanded(services).require(caller, "onyx")


async def test_a_guest_is_bound_by_nothing_that_is_set_for_the_place(services: Services) -> None:
    await services.rooms.set(PLACE, "answer", "denied", MODERATOR)
    await commanded(services).require(Caller(GUEST, ADA))
    with pytest.raises(Refused, match="room_denied"):
        await commanded(services).require(Caller(CHANNEL, ADA))


def test_a_guests_room_is_no_dm_and_has_only_the_member() -> None:
    assert not Room(20, guest=True).is_dm
    assert [place.scope for place in GUEST.places(ADA.id)] == [Scope.MEMBER]
