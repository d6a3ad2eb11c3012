"""Personas: written in modals, kept for a server or a DM, used in rooms."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain.rooms import Place, Scope
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.state import Channel, Interaction
from tests.e2e.server import Server, serving
from tests.e2e.world import GOLDEN

PIRATE = {"name": "Pirate", "prompt": "You sail the seas.", "voice": "onyx"}


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    async with serving(folder, PERSONAS_MAX="2", PERSONA_MAX_CHARS="100") as server:
        yield server


async def add(server: Server, who: MemberClient, channel: Channel, **fields: str) -> str:
    opened = await server.open_modal(who, "persona add", channel)
    return (await who.response(who.submit(opened, **fields))).content


def fields_of(opened: Interaction) -> dict[str, dict[str, object]]:
    """The inputs of a modal by their custom ids."""
    assert opened.modal is not None
    inputs = [row["component"] for row in opened.modal["components"]]
    return {each["custom_id"]: each for each in inputs}


def keeper(server: Server, kind: str) -> tuple[MemberClient, MemberClient, Channel]:
    """Who keeps the personas there, who moderates the room, and the room."""
    if kind == "dm":
        return server.member, server.member, server.member.dm_channel
    return server.manager, server.moderator, server.rooms[kind]


@pytest.mark.parametrize("kind", ["channel", "thread", "post", "dm"])
async def test_one_is_added_used_edited_and_removed(server: Server, kind: str) -> None:
    who, moderator, channel = keeper(server, kind)
    assert "There are no personas yet" in await server.use(who, "persona list", channel)
    assert "**Pirate**" in await add(server, who, channel, **PIRATE)
    used = await server.use(moderator, "persona use", channel, name="pirate")
    assert "From now on I am **Pirate** here" in used
    listed = await server.use(server.member, "persona list", channel)
    assert "- **Pirate** · voice onyx" in listed
    assert "Here I am Pirate." in listed

    opened = await server.open_modal(who, "persona edit", channel, name="Pirate")
    assert fields_of(opened)["prompt"]["value"] == "You sail the seas."
    assert set(fields_of(opened)) == {"prompt", "voice"}
    edited = await who.response(who.submit(opened, prompt="You cook.", voice=""))
    assert "**Pirate** is changed" in edited.content
    await who.response(who.slash("persona list", channel))

    removed = await server.use(who, "persona remove", channel, name="Pirate")
    assert "is removed" in removed
    assert "You cook." in removed
    assert "Here I am" not in await server.use(server.member, "persona list", channel)


async def test_the_model_is_told_who_it_is_and_speaks_with_its_voice(server: Server) -> None:
    await add(server, server.manager, server.lounge, **PIRATE)
    await server.use(server.moderator, "persona use", server.lounge, name="Pirate")
    await server.use(server.moderator, "voice set", server.lounge, voice="persona")
    mention = server.talk.discord.mention
    await server.talk.answer(server.member.say(server.lounge, f"{mention} {GOLDEN}"))
    asked = server.talk.chat.completions_seen[-1]
    assert asked["audio"]["voice"] == "onyx"
    assert "You are Pirate. You sail the seas." in str(asked["messages"][0])


async def test_none_takes_off_what_a_room_inherits(server: Server) -> None:
    await add(server, server.manager, server.lounge, **PIRATE)
    await server.use(
        server.moderator, "persona use", server.lounge, name="Pirate", room=server.category
    )
    assert "Here I am Pirate" in await server.use(server.member, "persona list", server.lounge)
    said = await server.use(server.moderator, "persona use", server.lounge, name="none")
    assert "I am no persona here" in said
    assert "Here I am" not in await server.use(server.member, "persona list", server.lounge)
    kept = server.stored(Place(Scope.CATEGORY, server.category.id, server.talk.discord.guild.id))
    assert kept == {"persona": "Pirate"}


async def test_what_cannot_be_taken_is_refused_with_the_reason(server: Server) -> None:
    manager, lounge = server.manager, server.lounge
    refusals = {
        "another": {"name": "none", "prompt": "You are nobody."},
        "no such voice": {"name": "Robot", "prompt": "You beep.", "voice": "robot"},
        "1 to 40 characters": {"name": "  ", "prompt": "You are blank."},
    }
    for reason, fields in refusals.items():
        assert reason in await add(server, manager, lounge, **fields)
    await add(server, manager, lounge, **PIRATE)
    assert "of that name already" in await add(server, manager, lounge, **PIRATE)
    await add(server, manager, lounge, name="Muse", prompt="You inspire.")
    full = await add(server, manager, lounge, name="Cook", prompt="You cook.")
    assert "2 personas already" in full
    assert "no persona of that name" in await server.use(
        manager, "persona edit", lounge, name="Cook"
    )
    assert "no persona of that name" in await server.use(
        server.moderator, "persona use", lounge, name="Cook"
    )


async def test_a_prompt_is_as_long_as_whoever_runs_the_bot_allows(server: Server) -> None:
    opened = await server.open_modal(server.manager, "persona add", server.lounge)
    assert fields_of(opened)["prompt"]["max_length"] == 100
    forged = server.forge_modal(
        server.manager, opened, {"name": "Long", "prompt": "a" * 101, "voice": ""}
    )
    assert "100" in (await server.manager.response(forged)).content
    assert "no personas" in await server.use(server.member, "persona list", server.lounge)


async def test_names_are_suggested_from_the_library_of_the_place_alone(server: Server) -> None:
    await add(server, server.manager, server.lounge, **PIRATE)
    await add(server, server.member, server.member.dm_channel, name="Secret", prompt="You hide.")
    who = server.moderator
    for command, more in (("edit", []), ("remove", []), ("use", ["none"])):
        found = await who.suggestions(f"persona {command}", server.lounge, option="name")
        assert [each["value"] for each in found] == [*more, "Pirate"]
        assert await who.suggestions(f"persona {command}", who.dm_channel, option="name") == [
            {"name": each, "value": each} for each in more
        ]


async def test_a_modal_of_a_persona_that_is_gone_meanwhile_changes_nothing(server: Server) -> None:
    manager, lounge = server.manager, server.lounge
    await add(server, manager, lounge, **PIRATE)
    opened = await server.open_modal(manager, "persona edit", lounge, name="Pirate")
    await server.use(manager, "persona remove", lounge, name="Pirate")
    said = await manager.response(manager.submit(opened, prompt="You swim."))
    assert "removed meanwhile" in said.content
    assert "no personas" in await server.use(server.member, "persona list", lounge)
