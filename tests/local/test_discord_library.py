"""An unmodified discord.py against the stand-in."""

import asyncio
import base64
import io

import aiohttp
import discord
import pytest
from discord.flags import MessageFlags
from discord.http import handle_message_parameters
from discord.utils import MISSING

from bot.local.discord_server import building
from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.faults import Answer, Reset, Truncate, banned, rate_limited
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.limits import Rate
from bot.local.discord_server.server import DiscordServer
from tests.local.discord_world import Listener, connected

MESSAGES = "/channels/*/messages"


class VoiceFile(discord.File):
    """A file with what a voice message says of it; the library has no name for that."""

    def to_dict(self, index: int) -> dict[str, object]:
        waveform = base64.b64encode(bytes(range(32))).decode()
        return {**super().to_dict(index), "duration_secs": 1.5, "waveform": waveform}


async def send_voice(
    channel: discord.TextChannel | discord.DMChannel,
    answered: discord.Message | None = None,
    content_type: str = "audio/ogg",
) -> discord.Message:
    state = channel._state
    reference = answered.to_reference().to_message_reference_dict() if answered else MISSING
    with handle_message_parameters(
        file=VoiceFile(io.BytesIO(b"OggS" + bytes(9)), "voice-message.ogg"),
        flags=MessageFlags(voice=True),
        message_reference=reference,
        nonce=7,
        mention_author=False if answered else None,
        previous_allowed_mentions=state.allowed_mentions,
    ) as params:
        for part in params.multipart or ():
            if part["name"].startswith("files["):
                part["content_type"] = content_type
        data = await state.http.send_message(channel.id, params=params)
    return state.create_message(channel=channel, data=data)


async def general_of(client: Listener, server: DiscordServer) -> discord.TextChannel:
    channel = client.get_channel(server.general.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def test_a_mention_is_heard_and_its_answer_arrives(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    question = alice.say(discord_server.general, f"{discord_server.mention} are you there?")
    heard = await discord_client.message()
    assert heard.content == f"{discord_server.mention} are you there?"
    assert discord_client.user in heard.mentions
    await heard.reply("I am.", file=discord.File(io.BytesIO(b"ID3"), "answer.mp3"))
    [answer] = await alice.answers(to=question)
    assert answer.content == "I am."
    assert alice.read(answer) == b"ID3"
    assert answer.pinged_author_id is None


async def test_a_reply_pings_when_it_may(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    question = alice.say(discord_server.general, f"{discord_server.mention} hello")
    heard = await discord_client.message()
    await heard.reply("hello", mention_author=True)
    [answer] = await alice.answers(to=question)
    assert answer.pinged_author_id == alice.user.id


async def test_the_library_knows_the_server_it_is_in(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    guild = discord_client.get_guild(discord_server.guild.id)
    assert guild is not None
    assert guild.me.id == discord_server.world.bot_id
    assert guild.self_role is not None
    assert f"<@&{guild.self_role.id}>" == discord_server.role_mention
    general = await general_of(discord_client, discord_server)
    assert general.permissions_for(guild.me).send_voice_messages
    assert not general.permissions_for(guild.me).manage_messages
    assert guild.filesize_limit == 10 * 2**20


async def test_a_voice_message_in_and_out(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    question = alice.speak(alice.dm_channel, b"OggS" + bytes(500), seconds=2.5)
    heard = await discord_client.message()
    [sound] = heard.attachments
    assert heard.flags.voice
    assert sound.is_voice_message()
    assert (sound.content_type, sound.duration, sound.size) == ("audio/ogg", 2.5, 504)
    assert await discord_client.http.get_from_cdn(sound.url) == b"OggS" + bytes(500)
    assert isinstance(heard.channel, discord.DMChannel)
    sent = await send_voice(heard.channel, heard)
    [answer] = await alice.answers(to=question)
    assert sent.flags.voice
    assert answer.is_voice
    assert answer.attachments[0].duration_s == 1.5
    [call] = discord_server.traffic.to("POST", MESSAGES)
    assert call.parts[0].content_type == "audio/ogg"
    assert call.payload["flags"] == 8192


async def test_a_voice_message_that_is_not_declared_as_audio_is_refused(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    general = await general_of(discord_client, discord_server)
    with pytest.raises(discord.HTTPException) as refused:
        await send_voice(general, content_type="application/octet-stream")
    assert (refused.value.status, refused.value.code) == (400, 50161)


async def test_a_file_url_expires_and_a_deleted_message_takes_its_file_along(
    discord_server: DiscordServer, discord_client: Listener, discord_clock: AdvancingClock
) -> None:
    alice = discord_server.member("Alice")
    note = Upload("note.wav", b"RIFF", "audio/wav")
    kept = alice.say(alice.dm_channel, files=[note])
    old_url = (await discord_client.message()).attachments[0].url
    discord_clock.advance(24 * 3600 + 1)
    with pytest.raises(discord.NotFound):
        await discord_client.http.get_from_cdn(old_url)
    channel = await discord_client.fetch_channel(alice.dm_channel.id)
    assert isinstance(channel, discord.DMChannel)
    fresh_url = (await channel.fetch_message(kept.id)).attachments[0].url
    assert await discord_client.http.get_from_cdn(fresh_url) == b"RIFF"
    with pytest.raises(discord.NotFound):
        await discord_client.http.get_from_cdn(fresh_url.replace("hm=", "hm=0"))
    alice.delete(kept)
    with pytest.raises(discord.NotFound):
        await discord_client.http.get_from_cdn(fresh_url)


async def test_edits_and_deletions_are_heard(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    messages = [alice.say(alice.dm_channel, text) for text in ("one", "two", "three")]
    alice.edit(messages[0], "uno")
    [edit] = await discord_client.heard("raw_message_edit")
    assert isinstance(edit, discord.RawMessageUpdateEvent)
    assert edit.data["content"] == "uno"
    alice.delete(messages[0])
    [deletion] = await discord_client.heard("raw_message_delete")
    assert isinstance(deletion, discord.RawMessageDeleteEvent)
    assert deletion.message_id == messages[0].id
    alice.delete(*messages[1:])
    [bulk] = await discord_client.heard("raw_bulk_message_delete")
    assert isinstance(bulk, discord.RawBulkMessageDeleteEvent)
    assert bulk.message_ids == {message.id for message in messages[1:]}


async def test_a_thread_on_an_answer_goes_on(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    alice.say(discord_server.general, f"{discord_server.mention} hello")
    answer = await (await discord_client.message()).reply("hello")
    stored = discord_server.world.state.messages[answer.id]
    thread = alice.start_thread(stored, "About that")
    [heard_of] = await discord_client.heard("thread_create")
    assert isinstance(heard_of, discord.Thread)
    assert (heard_of.id, heard_of.parent_id) == (answer.id, discord_server.general.id)
    alice.say(thread, f"{discord_server.mention} and then?")
    heard = await discord_client.message()
    assert isinstance(heard.channel, discord.Thread)
    await heard.channel.send("then this")
    [said] = await alice.bot_messages(thread, after=stored)
    assert said.content == "then this"


async def test_the_bot_starts_a_thread_once(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    general = await general_of(discord_client, discord_server)
    message = await general.send("begin")
    thread = await message.create_thread(name="Talk", auto_archive_duration=60)
    assert thread.id == message.id
    with pytest.raises(discord.HTTPException) as refused:
        await message.create_thread(name="Again")
    assert refused.value.code == 160004


async def test_a_forum_post_and_an_answer_in_it(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    forum = building.add_channel(
        discord_server.world, discord_server.guild, "forum", ChannelType.FORUM
    )
    await discord_client.heard("guild_channel_create")
    alice = discord_server.member("Alice")
    thread, first = alice.post_to_forum(forum, "Dogs", f"{discord_server.mention} which?")
    heard = await discord_client.message()
    assert heard.id == first.id == thread.id == heard.channel.id
    await heard.reply("retrievers")
    await alice.answers(to=first)
    known = discord_client.get_channel(forum.id)
    assert isinstance(known, discord.ForumChannel)
    opened = await known.create_thread(name="Cats", content="which?")
    assert opened.message.content == "which?"


async def test_a_forward_shows_a_snapshot(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice, bob = discord_server.member("Alice"), discord_server.member("Bob")
    original = bob.speak(discord_server.general, b"OggS", seconds=1)
    alice.forward(original, alice.dm_channel)
    await discord_client.message()
    heard = await discord_client.message()
    assert heard.content == ""
    assert heard.attachments == []
    assert heard.reference is not None
    assert heard.reference.type is discord.MessageReferenceType.forward
    assert heard.message_snapshots[0].attachments[0].filename == "voice-message.ogg"


async def test_a_role_mention_names_the_role_and_nobody(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    discord_server.member("Alice").say(
        discord_server.general, f"{discord_server.role_mention} hello"
    )
    heard = await discord_client.message()
    assert heard.guild is not None
    assert heard.role_mentions == [heard.guild.self_role]
    assert heard.mentions == []
    assert heard.content == ""


async def test_typing_and_reactions_are_seen(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    question = alice.say(discord_server.general, f"{discord_server.mention} hello")
    heard = await discord_client.message()
    async with heard.channel.typing():
        await alice.sees_typing(discord_server.general)
    await heard.add_reaction("👂")
    assert question.reactions == {"👂": [discord_server.world.bot_id]}
    assert discord_client.user is not None
    await heard.remove_reaction("👂", discord_client.user)
    assert question.reactions == {}


async def test_missed_messages_come_from_the_history(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    sent = [alice.say(discord_server.general, f"{discord_server.mention} {n}") for n in range(5)]
    general = await general_of(discord_client, discord_server)
    after = discord.Object(sent[1].id)
    missed = [message.id async for message in general.history(after=after, oldest_first=True)]
    assert missed == [message.id for message in sent[2:]]
    before = discord.Object(sent[2].id)
    assert [m.id async for m in general.history(before=before)] == [sent[1].id, sent[0].id]
    around = [m.id async for m in general.history(around=discord.Object(sent[2].id), limit=3)]
    assert sorted(around) == [message.id for message in sent[1:4]]


async def test_a_limit_is_obeyed_by_the_library(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    discord_server.limits.by_route["POST", "/channels/{channel_id}/messages"] = Rate(2, 0.05)
    general = await general_of(discord_client, discord_server)
    for number in range(5):
        await general.send(str(number))
    calls = discord_server.traffic.to("POST", MESSAGES)
    assert [call.status for call in calls] == [200] * 5


async def test_a_429_is_tried_again_and_a_cloudflare_page_is_not(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    general = await general_of(discord_client, discord_server)
    discord_server.faults.add("POST", MESSAGES, rate_limited(0.001))
    discord_server.faults.add("POST", MESSAGES, rate_limited(0.001, scope="global"))
    await general.send("once")
    calls = discord_server.traffic.to("POST", MESSAGES)
    assert [(call.status, call.faulty) for call in calls] == [
        (429, True), (429, True), (200, False),
    ]  # fmt: skip
    discord_server.faults.add("POST", MESSAGES, banned())
    with pytest.raises(discord.HTTPException) as refused:
        await general.send("banned")
    assert refused.value.status == 429


@pytest.mark.parametrize("action", [Reset(), Truncate(), Answer(503, {"message": "x", "code": 0})])
async def test_after_an_ambiguous_failure_the_nonce_finds_the_message(
    discord_server: DiscordServer, discord_client: Listener, action: Reset | Truncate | Answer
) -> None:
    general = await general_of(discord_client, discord_server)
    discord_server.faults.add("POST", MESSAGES, action, afterwards=True)
    with pytest.raises((discord.HTTPException, aiohttp.ClientError)):
        await general.send("once", nonce="job-1")
    again = await general.send("once", nonce="job-1")
    [stored] = discord_server.world.messages_in(discord_server.general.id)
    assert again.id == stored.id


async def test_the_bot_sends_to_many_shards_only_what_is_theirs(
    discord_server: DiscordServer,
) -> None:
    client = discord.AutoShardedClient(
        intents=discord.Intents(guilds=True, dm_messages=True),
        shard_count=2,
        shard_ids=[0],
        guild_ready_timeout=0.01,
    )
    async with client:
        await client.login(discord_server.token)
        running = asyncio.ensure_future(client.connect())  # noqa: TID251 - awaited below
        await discord_server.wait_until_ready()
        [session] = discord_server.gateway.sessions.values()
        assert session.serves(None)
        assert session.serves(discord_server.guild.id) == ((discord_server.guild.id >> 22) % 2 == 0)
    await running


async def test_leaving_and_joining_servers_is_heard(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    world = discord_server.world
    second = building.add_guild(world, "Second", world.state.application.owner_id)
    [joined] = await discord_client.heard("guild_join")
    assert isinstance(joined, discord.Guild)
    assert joined.id == second.id
    building.remove_bot(world, second)
    [left] = await discord_client.heard("guild_remove")
    assert isinstance(left, discord.Guild)
    assert left.id == second.id


async def test_a_hidden_channel_is_silent(discord_server: DiscordServer) -> None:
    world, alice = discord_server.world, discord_server.member("Alice")
    everyone = discord_server.guild.roles[discord_server.guild.id]
    secret = building.add_channel(world, discord_server.guild, "secret")
    building.set_overwrite(world, secret, everyone, deny=1 << 10)
    building.set_overwrite(world, secret, alice.user, allow=1 << 10)
    building.set_overwrite(world, secret, building.bot_role(world, discord_server.guild), deny=1024)
    async with connected(discord_server) as client:
        alice.say(secret, f"{discord_server.mention} psst")
        heard_of = alice.say(discord_server.general, f"{discord_server.mention} hello")
        assert (await client.message()).id == heard_of.id


async def test_a_role_made_meanwhile_is_known_at_once(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    made = building.add_role(discord_server.world, discord_server.guild, "guests", 0)
    [role] = await discord_client.heard("guild_role_create")
    assert isinstance(role, discord.Role)
    assert (role.id, role.name) == (made.id, "guests")
