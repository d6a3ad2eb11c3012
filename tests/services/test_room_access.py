"""Setting, resetting and undoing, tried by everybody everywhere, on a real database."""

from collections.abc import Awaitable, Callable
from itertools import product

import pytest

from bot.domain.access import Actor, Rights
from bot.domain.room_settings import SETTINGS, settings_for
from bot.domain.rooms import Place, Scope
from bot.domain.setting_limits import is_offered
from bot.errors import Refused
from bot.services.rooms import Rooms
from tests.fakes import ADA, BOB
from tests.services.world import OWNER, Services

PLACES = {
    "own choices": Place(Scope.MEMBER, ADA.id, None),
    "choices of another": Place(Scope.MEMBER, BOB.id, None),
    "thread": Place(Scope.THREAD, 4, 1),
    "forum post": Place(Scope.THREAD, 5, 1),
    "channel": Place(Scope.CHANNEL, 3, 1),
    "category": Place(Scope.CATEGORY, 2, 1),
    "server": Place(Scope.SERVER, 1, 1),
    "dm": Place(Scope.CHANNEL, 9, None),
}
RANKS = {
    "member": Rights(),
    "moderator there": Rights(manage_channels=True),
    "administrator": Rights(manage_channels=True, manage_server=True),
    "manager of the server alone": Rights(manage_server=True),
    "in their own DM": Rights(own_dm=True),
    "owner": Rights(owner=True),
}
IN_ROOMS = {"moderator there", "administrator", "owner"}
CHANGED_BY = {
    "own choices": set(RANKS),
    "choices of another": set[str](),
    "thread": IN_ROOMS,
    "forum post": IN_ROOMS,
    "channel": IN_ROOMS,
    "category": IN_ROOMS,
    "server": {"administrator", "manager of the server alone", "owner"},
    "dm": {"in their own DM"},
}
TRIES: dict[str, Callable[[Rooms, Place, Actor], Awaitable[object]]] = {
    "set": lambda rooms, place, actor: rooms.set(place, "voice", "sage", actor),
    "reset": lambda rooms, place, actor: rooms.reset(place, "voice", actor),
    "reset all": lambda rooms, place, actor: rooms.reset_all(place, actor),
    "undo": lambda rooms, place, actor: rooms.undo(place, actor),
}
AFTER = {"set": "sage", "reset": None, "reset all": None, "undo": "ash"}


def whose_it_is(place: Place) -> Actor:
    """Name somebody who may change the place."""
    if place.scope is Scope.MEMBER:
        return Actor(place.id)
    return Actor(999, Rights(own_dm=True) if place.is_dm else Rights(True, True))


@pytest.mark.parametrize("name", PLACES)
@pytest.mark.parametrize("rank", RANKS)
async def test_each_changes_what_is_theirs_and_nothing_else(
    services: Services, name: str, rank: str
) -> None:
    place, actor, rooms = PLACES[name], Actor(ADA.id, RANKS[rank]), services.rooms
    for what, attempt in TRIES.items():
        await rooms.set(place, "voice", "ash", whose_it_is(place))
        await rooms.set(place, "voice", "coral", whose_it_is(place))
        if rank in CHANGED_BY[name]:
            await attempt(rooms, place, actor)
            assert (await rooms.settings_of(place)).get("voice") == AFTER[what]
        else:
            with pytest.raises(Refused):
                await attempt(rooms, place, actor)
            assert await rooms.settings_of(place) == {"voice": "coral"}


@pytest.mark.parametrize(("name", "rank"), list(product(("server", "dm"), RANKS)))
async def test_personas_are_kept_by_who_manages_the_server_or_in_ones_own_dm(
    services: Services, name: str, rank: str
) -> None:
    home, actor = PLACES[name], Actor(ADA.id, RANKS[rank])
    if rank in CHANGED_BY[name]:
        await services.personas.add(home, "Pirate", "You sail.", None, actor)
        await services.personas.edit(home, "Pirate", "You swim.", None, actor)
        await services.personas.remove(home, "Pirate", actor)
        return
    await services.personas.add(home, "Pirate", "You sail.", None, whose_it_is(home))
    for attempt in (
        services.personas.add(home, "Cook", "You cook.", None, actor),
        services.personas.edit(home, "Pirate", "You swim.", None, actor),
        services.personas.remove(home, "Pirate", actor),
    ):
        with pytest.raises(Refused):
            await attempt
    assert len(await services.personas.all(home, whose_it_is(home))) == 1


@pytest.mark.parametrize("name", PLACES)
async def test_every_setting_of_a_place_can_be_set_there_and_no_other(
    services: Services, name: str
) -> None:
    place, rooms = PLACES[name], services.rooms
    for setting in SETTINGS:
        typed = {"roles_allowed": "1", "roles_denied": "2", "seed": "1"}.get(setting.name)
        options = await rooms.options(setting.name, place, ADA.id)
        value = typed or (options[0].value if options else "0.5")
        if setting in settings_for(place) and is_offered(setting, OWNER):
            assert (await rooms.set(place, setting.name, value, whose_it_is(place))).value == value
        else:
            with pytest.raises(Refused):
                await rooms.set(place, setting.name, value, whose_it_is(place))
