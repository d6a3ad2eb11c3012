"""What ends the connection, and how often it may begin anew."""

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from discord.gateway import KeepAliveHandler

from bot import app
from bot.app import running
from bot.domain.incoming import Member
from bot.domain.rooms import Room
from bot.errors import StartError
from bot.local.chat_server import ChatServer
from bot.local.discord_server.messages import delete
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Guild, Message
from bot.local.together import settings_for
from bot.services.intake import MOST_DEATHS_ANSWERED
from bot.storage.database import open_database
from bot.storage.inbox import InboxStore
from bot.tasks import spawn
from tests.e2e.test_room_rules import choose
from tests.e2e.world import GOLDEN, Talk, bot_between
from tests.fakes import asked

IDENTIFY = 2


async def until(comes_true: Callable[[], bool]) -> None:
    """Wait for what sets no event of ours."""
    async with asyncio.timeout(20):
        while not comes_true():  # noqa: ASYNC110 - the log and the gateway set no event of ours
            await asyncio.sleep(0)


@asynccontextmanager
async def starting(
    discord: DiscordServer, chat: ChatServer, folder: Path, **settings: str
) -> AsyncIterator[None]:
    """The bot, connected or not, and stopped in order."""
    stop = asyncio.Event()
    bot = spawn(app.run(settings_for(discord, chat, folder, **settings), stop), name="the bot")
    try:
        yield
    finally:
        stop.set()
        await bot


async def test_a_loop_of_restarts_begins_only_so_many_sessions(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    few = {"SESSION_STARTS_PER_HOUR": "2"}
    async with DiscordServer() as discord, ChatServer() as chat:
        for _ in range(2):
            async with bot_between(discord, chat, folder, **few):
                pass
        assert "sessions with Discord" not in caplog.text
        for _ in range(3):
            caplog.clear()
            async with starting(discord, chat, folder, **few):
                await until(lambda: "2 sessions with Discord began within an hour" in caplog.text)
        assert len(discord.gateway.ops(IDENTIFY)) == 2


async def test_who_had_to_wait_begins_when_the_hour_is_over(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    nearly_over = datetime.now(UTC) - timedelta(hours=1) + timedelta(seconds=8)
    with closing(sqlite3.connect(folder / "bot.db")) as database, database:
        kept = json.dumps([nearly_over.isoformat()])
        database.execute("INSERT INTO keys VALUES ('session_starts', ?)", (kept.encode(),))
    async with (
        DiscordServer() as discord,
        ChatServer() as chat,
        bot_between(discord, chat, folder, SESSION_STARTS_PER_HOUR="1") as talk,
    ):
        assert "1 sessions with Discord began within an hour" in caplog.text
        assert (await talk.card(talk.mention(GOLDEN))).attachments


@pytest.mark.usefixtures("sessions_at_once")
async def test_sessions_that_discord_ends_count_as_well(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        DiscordServer() as discord,
        ChatServer() as chat,
        bot_between(discord, chat, folder, SESSION_STARTS_PER_HOUR="2"),
    ):
        discord.gateway.invalidate()
        await until(lambda: len(discord.gateway.ops(IDENTIFY)) == 2)
        await discord.wait_until_ready()
        discord.gateway.invalidate()
        await until(lambda: "sessions with Discord began" in caplog.text)
        assert len(discord.gateway.ops(IDENTIFY)) == 2
        await until(lambda: not any(map(is_heartbeat, threading.enumerate())))


def is_heartbeat(thread: threading.Thread) -> bool:
    """Tell the threads of the library that keep a connection alive."""
    return isinstance(thread, KeepAliveHandler)


async def test_a_defect_that_ends_the_connection_is_logged_and_the_bot_comes_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(running, "FIRST_PAUSE_S", 0)
    caplog.set_level("INFO")
    async with (
        DiscordServer() as discord,
        ChatServer() as chat,
        bot_between(discord, chat, folder) as talk,
    ):
        await until(lambda: "ready as" in caplog.text)
        choke(talk)
        await until(lambda: len(discord.gateway.ops(IDENTIFY)) == 2)
        await discord.wait_until_ready()
        assert (await talk.card(talk.mention(GOLDEN))).attachments
    assert "A defect of ours ended the connection" in caplog.text


def choke(talk: Talk) -> None:
    """Send an event in a shape that the library falls over."""
    for session in talk.discord.gateway.sessions.values():
        session.push(json.dumps({"op": 0, "s": 99, "t": "INTERACTION_CREATE", "d": {"id": "1"}}))


@pytest.mark.parametrize("code", [4004, 4010, 4011, 4012, 4013, 4014])
async def test_a_close_code_that_keeps_us_out_ends_the_bot_in_a_sentence(
    folder: Path, code: int
) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        settings = settings_for(discord, chat, folder, MESSAGE_CONTENT="off")
        bot = spawn(app.run(settings, asyncio.Event()), name="the bot")
        await discord.wait_until_ready(30)
        discord.gateway.close_all(code)
        if code == 4014:
            await until(lambda: len(discord.gateway.ops(IDENTIFY)) == 2)
            discord.gateway.close_all(code)
        with pytest.raises(StartError) as caught:
            await bot
    assert caught.value.sentence.endswith(".")


async def test_a_place_in_line_that_a_kill_left_standing_is_taken_back(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder) as talk:
            stands = await talk.card(talk.mention(GOLDEN))
        kept = json.dumps([{"room_id": stands.channel_id, "message_id": stands.id}])
        with closing(sqlite3.connect(folder / "bot.db")) as database, database:
            database.execute("insert into keys values ('shown_places', ?)", (kept.encode(),))
        async with bot_between(discord, chat, folder):
            await discord.world.changes.until(lambda: stands.id not in discord.world.state.messages)


@pytest.mark.parametrize("deaths", [0, MOST_DEATHS_ANSWERED])
@pytest.mark.parametrize(("before", "after"), [("on", "off"), ("off", "on")])
async def test_an_answer_is_found_whatever_became_of_the_rule_for_threads(
    folder: Path, before: str, after: str, deaths: int
) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder) as talk:
            await choose(talk, talk.general, threads=before)
            left = talk.mention(GOLDEN)
            await discord.world.changes.until(lambda: ends(discord, left), 20)
        discord.world.state.nonces.clear()  # as after some minutes
        await choose(talk, talk.general, threads=after)
        answer = ends(discord, left)
        await leave_open(folder, discord.guild, left, deaths)
        async with bot_between(discord, chat, folder, CATCH_UP_MINUTES="0"):
            await until(lambda: not is_open(folder, left))
        assert ends(discord, left) == answer


@pytest.mark.parametrize("comes", ["late", "with the next session"])
@pytest.mark.usefixtures("sessions_at_once")
async def test_in_a_server_that_comes_late_an_answer_waits_until_it_can_be_looked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, comes: str
) -> None:
    monkeypatch.setattr("bot.services.patience.PAUSES_S", (0.2,) * 50)
    caplog.set_level("INFO")
    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder) as talk:
            await choose(talk, talk.general, threads="on")
            left = talk.mention(GOLDEN)
            await discord.world.changes.until(lambda: ends(discord, left), 20)
        discord.world.state.nonces.clear()
        answer = ends(discord, left)
        await leave_open(folder, discord.guild, left, deaths=0)
        discord.gateway.late = {discord.guild.id}
        async with bot_between(discord, chat, folder, CATCH_UP_MINUTES="0"):
            await until(lambda: f"the answer to {left.id} does not come yet" in caplog.text)
            assert is_open(folder, left)
            if comes == "late":
                discord.gateway.give(discord.guild)
            else:
                discord.gateway.late.clear()
                discord.gateway.invalidate()
            await until(lambda: not is_open(folder, left))
        assert ends(discord, left) == answer


async def test_in_a_server_that_comes_late_an_answer_goes_where_the_rules_want_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bot.services.patience.PAUSES_S", (0.2,) * 50)
    caplog.set_level("INFO")
    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder) as talk:
            left = talk.mention(GOLDEN)
            await discord.world.changes.until(lambda: ends(discord, left), 20)
            await choose(talk, talk.general, threads="on")
        discord.world.state.nonces.clear()
        came = [discord.world.state.messages[id_] for id_ in ends(discord, left)]
        delete(discord.world, discord.general, came)  # as if it never had
        await leave_open(folder, discord.guild, left, deaths=0)
        discord.gateway.late = {discord.guild.id}
        async with bot_between(discord, chat, folder, CATCH_UP_MINUTES="0"):
            await until(lambda: f"the answer to {left.id} does not come yet" in caplog.text)
            discord.gateway.give(discord.guild)
            await until(lambda: not is_open(folder, left))
        messages = discord.world.state.messages
        assert {messages[id_].channel_id for id_ in ends(discord, left)} == {left.id}


def ends(discord: DiscordServer, left: Message) -> list[int]:
    """What the bot wrote below a question, or in the thread on it."""
    messages = discord.world.state.messages.values()
    ours = [each for each in messages if each.author_id == discord.world.bot_id]
    return [each.id for each in ours if each.channel_id == left.id or answers(each, left)]


def answers(message: Message, left: Message) -> bool:
    return message.reference is not None and message.reference.message_id == left.id


async def leave_open(folder: Path, guild: Guild, left: Message, deaths: int) -> None:
    """Leave a question as kills do between posting its answer and noting that."""
    room = Room(left.channel_id, guild.id)
    question = replace(
        asked(left.id, GOLDEN, room=room, member=Member(left.author_id, "Ada")),
        created_at=datetime.now(UTC),
    )
    with closing(sqlite3.connect(folder / "bot.db")) as file, file:
        file.execute("DELETE FROM turn_parts")
        file.execute("DELETE FROM inbox")
    async with open_database(f"sqlite+aiosqlite:///{folder / 'bot.db'}") as database:
        await InboxStore(database).accept(question, datetime.now(UTC))
    with closing(sqlite3.connect(folder / "bot.db")) as file, file:
        file.execute("UPDATE inbox SET deaths = ?", (deaths,))


def is_open(folder: Path, left: Message) -> bool:
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        [[state]] = database.execute("SELECT state FROM inbox WHERE message_id = ?", (left.id,))
    return state in {"received", "claimed"}


async def test_a_defect_amid_what_a_stop_left_ends_it_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError

    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder) as talk:
            pass
        left = talk.mention(GOLDEN)
        await leave_open(folder, discord.guild, left, deaths=0)
        with monkeypatch.context() as broken:
            broken.setattr("bot.services.turnstile.Turnstile.turn", explode)
            async with bot_between(discord, chat, folder, CATCH_UP_MINUTES="0") as talk:
                notice = await talk.card(left)
        number = notice.content.split("`")[1]
        assert f"incident {number}" in caplog.text
        async with bot_between(discord, chat, folder, CATCH_UP_MINUTES="0") as talk:
            assert (await talk.card(talk.mention("Hello"))).attachments
        assert sum(answers(each, left) for each in discord.world.state.messages.values()) == 1
