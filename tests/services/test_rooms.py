from datetime import timedelta

import pytest

from bot.domain.access import Actor, Rights
from bot.domain.personas import NO_PERSONA
from bot.domain.rooms import Place, Room, Scope
from bot.domain.setting_limits import suggest
from bot.errors import Refused
from tests.fakes import ADA, BOB, asked
from tests.services.world import Services

ROOM = Room(channel_id=10, guild_id=1, category_id=5)
CHANNEL, CATEGORY, SERVER = (
    Place(Scope.CHANNEL, 10, 1),
    Place(Scope.CATEGORY, 5, 1),
    Place(Scope.SERVER, 1, 1),
)
DM_ROOM, DM = Room(20), Place(Scope.CHANNEL, 20, None)
MODERATOR = Actor(ADA.id, Rights(manage_channels=True, manage_server=True))
ADA_HERSELF = Actor(ADA.id)
ADA_IN_HER_DM = Actor(ADA.id, Rights(own_dm=True))
OWN = Place(Scope.MEMBER, ADA.id, None)


async def test_the_chosen_voice_speaks_from_the_next_answer_on(services: Services) -> None:
    await services.ask(asked(1))
    await services.rooms.set(CHANNEL, "voice", "Coral", MODERATOR)
    await services.ask(asked(2))
    assert [prompt.voice for prompt in services.speaker.heard] == ["alloy", "coral"]


async def test_a_member_hears_the_voice_they_chose_and_others_that_of_the_room(
    services: Services,
) -> None:
    await services.rooms.set(OWN, "voice", "sage", ADA_HERSELF)
    await services.ask(asked(1, member=ADA))
    await services.ask(asked(2, member=BOB))
    await services.rooms.set(CHANNEL, "voice_lock", "on", MODERATOR)
    await services.ask(asked(3, member=ADA))
    assert [prompt.voice for prompt in services.speaker.heard] == ["sage", "alloy", "alloy"]


async def test_a_room_tells_its_voice_and_all_it_would_inherit(services: Services) -> None:
    for place, voice in ((SERVER, "echo"), (CATEGORY, "onyx"), (CHANNEL, "sage")):
        await services.rooms.set(place, "voice", voice, MODERATOR)
    rules = await services.rooms.rules(ROOM, ADA.id)
    assert [choice.value for choice in rules.voices] == ["sage", "onyx", "echo", "alloy"]


async def test_a_reset_gives_the_room_back_to_what_it_inherits(services: Services) -> None:
    await services.rooms.set(SERVER, "voice", "echo", MODERATOR)
    await services.rooms.set(CHANNEL, "voice", "sage", MODERATOR)
    assert (await services.rooms.reset(CHANNEL, "voice", MODERATOR)).change
    assert not (await services.rooms.reset(CHANNEL, "voice", MODERATOR)).change
    assert (await services.rooms.rules(ROOM, ADA.id)).voice.value == "echo"


async def test_an_undo_brings_back_what_was_before(services: Services) -> None:
    await services.rooms.set(CHANNEL, "language", "German", MODERATOR)
    outcome = await services.rooms.set(CHANNEL, "language", "fr", MODERATOR)
    assert outcome.shown == "French (Français)"
    undone = await services.rooms.undo(CHANNEL, MODERATOR)
    assert undone.shown == "German (Deutsch)"
    assert (await services.rooms.undo(CHANNEL, MODERATOR)).shown is None
    with pytest.raises(Refused, match="nothing left"):
        await services.rooms.undo(CHANNEL, MODERATOR)


async def test_an_undo_leaves_alone_what_somebody_else_changed_since(services: Services) -> None:
    first = await services.rooms.set(CHANNEL, "voice", "ash", MODERATOR)
    await services.rooms.set(CHANNEL, "voice", "sage", MODERATOR)
    assert first.change is not None
    with pytest.raises(Refused, match="changed again"):
        await services.rooms.undo(CHANNEL, MODERATOR, first.change.id)
    assert (await services.rooms.rules(ROOM, ADA.id)).voice.value == "sage"


async def test_what_cannot_be_set_somewhere_is_refused_with_where_it_can(
    services: Services,
) -> None:
    with pytest.raises(Refused, match="a thread or a channel or a category"):
        await services.rooms.set(SERVER, "listen", "on", MODERATOR)
    with pytest.raises(Refused, match="means nothing in a DM"):
        await services.rooms.set(DM, "roles_allowed", "1", ADA_IN_HER_DM)
    with pytest.raises(Refused, match="no such setting"):
        await services.rooms.set(CHANNEL, "colour", "red", MODERATOR)


async def test_a_persona_is_added_used_edited_and_removed(services: Services) -> None:
    personas, rooms = services.personas, services.rooms
    await personas.add(SERVER, "The  Pirate", "You sail.", "Echo", MODERATOR)
    outcome = await rooms.set(CHANNEL, "persona", "the pirate", MODERATOR)
    assert outcome.shown == "The Pirate"
    await rooms.set(CHANNEL, "voice", "persona", MODERATOR)
    rules = await rooms.rules(ROOM, ADA.id)
    assert rules.instructions == "Be brief.\n\nYou are The Pirate. You sail."
    assert rules.speaking_voices(1) == ("echo", "alloy")
    await personas.edit(SERVER, "THE PIRATE", "You sail far.", "", MODERATOR)
    rules = await rooms.rules(ROOM, ADA.id)
    assert "You sail far." in rules.instructions
    assert rules.speaking_voices(1) == ("alloy",)
    await personas.remove(SERVER, "the pirate", MODERATOR)
    assert (await rooms.rules(ROOM, ADA.id)).persona.value is None
    with pytest.raises(Refused, match="no persona of that name"):
        await personas.edit(SERVER, "the pirate", "x", None, MODERATOR)


async def test_a_room_can_do_without_the_persona_of_its_server(services: Services) -> None:
    await services.personas.add(SERVER, "Pirate", "You sail.", None, MODERATOR)
    await services.rooms.set(SERVER, "persona", "Pirate", MODERATOR)
    await services.rooms.set(CHANNEL, "persona", NO_PERSONA, MODERATOR)
    rules = await services.rooms.rules(ROOM, ADA.id)
    assert (rules.persona.value, rules.persona.scope) == (None, Scope.CHANNEL)
    assert rules.instructions == "Be brief."


async def test_a_member_keeps_personas_for_their_dm_alone(services: Services) -> None:
    bob = Actor(BOB.id, Rights(own_dm=True))
    await services.personas.add(DM, "Muse", "You rhyme.", None, ADA_IN_HER_DM)
    await services.rooms.set(DM, "persona", "muse", ADA_IN_HER_DM)
    rules = await services.rooms.rules(DM_ROOM, ADA.id)
    assert rules.persona.value is not None
    assert await services.personas.all(Place(Scope.CHANNEL, 21, None), bob) == []
    with pytest.raises(Refused):
        await services.personas.all(DM, ADA_HERSELF)


async def test_personas_keep_to_the_limits_of_the_owner(services: Services) -> None:
    add = services.personas.add
    for name, prompt, voice, code in (
        ("x" * 41, "p", None, "persona_name"),
        ("None", "p", None, "persona_name"),
        ("Long", "p" * 101, None, "persona_too_long"),
        ("Empty", "  ", None, "persona_empty"),
        ("Loud", "p", "shout", "voice_unknown"),
    ):
        with pytest.raises(Refused) as caught:
            await add(SERVER, name, prompt, voice, MODERATOR)
        assert caught.value.code == code
    for name in ("One", "Two", "Three"):
        await add(SERVER, name, "p", None, MODERATOR)
    with pytest.raises(Refused, match="as many as"):
        await add(SERVER, "Four", "p", None, MODERATOR)
    with pytest.raises(Refused, match="already"):
        await add(SERVER, "one", "p", None, MODERATOR)


async def test_suggestions_are_what_may_be_chosen_here(services: Services) -> None:
    await services.personas.add(SERVER, "Pirate", "You sail.", None, MODERATOR)
    rooms = services.rooms

    async def suggested(name: str, typed: str = "") -> list[str]:
        options = suggest(await rooms.options(name, CHANNEL, ADA.id), typed)
        return [option.value for option in options]

    assert await suggested("persona") == ["none", "Pirate"]
    assert await suggested("model") == ["gpt-audio-1.5", "gpt-audio-mini"]
    assert await suggested("language", "deu") == ["de"]
    assert (await suggested("voice", "s"))[:2] == ["sage", "shimmer"]
    assert len(await suggested("language")) == 25
    assert await suggested("seed") == []
    assert await suggested("answer_tokens") == ["256", "500"]


async def test_settings_of_places_that_are_gone_are_kept_30_days(services: Services) -> None:
    keep = services.housekeeping
    await services.rooms.set(CHANNEL, "voice", "ash", MODERATOR)
    await services.rooms.set(SERVER, "voice", "echo", MODERATOR)
    await keep.place_gone((Scope.CHANNEL, CHANNEL.id))
    services.clock.pass_time(timedelta(days=30))
    await keep.tidy()
    assert (await services.rooms.rules(ROOM, ADA.id)).voice.value == "ash"
    services.clock.pass_time(timedelta(seconds=1))
    await keep.tidy()
    assert (await services.rooms.rules(ROOM, ADA.id)).voice.value == "echo"
