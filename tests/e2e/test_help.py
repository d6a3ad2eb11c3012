"""/help shows what its reader may do where they are; /about says what everybody should know."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

import bot
from bot.local.discord_server.command_rules import SUBCOMMAND
from cogs.help import ENTRIES
from tests.e2e.server import Server, serving

EVERYBODYS = {
    "ask", "settings panel", "settings show", "voice mine", "voice show", "voice reset",
    "voice preview", "persona list", "help", "about",
}  # fmt: skip
OF_ROOMS = {"voice set", "persona use", "doctor"}
OF_SERVERS = {"voice server", "persona add", "persona edit", "persona remove"}
IN_DM = EVERYBODYS | OF_ROOMS | OF_SERVERS - {"voice server"}


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    async with serving(folder, KEEP_AUDIO_DAYS="3") as server:
        yield server


def offered(text: str) -> set[str]:
    return set(re.findall(r"^- `/([a-z ]+)`", text, re.MULTILINE))


async def test_everybody_is_shown_what_they_may_do_here(server: Server) -> None:
    ranks = {
        "member": EVERYBODYS,
        "moderator": EVERYBODYS | OF_ROOMS,
        "manager": EVERYBODYS | OF_SERVERS,
        "operator": EVERYBODYS | OF_ROOMS | OF_SERVERS,
    }
    for rank, commands in ranks.items():
        who = getattr(server, rank)
        for room in server.rooms.values():
            said = await server.use(who, "help", room)
            assert "mention me" in said
            assert offered(said) == commands, rank
        assert offered(await server.use(who, "help", who.dm_channel)) == IN_DM
    elsewhere = await server.use(server.moderator, "help", server.talk.general)
    assert offered(elsewhere) == EVERYBODYS


async def test_every_command_there_is_has_its_line(server: Server) -> None:
    published = set()
    for command in server.talk.discord.world.state.commands[0]:
        if command.get("type", 1) != 1:
            continue
        subs = [each for each in command.get("options", ()) if each["type"] == SUBCOMMAND]
        published |= {f"{command['name']} {each['name']}" for each in subs} or {command["name"]}
    assert published == {entry.command for entry in ENTRIES}


@pytest.mark.parametrize("kind", ["channel", "thread", "post", "dm"])
async def test_about_says_what_it_is_what_is_kept_and_who_runs_it(
    server: Server, kind: str
) -> None:
    channel = server.rooms.get(kind) or server.member.dm_channel
    said = await server.use(server.member, "about", channel)
    assert "I am an AI" in said
    assert "`gpt-audio-1.5`" in said
    assert "Recordings that members send: 3 days" in said
    assert f"Runner (<@{server.operator.user.id}>)" in said
    assert f"Version {bot.__version__}" in said
