"""The stand-in's state, clock, limits and faults."""

import asyncio
import json

import aiohttp
import pytest

from bot.local.discord_server import building
from bot.local.discord_server.clock import AdvancingClock, Snowflakes, utc_now
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.faults import Answer, Hold, Reset, Slow, banned
from bot.local.discord_server.limits import Rate, RateLimits
from bot.local.discord_server.permissions import EVERYTHING, Permission, permissions_in
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.world import World
from bot.tasks import spawn
from tests.local.discord_world import RawApi, connected, redirected_to


async def test_a_later_process_goes_on_with_the_same_messages() -> None:
    async with DiscordServer() as first:
        alice = first.member("Alice")
        note = Upload("note.wav", b"\x00RIFF\xff", "audio/wav")
        question = alice.say(first.general, f"{first.mention} hello", files=[note])
        thread = alice.start_thread(question)
        everyone = first.guild.roles[first.guild.id]
        building.set_overwrite(first.world, first.general, everyone, deny=1)
        dumped = json.dumps(first.world.dump())
    world = World.load(json.loads(dumped))
    assert json.dumps(world.dump()) == dumped
    async with DiscordServer(world) as second:
        with redirected_to(second):
            async with connected(second) as client:
                again = second.member("Alice")
                assert again.user.id == alice.user.id
                remembered = world.message(first.general.id, question.id)
                answer = again.say(second.general, f"{second.mention} more", reply_to=remembered)
                heard = await client.message()
                assert heard.reference is not None
                assert heard.reference.message_id == question.id < answer.id
                url = world.links.url(remembered.attachments[0])
                assert await client.http.get_from_cdn(url) == b"\x00RIFF\xff"
                assert world.channel(thread.id).thread is not None


def test_ids_grow_even_when_the_clock_goes_back() -> None:
    clock = AdvancingClock()
    ids = Snowflakes(clock)
    made = [ids.next() for _ in range(5000)]
    clock.advance(-3600)
    made += [ids.next(), Snowflakes(utc_now, made[-1] + 10).next()]
    assert made == sorted(set(made))


async def test_nobody_waits_for_what_does_not_come(discord_server: DiscordServer) -> None:
    alice = discord_server.member("Alice")
    question = alice.say(discord_server.general, "hello")
    with pytest.raises(TimeoutError):
        await alice.answers(to=question, timeout_s=0)


async def test_answers_are_those_to_the_question(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    alice, channel = discord_server.member("Alice"), discord_server.general
    questions = [alice.say(channel, "one"), alice.say(channel, "two")]
    waiting = spawn(alice.answers(to=questions[0], count=2), name="waiting")
    loose = await discord_api.post(channel, {"content": "loose"})
    for answered in (questions[1].id, questions[0].id):
        reference = {"message_id": str(answered)}
        said = {"content": "answer", "message_reference": reference}
        last = await discord_api.post(channel, said)
    second = {"content": "transcript", "message_reference": {"message_id": last.body["id"]}}
    await discord_api.post(channel, second)
    assert [message.content for message in await waiting] == ["answer", "transcript"]
    everything = await alice.bot_messages(channel, 4)
    assert everything[0].id == int(loose.body["id"])


def test_overwrites_go_from_everyone_over_roles_to_the_member() -> None:
    world = building.new_world()
    guild = next(iter(world.state.guilds.values()))
    channel = building.add_channel(world, guild, "room")
    everyone, bot = guild.roles[guild.id], world.user(world.bot_id)
    role = building.bot_role(world, guild)

    def may_speak() -> bool:
        return world.can(bot.id, channel, Permission.SEND_VOICE_MESSAGES)

    speaking = int(Permission.SEND_VOICE_MESSAGES)
    building.set_overwrite(world, channel, everyone, deny=speaking)
    assert not may_speak()
    building.set_overwrite(world, channel, role, allow=speaking)
    assert may_speak()
    building.set_overwrite(world, channel, bot, deny=speaking)
    assert not may_speak()
    building.set_overwrite(world, channel, bot, allow=speaking)
    assert may_speak()


def test_owners_and_administrators_may_everything_and_strangers_nothing() -> None:
    world = building.new_world()
    guild = next(iter(world.state.guilds.values()))
    channel = building.add_channel(world, guild, "room")
    building.set_overwrite(world, channel, guild.roles[guild.id], deny=EVERYTHING)
    admin, stranger = building.add_user(world, "Admin"), building.add_user(world, "Stranger")
    building.join(world, guild, admin.id, permissions=int(Permission.ADMINISTRATOR))
    assert permissions_in(world.state, channel, guild.owner_id) == EVERYTHING
    assert permissions_in(world.state, channel, admin.id) == EVERYTHING
    assert permissions_in(world.state, channel, stranger.id) == 0
    assert permissions_in(world.state, channel, world.bot_id) == 0
    assert permissions_in(world.state, world.open_dm(admin.id), stranger.id) == 0


def test_buckets_are_per_route_and_place_and_fill_again() -> None:
    seconds = [0.0]
    limits = RateLimits(like_discord=True, now=lambda: seconds[0])
    limits.overall = None

    def wait_s(place: str) -> float | None:
        verdict = limits.admit("POST", "/typing", place, counts_overall=True)
        assert verdict.headers["X-RateLimit-Limit"] == "5"
        return verdict.retry_after_s

    assert [wait_s("1") for _ in range(6)] == [None] * 5 + [5.001]  # a moment more than it lasts
    assert wait_s("2") is None
    seconds[0] = 5.0
    assert wait_s("1") is None


async def test_a_global_limit_stops_everything_but_interactions() -> None:
    limits = RateLimits(like_discord=True)
    limits.overall = Rate(1, 3600)
    async with DiscordServer(limits=limits) as server, aiohttp.ClientSession() as session:
        api = RawApi(server, session)
        assert (await api.call("GET", "/users/@me")).status == 200
        limited = await api.call("GET", "/users/@me")
        assert (limited.status, limited.body["global"]) == (429, True)
        assert limited.headers["X-RateLimit-Scope"] == "global"
        assert limited.headers["Via"]
        assert int(limited.headers["Retry-After"]) >= limited.body["retry_after"]
        assert (await api.call("POST", "/interactions/1/x/callback")).code == 10062
        assert [call.status for call in server.traffic.invalid] == [429]


async def test_faults_come_as_often_as_asked_for(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    discord_server.faults.add("GET", "/users/*", Answer(502, {"message": "x", "code": 0}), times=2)
    statuses = [(await discord_api.call("GET", "/users/@me")).status for _ in range(3)]
    assert statuses == [502, 502, 200]
    discord_server.faults.add("GET", "/users/@me", banned())
    page = await discord_api.call("GET", "/users/@me")
    assert (page.status, "Via" in page.headers) == (429, False)
    assert "1015" in page.body


async def test_a_reset_before_the_work_leaves_nothing_behind(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    discord_server.faults.add("POST", "/channels/*/messages", Reset())
    with pytest.raises(aiohttp.ClientError):
        await discord_api.post(discord_server.general, {"content": "x"})
    assert discord_server.world.messages_in(discord_server.general.id) == []
    [call] = discord_server.traffic.to("POST", "/channels/*/messages")
    assert (call.status, call.faulty) == (0, True)


async def test_a_held_request_waits_for_its_release(
    discord_server: DiscordServer, discord_api: RawApi
) -> None:
    hold = Hold()
    discord_server.faults.add("POST", "/channels/*/messages", hold, afterwards=True)
    discord_server.faults.add("POST", "/channels/*/messages", Slow(0))
    asked = spawn(discord_api.post(discord_server.general, {"content": "x"}), name="held")
    await hold.arrived.wait()
    [stored] = discord_server.world.messages_in(discord_server.general.id)
    assert not asked.done()
    hold.release()
    assert (await asked).body["id"] == str(stored.id)
    assert (await discord_api.post(discord_server.general, {"content": "y"})).status == 200


async def test_a_server_that_ends_releases_what_is_held() -> None:
    hold = Hold()
    async with aiohttp.ClientSession() as session:
        async with DiscordServer() as server:
            server.faults.add("GET", "/users/@me", hold)
            asked = spawn(RawApi(server, session).call("GET", "/users/@me"), name="held")
            await hold.arrived.wait()
        await asyncio.wait([asked])
    assert (await asked).status == 200
