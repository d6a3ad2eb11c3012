"""Moderators choose voices; nobody else can."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest_asyncio

from bot.domain.voices import VOICES
from bot.local.discord_server import building
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.options import Value
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Channel, Message
from tests.e2e.world import GOLDEN, Talk, talking


@dataclass
class Server:
    """A server with a category, two rooms in it, and people of three ranks."""

    talk: Talk
    category: Channel
    lounge: Channel
    admin: MemberClient
    moderator: MemberClient
    member: MemberClient

    async def use(self, who: MemberClient, command: str, channel: Channel, **options: Value) -> str:
        """Use a slash command, and give the answer that only its user sees."""
        response = await who.response(who.slash(command, channel, **options))
        assert response.for_user_id == who.user.id
        return response.content

    async def voice_in(self, channel: Channel) -> str:
        """Ask something there, and tell in which voice the model was asked to speak."""
        question = self.member.say(channel, f"{self.talk.discord.mention} {GOLDEN}")
        await self.talk.answer(question)
        return str(self.talk.chat.completions_seen[-1]["audio"]["voice"])


@pytest_asyncio.fixture
async def talk(folder: Path) -> AsyncIterator[Talk]:
    """A bot that holds nobody to a rate: one member tries many voices."""
    async with talking(folder, MEMBER_RATE="0") as talk:
        yield talk


@pytest_asyncio.fixture
async def server(talk: Talk) -> Server:
    world, guild = talk.discord.world, talk.discord.guild
    category = building.add_channel(world, guild, "Rooms", ChannelType.CATEGORY)
    lounge = building.add_channel(world, guild, "lounge", parent=category)
    return Server(
        talk,
        category,
        lounge,
        admin=talk.discord.member("Admin", permissions=int(Permission.MANAGE_GUILD)),
        moderator=talk.discord.member("Mod", permissions=int(Permission.MANAGE_CHANNELS)),
        member=talk.discord.member("Bob"),
    )


async def test_this_room_unless_another_is_named(server: Server) -> None:
    said = await server.use(server.moderator, "voice set", server.lounge, voice="coral")
    assert "coral" in said
    assert str(server.lounge.id) in said
    assert await server.voice_in(server.lounge) == "coral"
    assert await server.voice_in(server.talk.general) == "alloy"
    general = server.talk.general
    await server.use(server.moderator, "voice set", server.lounge, voice="echo", room=general)
    assert await server.voice_in(general) == "echo"


async def test_nearer_places_win_and_a_reset_gives_the_room_back(server: Server) -> None:
    await server.use(server.admin, "voice server", server.lounge, voice="onyx")
    assert await server.voice_in(server.lounge) == "onyx"
    category = server.category
    await server.use(server.moderator, "voice set", server.lounge, voice="sage", room=category)
    assert await server.voice_in(server.lounge) == "sage"
    await server.use(server.moderator, "voice set", server.lounge, voice="nova")
    assert await server.voice_in(server.lounge) == "nova"
    assert "no voice of its own any more" in await server.use(
        server.moderator, "voice reset", server.lounge
    )
    assert await server.voice_in(server.lounge) == "sage"
    await server.use(server.moderator, "voice reset", server.lounge, room=category)
    await server.use(server.admin, "voice reset", server.lounge, server=True)
    assert await server.voice_in(server.lounge) == "alloy"


async def test_threads_inherit_and_may_have_their_own(server: Server) -> None:
    await server.use(server.moderator, "voice set", server.lounge, voice="fable")
    started = server.member.say(server.lounge, "A topic")
    thread = server.member.start_thread(started)
    assert await server.voice_in(thread) == "fable"
    await server.use(server.moderator, "voice set", thread, voice="ballad")
    assert await server.voice_in(thread) == "ballad"
    assert await server.voice_in(server.lounge) == "fable"


async def test_show_tells_the_voice_and_where_it_comes_from(server: Server) -> None:
    await server.use(server.admin, "voice server", server.lounge, voice="onyx")
    await server.use(server.moderator, "voice set", server.lounge, voice="nova")
    said = await server.use(server.member, "voice show", server.lounge)
    assert "Here I speak with the voice **nova**" in said
    assert said.index("this channel: nova") < said.index("this server: onyx")


async def test_members_and_moderators_change_nothing_that_is_not_theirs(server: Server) -> None:
    lounge = server.lounge
    refused = await server.use(server.member, "voice set", lounge, voice="coral")
    assert "Manage Channels" in refused
    assert "Manage Channels" in await server.use(server.member, "voice reset", lounge)
    refused = await server.use(server.moderator, "voice server", lounge, voice="coral")
    assert "Manage Server" in refused
    refused = await server.use(server.moderator, "voice reset", lounge, server=True)
    assert "Manage Server" in refused
    assert await server.voice_in(lounge) == "alloy"


async def test_rights_are_those_in_the_room_that_is_changed(server: Server) -> None:
    world, general = server.talk.discord.world, server.talk.general
    building.set_overwrite(
        world, server.lounge, server.member.user, allow=int(Permission.MANAGE_CHANNELS)
    )
    building.set_overwrite(
        world, general, server.moderator.user, deny=int(Permission.MANAGE_CHANNELS)
    )
    there = await server.use(server.member, "voice set", general, voice="coral", room=server.lounge)
    assert "coral" in there
    refused = await server.use(
        server.moderator, "voice set", server.lounge, voice="echo", room=general
    )
    assert "Manage Channels" in refused
    assert await server.voice_in(general) == "alloy"


async def test_every_voice_of_the_documents_and_custom_ones_can_be_chosen(
    server: Server,
) -> None:
    for voice in (*VOICES, "voice_1234"):
        await server.use(server.moderator, "voice set", server.lounge, voice=voice)
        chosen = await server.voice_in(server.lounge)
        assert voice in chosen
    assert server.talk.chat.completions_seen[-1]["audio"]["voice"] == {"id": "voice_1234"}


async def test_an_unknown_voice_is_refused_with_the_list(server: Server) -> None:
    said = await server.use(server.moderator, "voice set", server.lounge, voice="robot")
    assert "no such voice" in said
    assert all(voice in said for voice in VOICES)


async def test_voices_are_suggested_while_one_types(server: Server) -> None:
    suggestions = await server.moderator.suggestions(
        "voice set", server.lounge, option="voice", typed="S"
    )
    assert [s["value"] for s in suggestions] == [
        "sage",
        "shimmer",
        "ash",
        "verse",
        "persona",
    ]


async def test_in_a_dm_everybody_chooses_for_themselves(server: Server) -> None:
    dm = server.member.dm_channel
    said = await server.use(server.member, "voice set", dm, voice="shimmer")
    assert "Our conversation" in said
    question: Message = server.member.say(dm, GOLDEN)
    await server.member.answers(question, 2, timeout_s=20)
    assert server.talk.chat.completions_seen[-1]["audio"]["voice"] == "shimmer"
    assert "only be done in a server" in await server.use(
        server.member, "voice server", dm, voice="onyx"
    )


async def test_a_voice_that_the_model_does_not_have_is_named_to_the_member(
    server: Server,
) -> None:
    from bot.local.chat_server import faults

    server.talk.chat.faults.next(faults.voice_unknown)
    question = server.talk.mention(GOLDEN)
    [notice] = await server.talk.answer(question)
    assert "/voice set" in notice.content


async def test_everybody_chooses_the_voice_that_answers_them(server: Server) -> None:
    said = await server.use(server.member, "voice mine", server.lounge, voice="random")
    assert "I answer you with the voice **random**" in said
    await server.use(server.member, "voice mine", server.lounge, voice="echo")
    await server.use(server.moderator, "voice set", server.lounge, voice="sage")
    assert await server.voice_in(server.lounge) == "echo"
    assert await server.voice_in(server.talk.general) == "echo"
    said = await server.use(server.member, "voice reset", server.lounge, mine=True)
    assert "no voice of your own any more" in said
    assert await server.voice_in(server.lounge) == "sage"
    said = await server.use(server.member, "voice reset", server.lounge, mine=True)
    assert "had no voice of your own" in said


async def test_only_one_thing_is_reset_at_a_time(server: Server) -> None:
    said = await server.use(server.admin, "voice reset", server.lounge, mine=True, server=True)
    assert "Choose one" in said
    said = await server.use(
        server.admin, "voice reset", server.lounge, room=server.lounge, server=True
    )
    assert "Choose one" in said
