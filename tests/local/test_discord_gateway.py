"""The gateway: what ends a connection, what survives one, and what a client misses."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.gateway import ACK_AFTER_S
from bot.local.discord_server.server import DiscordServer
from bot.tasks import spawn
from tests.local.discord_world import UNPRIVILEGED, Listener, connected


class RawGateway:
    """A client that speaks the gateway's protocol and nothing else."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def receive(self) -> dict[str, Any]:
        message: dict[str, Any] = await self._socket.receive_json(timeout=5)
        return message

    async def send(self, op: int, content: object) -> None:
        await self._socket.send_json({"op": op, "d": content})

    async def send_text(self, text: str) -> None:
        await self._socket.send_str(text)

    async def closes_with(self) -> int | None:
        while (message := await self._socket.receive(timeout=5)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert message.type is aiohttp.WSMsgType.CLOSE
        return self._socket.close_code

    async def hang_up(self, code: int) -> None:
        await self._socket.close(code=code)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


async def dial(
    server: DiscordServer, session: aiohttp.ClientSession, version: str = "10"
) -> RawGateway:
    gateway = RawGateway(await session.ws_connect(f"{server.gateway_url}?v={version}"))
    assert (await gateway.receive())["op"] == 10
    return gateway


def identity(server: DiscordServer, **changes: object) -> dict[str, object]:
    return {"token": server.token, "intents": 4609, "properties": {}} | changes


async def identified(
    server: DiscordServer, session: aiohttp.ClientSession
) -> tuple[RawGateway, str]:
    gateway = await dial(server, session)
    await gateway.send(2, identity(server))
    ready = await gateway.receive()
    assert (ready["t"], ready["s"]) == ("READY", 1)
    assert (await gateway.receive())["t"] == "GUILD_CREATE"
    return gateway, ready["d"]["session_id"]


async def test_a_heartbeat_is_answered_no_sooner_than_a_network_would(
    session: aiohttp.ClientSession,
) -> None:
    async with DiscordServer() as server:
        gateway = await dial(server, session)
        began = time.perf_counter()
        await gateway.send(1, None)
        assert (await gateway.receive())["op"] == 11
        assert time.perf_counter() - began > ACK_AFTER_S - 0.002  # loops count milliseconds


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"token": "wrong"}, 4004),
        ({"shard": [2, 2]}, 4010),
        ({"intents": 1 << 40}, 4013),
        ({"intents": None}, 4013),
        ({"intents": 4609 | 1 << 15}, 4014),
        ({"intents": 4609 | 1 << 1}, 4014),
        ({"intents": 4609 | 1 << 8}, 4014),
    ],
)
async def test_a_wrong_identify_ends_the_connection(
    discord_server: DiscordServer,
    session: aiohttp.ClientSession,
    changes: dict[str, object],
    code: int,
) -> None:
    gateway = await dial(discord_server, session)
    await gateway.send(2, identity(discord_server, **changes))
    assert await gateway.closes_with() == code
    assert not discord_server.gateway.ready


async def test_granted_intents_are_taken(
    discord_server: DiscordServer, session: aiohttp.ClientSession
) -> None:
    discord_server.world.grant_message_content()
    discord_server.world.state.application.flags |= 1 << 15
    gateway = await dial(discord_server, session)
    await gateway.send(2, identity(discord_server, intents=4609 | 1 << 15 | 1 << 1))
    assert (await gateway.receive())["t"] == "READY"
    members = (await gateway.receive())["d"]["members"]
    assert len(members) == len(discord_server.guild.members)


async def test_one_shard_may_be_too_few(
    discord_server: DiscordServer, session: aiohttp.ClientSession
) -> None:
    discord_server.gateway.sharding_required = True
    gateway = await dial(discord_server, session)
    await gateway.send(2, identity(discord_server))
    assert await gateway.closes_with() == 4011


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", 4002),
        ("[]", 4002),
        ('{"op": 99}', 4001),
        ('{"op": 3, "d": {}}', 4003),
        ('{"op": 2, "d": "' + "x" * 4096 + '"}', 4002),
    ],
)
async def test_nonsense_ends_the_connection(
    discord_server: DiscordServer, session: aiohttp.ClientSession, text: str, code: int
) -> None:
    gateway = await dial(discord_server, session)
    await gateway.send_text(text)
    assert await gateway.closes_with() == code


async def test_an_old_version_is_refused(
    discord_server: DiscordServer, session: aiohttp.ClientSession
) -> None:
    gateway = await dial(discord_server, session, version="6")
    assert await gateway.closes_with() == 4012


async def test_identifying_twice_ends_the_connection(
    discord_server: DiscordServer, session: aiohttp.ClientSession
) -> None:
    gateway, _ = await identified(discord_server, session)
    await gateway.send(2, identity(discord_server))
    assert await gateway.closes_with() == 4005


async def test_more_than_120_sends_a_minute_end_the_connection(
    discord_server: DiscordServer,
    session: aiohttp.ClientSession,
    discord_clock: AdvancingClock,
) -> None:
    gateway, _ = await identified(discord_server, session)
    for _ in range(119):
        await gateway.send(3, {})
    await gateway.send(1, None)
    assert (await gateway.receive())["op"] == 11
    discord_clock.advance(61)
    for _ in range(121):
        await gateway.send(3, {})
    assert await gateway.closes_with() == 4008


async def test_members_are_listed_on_request(
    discord_server: DiscordServer, session: aiohttp.ClientSession
) -> None:
    alice = discord_server.member("Alice")
    gateway, _ = await identified(discord_server, session)
    asked = {"guild_id": str(discord_server.guild.id), "user_ids": [str(alice.user.id)]}
    await gateway.send(8, {**asked, "nonce": "n"})
    chunk = (await gateway.receive())["d"]
    assert [member["user"]["username"] for member in chunk["members"]] == ["alice"]
    assert chunk["nonce"] == "n"


async def test_a_resume_replays_what_was_missed(
    discord_server: DiscordServer, session: aiohttp.ClientSession
) -> None:
    alice = discord_server.member("Alice")
    gateway, session_id = await identified(discord_server, session)
    await gateway.hang_up(4000)
    await discord_server.world.changes.until(lambda: not discord_server.gateway.ready)
    missed = [alice.say(alice.dm_channel, text) for text in ("one", "two")]
    again = await dial(discord_server, session)
    resume = {"token": discord_server.token, "session_id": session_id, "seq": 2}
    await again.send(6, resume)
    replayed = [await again.receive() for _ in range(3)]
    assert [(event["t"], event["s"]) for event in replayed] == [
        ("MESSAGE_CREATE", 3), ("MESSAGE_CREATE", 4), ("RESUMED", 5),
    ]  # fmt: skip
    assert [event["d"]["id"] for event in replayed[:2]] == [str(each.id) for each in missed]


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_client_that_says_goodbye_ends_its_session(
    discord_server: DiscordServer, session: aiohttp.ClientSession, code: int
) -> None:
    gateway, session_id = await identified(discord_server, session)
    await gateway.hang_up(code)
    again = await dial(discord_server, session)
    resume = {"token": discord_server.token, "session_id": session_id, "seq": 2}
    await again.send(6, resume)
    assert await again.receive() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_session_lives_a_few_minutes_without_a_connection(
    discord_server: DiscordServer,
    session: aiohttp.ClientSession,
    discord_clock: AdvancingClock,
) -> None:
    gateway, session_id = await identified(discord_server, session)
    await gateway.hang_up(4000)
    await discord_server.world.changes.until(lambda: not discord_server.gateway.ready)
    discord_clock.advance(301)
    again = await dial(discord_server, session)
    await again.send(6, {"token": discord_server.token, "session_id": session_id, "seq": 2})
    assert (await again.receive())["op"] == 9


@pytest.mark.parametrize(("changes", "code"), [({"seq": 99}, 4007), ({"token": "wrong"}, 4004)])
async def test_a_wrong_resume_ends_the_connection(
    discord_server: DiscordServer,
    session: aiohttp.ClientSession,
    changes: dict[str, object],
    code: int,
) -> None:
    _, session_id = await identified(discord_server, session)
    again = await dial(discord_server, session)
    resume = {"token": discord_server.token, "session_id": session_id, "seq": 2}
    await again.send(6, resume | changes)
    assert await again.closes_with() == code


async def test_a_silent_gateway_answers_nothing_until_a_resume(
    discord_server: DiscordServer, session: aiohttp.ClientSession
) -> None:
    alice = discord_server.member("Alice")
    gateway, session_id = await identified(discord_server, session)
    discord_server.gateway.silent = True
    await gateway.send(1, None)
    alice.say(alice.dm_channel, "is anybody there?")
    await discord_server.world.changes.until(lambda: discord_server.gateway.ops(1) or None)
    discord_server.gateway.silent = False
    again = await dial(discord_server, session)
    await again.send(6, {"token": discord_server.token, "session_id": session_id, "seq": 2})
    assert (await again.receive())["t"] == "MESSAGE_CREATE"


async def test_the_token_is_not_recorded(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    assert discord_server.gateway.ops(2)
    assert discord_server.token not in json.dumps(discord_server.gateway.received)
    assert discord_server.traffic.calls
    assert discord_server.token not in repr(discord_server.traffic)


async def test_the_library_stops_on_4014(discord_server: DiscordServer) -> None:
    client = Listener(discord.Intents(guilds=True, message_content=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await client.start(discord_server.token)
    await client.close()


async def test_the_library_stops_on_a_wrong_token(discord_server: DiscordServer) -> None:
    client = Listener()
    with pytest.raises(discord.LoginFailure):
        await client.login("wrong")
    await client.close()


async def test_the_library_resumes_when_asked_to(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    discord_server.gateway.ask_to_reconnect()
    missed = alice.say(alice.dm_channel, "missed?")
    await discord_client.heard("resumed")
    assert (await discord_client.message()).id == missed.id
    assert len(discord_server.gateway.ops(2)) == 1
    assert len(discord_server.gateway.ops(6)) == 1


async def test_the_library_hears_a_replayed_event_twice(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    alice = discord_server.member("Alice")
    message = alice.say(alice.dm_channel, "once")
    assert (await discord_client.message()).id == message.id
    discord_server.gateway.repeat(1)
    assert (await discord_client.message()).id == message.id


@pytest.mark.parametrize("breaks", ["close", "cut"])
async def test_the_library_comes_back_after_a_break(
    discord_server: DiscordServer, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _: 0)
    alice = discord_server.member("Alice")
    async with connected(discord_server, UNPRIVILEGED) as client:
        if breaks == "close":
            discord_server.gateway.close_all(4000)
        else:
            discord_server.gateway.cut_all()
        await client.heard("resumed")
        message = alice.say(alice.dm_channel, "back?")
        assert (await client.message()).id == message.id


async def test_the_library_identifies_anew_when_its_session_is_gone(
    discord_server: DiscordServer,
) -> None:
    async with connected(discord_server) as client:
        discord_server.gateway.invalidate()
        await client.heard("ready")
        assert len(discord_server.gateway.ops(2)) == 2


async def test_the_library_resumes_an_invalid_session_that_is_said_to_be_resumable(
    discord_server: DiscordServer, discord_client: Listener
) -> None:
    discord_server.gateway.invalidate(resumable=True)
    await discord_client.heard("resumed")


async def test_a_server_that_ends_says_goodbye(session: aiohttp.ClientSession) -> None:
    async with DiscordServer() as server:
        gateway, _ = await identified(server, session)
        last_words = spawn(gateway.closes_with(), name="last words")
    assert await last_words == 1001
