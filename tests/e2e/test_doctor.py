"""/doctor: what works in a room and what does not, for those who may mend it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
import pytest_asyncio

from bot.audio.service import AudioWorker
from bot.errors import AudioError
from bot.local.discord_server import building
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel
from bot.services.commanded import Commanded
from tests.e2e.scene import Scene, scene
from tests.e2e.world import GOLDEN, talking

FINE = ("all permissions are there", "10 MiB", "the database answers", "audio worker", "the key is")


@pytest_asyncio.fixture
async def home(folder: Path) -> AsyncIterator[Scene]:
    async with scene(folder) as made:
        yield made


def moderator(home: Scene, name: str = "Mod") -> MemberClient:
    return home.talk.discord.member(name, permissions=int(Permission.MANAGE_CHANNELS))


async def report(who: MemberClient, room: Channel) -> str:
    """Use the command, and give what its user alone is told."""
    used = who.slash("doctor", room)
    first = await who.response(used, timeout_s=20)
    assert first.for_user_id == who.user.id
    return first.content


def forget_keys(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "bot.db")) as database, database:
        database.execute("drop table keys")


@pytest.mark.parametrize("kind", ["channel", "thread", "post", "dm"])
async def test_everything_that_works_is_named(home: Scene, kind: str) -> None:
    who = home.ada if kind == "dm" else moderator(home)
    room = who.dm_channel if kind == "dm" else home.room(kind)
    said = await report(who, room)
    for part in FINE[1:] if kind == "dm" else FINE:
        assert part in said
    assert "❌" not in said
    assert "Message Content intent is off" in said


async def test_what_the_server_withholds_is_mended_by_the_invite_link(folder: Path) -> None:
    discord = DiscordServer()
    guild = discord.guild
    for role in (building.bot_role(discord.world, guild), guild.roles[guild.id]):
        role.permissions &= ~int(Permission.SEND_VOICE_MESSAGES)
    mod = discord.member("Mod", permissions=int(Permission.MANAGE_CHANNELS))
    async with talking(folder, discord=discord):
        said = await report(mod, discord.general)
    assert "voice messages does not work: missing Send Voice Messages" in said
    assert "70677981940800" in said


async def test_what_the_room_withholds_is_mended_in_its_settings(home: Scene) -> None:
    world = home.talk.discord.world
    role = building.bot_role(world, home.talk.discord.guild)
    building.set_overwrite(world, home.lounge, role, deny=int(Permission.ATTACH_FILES))
    said = await report(moderator(home), home.lounge)
    assert "sound and long transcripts as files does not work: missing Attach Files" in said
    assert "this channel's settings" in said
    assert "all permissions are there" in await report(moderator(home), home.talk.general)


async def test_parts_that_fail_are_named_and_hold_nothing_up(
    home: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken_sound(*_: object, **__: object) -> None:
        raise AudioError("worker_died", "The sound could not be made.")

    monkeypatch.setattr(AudioWorker, "voice_clip", broken_sound)
    await asyncio.to_thread(forget_keys, home.talk.folder)
    said = await report(moderator(home), home.lounge)
    assert "❌ The sound could not be made." in said
    assert "❌ My memory is out of order" in said
    assert said.count("❌") == 2


async def test_the_last_error_is_told_by_its_number_but_not_to_other_servers(
    home: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def explode(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(Commanded, "require", explode)
    told = await home.refusal(home.ada, "ask", home.lounge, text=GOLDEN)
    number = told.split("`")[1]
    said = await report(moderator(home), home.lounge)
    assert number in said
    assert "secret detail" not in said
    assert number not in await report(home.bob, home.bob.dm_channel)


async def test_only_moderators_are_told_and_the_owner_of_the_bot_everything(home: Scene) -> None:
    refused = await home.refusal(home.ada, "doctor", home.lounge)
    assert "Manage Channels" in refused
    discord = home.talk.discord
    owner = MemberClient(
        discord.world, discord.world.user(discord.world.state.application.owner_id)
    )
    building.add_guild(discord.world, "Narrow", home.ada.user.id, bot_permissions=0)
    said = await report(owner, home.lounge)
    assert "server Narrow" in said
    assert "server Narrow" not in await report(moderator(home), home.lounge)
