import pytest

from bot.domain.access import Rights
from bot.domain.rooms import Place, Room, Scope
from bot.errors import Refused
from tests.fakes import ADA, asked
from tests.services.world import Services

ROOM = Room(channel_id=10, guild_id=1, category_id=5)
CHANNEL, CATEGORY, SERVER = (
    Place(Scope.CHANNEL, 10, 1),
    Place(Scope.CATEGORY, 5, 1),
    Place(Scope.SERVER, 1, 1),
)
MODERATOR = Rights(manage_channels=True, manage_server=True)


async def test_the_chosen_voice_speaks_from_the_next_answer_on(services: Services) -> None:
    await services.ask(asked(1))
    await services.rooms.set_voice(CHANNEL, "Coral", ADA, MODERATOR)
    await services.ask(asked(2))
    assert [prompt.voice for prompt in services.speaker.heard] == ["alloy", "coral"]


async def test_a_room_shows_its_voice_and_all_it_would_inherit(services: Services) -> None:
    for place, voice in ((SERVER, "echo"), (CATEGORY, "onyx"), (CHANNEL, "sage")):
        await services.rooms.set_voice(place, voice, ADA, MODERATOR)
    overview = await services.rooms.overview(ROOM)
    assert overview.in_force.voice == "sage"
    assert [choice.voice for choice in overview.choices] == ["sage", "onyx", "echo", "alloy"]


async def test_a_reset_gives_the_room_back_to_what_it_inherits(services: Services) -> None:
    await services.rooms.set_voice(SERVER, "echo", ADA, MODERATOR)
    await services.rooms.set_voice(CHANNEL, "sage", ADA, MODERATOR)
    assert await services.rooms.reset_voice(CHANNEL, MODERATOR)
    assert not await services.rooms.reset_voice(CHANNEL, MODERATOR)
    assert (await services.rooms.overview(ROOM)).in_force.voice == "echo"


async def test_nobody_changes_or_resets_what_is_not_theirs(services: Services) -> None:
    with pytest.raises(Refused):
        await services.rooms.set_voice(CHANNEL, "coral", ADA, Rights())
    with pytest.raises(Refused):
        await services.rooms.reset_voice(SERVER, Rights(manage_channels=True))
    assert (await services.rooms.overview(ROOM)).in_force.voice == "alloy"
