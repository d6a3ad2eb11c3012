"""Users take the application along to places where the bot is no member."""

from typing import Any

import discord
import pytest
import pytest_asyncio

from bot.local.discord_server import building
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.options import NotOffered
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Interaction
from tests.local.discord_world import VOICE_FILE, Answer, Listener, RawApi, voice_payload

COMMANDS: list[dict[str, Any]] = [
    {
        "name": "ask", "description": "Ask", "contexts": [0, 1, 2], "integration_types": [0, 1],
    },
    {"name": "voice", "description": "Voices"},
    {"name": "Answer aloud", "type": 3, "contexts": [0, 1, 2], "integration_types": [0, 1]},
]  # fmt: skip


@pytest_asyncio.fixture
async def api(discord_server: DiscordServer, discord_api: RawApi) -> RawApi:
    path = f"/applications/{discord_server.world.bot_id}/commands"
    assert (await discord_api.call("PUT", path, COMMANDS)).status == 200
    return discord_api


@pytest.fixture
def eve(discord_server: DiscordServer) -> MemberClient:
    """Somebody who shares no server with the bot, but has it installed."""
    user = building.add_user(discord_server.world, "Eve")
    user.installed = True
    return MemberClient(discord_server.world, user)


@pytest.fixture
def elsewhere(discord_server: DiscordServer, eve: MemberClient) -> Channel:
    """A channel of a server without the bot."""
    world = discord_server.world
    guild = building.add_guild(world, "Elsewhere", eve.user.id, bot_permissions=None)
    return building.add_channel(world, guild, "lobby")


def member_of(server: DiscordServer, channel: Channel, name: str) -> MemberClient:
    user = building.add_user(server.world, name)
    user.installed = True
    building.join(server.world, server.world.state.guilds[channel.guild_id or 0], user.id)
    return MemberClient(server.world, user)


async def respond(api: RawApi, used: Interaction, kind: int, data: object = None) -> Answer:
    path = f"/interactions/{used.id}/{used.token}/callback?with_response=1"
    return await api.call("POST", path, {"type": kind, "data": data})


async def test_only_what_is_installed_for_users_is_offered_where_the_bot_is_not(
    discord_server: DiscordServer, api: RawApi, eve: MemberClient, elsewhere: Channel
) -> None:
    eve.slash("ask", elsewhere)
    with pytest.raises(NotOffered):
        eve.slash("voice", elsewhere)
    eve.user.installed = False
    with pytest.raises(NotOffered):
        eve.slash("ask", elsewhere)


async def test_the_bot_is_told_who_brought_it_and_where(
    discord_server: DiscordServer,
    api: RawApi,
    discord_client: Listener,
    eve: MemberClient,
    elsewhere: Channel,
) -> None:
    eve.slash("ask", elsewhere)
    interaction = await discord_client.interaction()
    assert interaction.is_user_integration()
    assert not interaction.is_guild_integration()
    assert interaction.context.guild
    assert interaction.app_permissions.send_voice_messages
    assert discord_client.get_guild(elsewhere.guild_id or 0) is None


@pytest.mark.parametrize(("others", "kind"), [(1, ChannelType.DM), (2, ChannelType.GROUP_DM)])
async def test_private_channels_of_others_are_a_place_of_their_own(
    discord_server: DiscordServer,
    api: RawApi,
    discord_client: Listener,
    eve: MemberClient,
    others: int,
    kind: ChannelType,
) -> None:
    world = discord_server.world
    friends = [building.add_user(world, f"Friend{n}") for n in range(others)]
    private = building.add_private_channel(world, eve.user, *friends)
    assert private.type is kind
    message = MemberClient(world, friends[0]).say(private, "hello")
    eve.use_on_message("Answer aloud", message)
    interaction = await discord_client.interaction()
    assert interaction.context.private_channel
    assert interaction.guild_id is None
    assert interaction.channel_id == private.id
    assert not interaction.app_permissions.send_voice_messages
    assert isinstance(interaction.channel, discord.DMChannel | discord.GroupChannel)


async def test_a_guest_has_five_follow_ups(
    discord_server: DiscordServer, api: RawApi, eve: MemberClient, elsewhere: Channel
) -> None:
    used = eve.slash("ask", elsewhere)
    assert (await respond(api, used, 4, {"content": "one"})).status == 200
    path = f"/webhooks/{discord_server.world.bot_id}/{used.token}?wait=1"
    answers = [await api.call("POST", path, {"content": str(n)}) for n in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [403]
    assert answers[-1].body["code"] == 40094
    assert len(discord_server.world.messages_in(elsewhere.id)) == 6


async def test_a_server_may_let_others_applications_only_whisper(
    discord_server: DiscordServer, api: RawApi, elsewhere: Channel
) -> None:
    fred = member_of(discord_server, elsewhere, "Fred")
    building.set_overwrite(
        discord_server.world, elsewhere, fred.user, deny=int(Permission.USE_EXTERNAL_APPS)
    )
    used = fred.slash("ask", elsewhere)
    assert (await respond(api, used, 4, {"content": "one"})).status == 200
    assert (await fred.response(used)).for_user_id == fred.user.id


async def test_no_voice_message_where_the_place_does_not_allow_it(
    discord_server: DiscordServer, api: RawApi, eve: MemberClient
) -> None:
    friend = building.add_user(discord_server.world, "Friend")
    private = building.add_private_channel(discord_server.world, eve.user, friend)
    used = eve.slash("ask", private)
    assert (await respond(api, used, 5)).status == 200
    await api.call(
        "PATCH",
        f"/webhooks/{discord_server.world.bot_id}/{used.token}/messages/@original",
        {"content": "words"},
    )
    path = f"/webhooks/{discord_server.world.bot_id}/{used.token}?wait=1"
    refused = await api.call("POST", path, voice_payload(), [VOICE_FILE])
    assert refused.body["code"] == 50173


async def test_the_bot_is_told_nothing_of_places_where_it_is_not(
    discord_server: DiscordServer, api: RawApi, discord_client: Listener, eve: MemberClient,
    elsewhere: Channel,
) -> None:  # fmt: skip
    eve.say(elsewhere, f"{discord_server.mention} hello")
    friend = building.add_user(discord_server.world, "Friend")
    eve.say(building.add_private_channel(discord_server.world, eve.user, friend), "secret")
    heard = discord_server.member("Ada").say(discord_server.general, "hi")
    assert (await discord_client.message()).id == heard.id
