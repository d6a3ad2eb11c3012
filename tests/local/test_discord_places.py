"""Threads, forums, direct messages and servers over REST."""

import pytest

from bot.local.discord_server import building
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.errors import ApiError
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel
from tests.local.discord_world import VOICE_FILE, RawApi, voice_payload


@pytest.fixture
def thread(discord_server: DiscordServer) -> Channel:
    alice = discord_server.member("Alice")
    return alice.start_thread(alice.say(discord_server.general, "begin"), "Talk")


def deny(server: DiscordServer, channel: Channel, permission: Permission) -> None:
    bot = server.world.user(server.world.bot_id)
    building.set_overwrite(server.world, channel, bot, deny=int(permission))


async def test_a_thread_has_its_own_right_to_write(
    discord_server: DiscordServer, discord_api: RawApi, thread: Channel
) -> None:
    deny(discord_server, discord_server.general, Permission.SEND_MESSAGES)
    assert (await discord_api.post(thread, {"content": "x"})).status == 200
    deny(discord_server, discord_server.general, Permission.SEND_MESSAGES_IN_THREADS)
    assert (await discord_api.post(thread, {"content": "x"})).code == 50013
    typing = f"/channels/{thread.id}/typing"
    assert (await discord_api.call("POST", typing)).code == 50013
    assert (
        await discord_api.call("POST", f"/channels/{discord_server.general.id}/typing")
    ).body == ""


async def test_a_thread_inherits_what_its_channel_forbids(
    discord_server: DiscordServer, discord_api: RawApi, thread: Channel
) -> None:
    deny(discord_server, discord_server.general, Permission.SEND_VOICE_MESSAGES)
    assert (await discord_api.post(thread, voice_payload(), [VOICE_FILE])).code == 50173


async def test_an_archived_thread_is_opened_by_a_message_and_a_locked_one_is_not(
    discord_server: DiscordServer, discord_api: RawApi, thread: Channel
) -> None:
    alice = discord_server.member("Alice")
    assert thread.thread is not None
    posted = await discord_api.post(thread, {"content": "x"})
    alice.change_thread(thread, archived=True)
    path = f"/channels/{thread.id}/messages/{posted.body['id']}"
    assert (await discord_api.call("PATCH", path, {"content": "y"})).code == 50083
    assert (await discord_api.post(thread, {"content": "x"})).status == 200
    assert not thread.thread.archived
    with pytest.raises(ApiError, match="50013"):
        alice.change_thread(thread, locked=True)
    moderator = discord_server.member("Mod", permissions=int(Permission.MANAGE_THREADS))
    moderator.change_thread(thread, locked=True, archived=True)
    assert (await discord_api.post(thread, {"content": "x"})).code == 160005
    assert moderator.say(thread, "I may").channel_id == thread.id


async def test_threads_need_a_permission_a_name_and_a_fitting_place(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice = discord_server.member("Alice")
    in_dm = alice.say(alice.dm_channel, "hello")
    dm_path = f"/channels/{in_dm.channel_id}/messages/{in_dm.id}/threads"
    assert (await discord_api.call("POST", dm_path, {"name": "x"})).code == 50003
    message = alice.say(discord_server.general, "hello")
    path = f"/channels/{discord_server.general.id}/messages/{message.id}/threads"
    for refused in ({}, {"name": ""}, {"name": "x" * 101}):
        assert (await discord_api.call("POST", path, refused)).code == 50035
    odd_time = {"name": "x", "auto_archive_duration": 61}
    assert (await discord_api.call("POST", path, odd_time)).code == 50035
    deny(discord_server, discord_server.general, Permission.CREATE_PUBLIC_THREADS)
    assert (await discord_api.call("POST", path, {"name": "x"})).code == 50013


async def test_a_thread_without_a_message_can_be_joined_and_renamed(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    path = f"/channels/{discord_server.general.id}/threads"
    started = await discord_api.call("POST", path, {"name": "Talk", "type": 11})
    assert started.status == 201
    odd = await discord_api.call("POST", path, {"name": "Talk", "type": 2})
    assert odd.code == 50035
    thread_path = f"/channels/{started.body['id']}"
    joined = await discord_api.call("PUT", f"{thread_path}/thread-members/@me")
    assert joined.status == 204
    renamed = await discord_api.call("PATCH", thread_path, {"name": "Chat"})
    assert renamed.body["name"] == "Chat"
    general_path = f"/channels/{discord_server.general.id}"
    assert (await discord_api.call("PATCH", general_path, {"name": "x"})).code == 50024
    not_a_thread = f"{general_path}/thread-members/@me"
    assert (await discord_api.call("PUT", not_a_thread)).code == 50024


async def test_a_forum_post_follows_the_rules_of_messages(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    world, alice = discord_server.world, discord_server.member("Alice")
    forum = building.add_channel(world, discord_server.guild, "forum", ChannelType.FORUM)
    path = f"/channels/{forum.id}/threads"
    voice = {"name": "x", "message": voice_payload()}
    assert (await discord_api.call("POST", path, voice, [VOICE_FILE])).code == 50035
    assert (await discord_api.call("POST", path, {"name": "x"})).code == 50006
    opened = await discord_api.call("POST", path, {"name": "x", "message": {"content": "y"}})
    assert opened.body["message"]["id"] == opened.body["id"]
    with pytest.raises(ApiError, match="50024"):
        alice.post_to_forum(discord_server.general, "x", "y")
    deny(discord_server, forum, Permission.SEND_MESSAGES)
    assert (await discord_api.call("POST", path, voice, [VOICE_FILE])).code == 50013


async def test_members_may_send_larger_files_than_bots(discord_server: DiscordServer) -> None:
    alice = discord_server.member("Alice")
    large = Upload("film.mp4", bytes(30 * 2**20), "video/mp4")
    sent = alice.say(discord_server.general, files=[large])
    assert sent.attachments[0].size_bytes == 30 * 2**20


async def test_a_member_cannot_write_on_a_voice_message(discord_server: DiscordServer) -> None:
    alice = discord_server.member("Alice")
    spoken = alice.speak(discord_server.general, b"OggS", seconds=30)
    assert spoken.attachments[0].duration_s == 30
    with pytest.raises(ApiError, match="50162"):
        alice.edit(spoken, "words")


async def test_several_messages_are_deleted_at_once(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice = discord_server.member("Alice")
    ids = [alice.say(discord_server.general, "x").id for _ in range(3)]
    path = f"/channels/{discord_server.general.id}/messages/bulk-delete"
    asked = {"messages": [str(id_) for id_ in ids[:2]]}
    assert (await discord_api.call("POST", path, asked)).code == 50013
    role = building.bot_role(discord_server.world, discord_server.guild)
    role.permissions |= Permission.MANAGE_MESSAGES
    assert (await discord_api.call("POST", path, {"messages": []})).code == 50035
    assert (await discord_api.call("POST", path, asked)).status == 204
    [left] = discord_server.world.messages_in(discord_server.general.id)
    assert left.id == ids[2]


async def test_reactions_need_a_permission_only_when_they_are_new(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    message = discord_server.member("Alice").say(discord_server.general, "x")
    path = f"/channels/{message.channel_id}/messages/{message.id}/reactions/%F0%9F%91%82/@me"
    deny(discord_server, discord_server.general, Permission.ADD_REACTIONS)
    assert (await discord_api.call("PUT", path)).code == 50013
    assert (await discord_api.call("DELETE", path)).code == 10014
    message.reactions["👂"] = [1]
    assert (await discord_api.call("PUT", path)).status == 204
    shown = await discord_api.call("GET", f"/channels/{message.channel_id}/messages/{message.id}")
    [reaction] = shown.body["reactions"]
    assert (reaction["count"], reaction["me"]) == (2, True)
    assert (await discord_api.call("DELETE", path)).status == 204
    assert message.reactions == {"👂": [1]}


async def test_the_application_and_its_servers_can_be_asked_for(
    discord_server: DiscordServer, discord_api: RawApi, thread: Channel
) -> None:
    guild, alice = discord_server.guild, discord_server.member("Alice")
    path = f"/guilds/{guild.id}"
    assert (await discord_api.call("GET", path)).body["name"] == "Home"
    [listed] = (await discord_api.call("GET", "/users/@me/guilds")).body
    assert listed["id"] == str(guild.id)
    building.add_channel(discord_server.world, guild, "lounge", ChannelType.VOICE)
    channels = (await discord_api.call("GET", f"{path}/channels")).body
    assert [channel["name"] for channel in channels] == ["general", "lounge"]
    active = (await discord_api.call("GET", f"{path}/threads/active")).body["threads"]
    assert [each["id"] for each in active] == [str(thread.id)]
    member = (await discord_api.call("GET", f"{path}/members/{alice.user.id}")).body
    assert member["user"]["global_name"] == "Alice"
    user = (await discord_api.call("GET", f"/users/{alice.user.id}")).body
    assert user["username"] == "alice"
    gateway = (await discord_api.call("GET", "/gateway/bot")).body
    assert gateway["url"] == discord_server.gateway_url
    assert (await discord_api.call("GET", "/gateway")).body["url"] == discord_server.gateway_url


async def test_a_server_that_threw_the_bot_out_is_gone(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    building.remove_bot(discord_server.world, discord_server.guild)
    assert (await discord_api.call("GET", f"/guilds/{discord_server.guild.id}")).code == 10004
    assert (await discord_api.post(discord_server.general, {"content": "x"})).code == 50001


async def test_a_deleted_channel_is_gone_with_its_messages(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    world, alice = discord_server.world, discord_server.member("Alice")
    doomed = building.add_channel(world, discord_server.guild, "doomed")
    message = alice.say(doomed, "x")
    building.remove_channel(world, doomed)
    assert (await discord_api.post(doomed, {"content": "x"})).code == 10003
    assert message.id not in world.state.messages


async def test_addresses_of_files_are_refreshed(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice = discord_server.member("Alice")
    sent = alice.say(alice.dm_channel, files=[Upload("a b.wav", b"RIFF", "audio/wav")])
    url = discord_server.world.links.url(sent.attachments[0])
    old = url.split("?")[0]
    answer = await discord_api.call("POST", "/attachments/refresh-urls", {"attachment_urls": [old]})
    [refreshed] = answer.body["refreshed_urls"]
    assert refreshed["original"] == old
    # Signed anew: what follows tells the second, which may be the next one by now.
    assert refreshed["refreshed"].partition("?ex=")[0] == url.partition("?ex=")[0]
    assert "&hm=" in refreshed["refreshed"]
