"""Starting and stopping: what is in the way is one sentence, and nothing is lost."""

import asyncio
import logging
import socket
import sqlite3
from pathlib import Path

import pytest

from bot import app
from bot.app import running
from bot.discord_io import restraint
from bot.errors import DatabaseError, StartError
from bot.local.chat_server import ChatServer, faults
from bot.local.discord_server.faults import Action, Answer, Hold, Reset, banned
from bot.local.discord_server.server import DiscordServer
from bot.local.together import settings_for
from bot.services.housekeeping import Housekeeping
from bot.services.intake import Intake
from tests.e2e.world import GOLDEN, Talk, talking, without_number

SYNC = "/applications/*/commands"


async def sentence_of_start(folder: Path, discord: DiscordServer, **settings: str) -> str:
    """Start the bot, which fails, and give what it says."""
    async with discord, ChatServer() as chat:
        with pytest.raises(StartError) as caught:
            await app.run(settings_for(discord, chat, folder, **settings), asyncio.Event())
    return caught.value.sentence


@pytest.mark.parametrize("message_content", ["auto", "off"])
@pytest.mark.parametrize(
    ("action", "said"),
    [(Answer(403, {}), "status 403"), (Answer(401, {}), "token")],
    ids=["403", "401"],
)
async def test_a_login_that_fails_is_one_sentence(
    folder: Path, message_content: str, action: Action, said: str
) -> None:
    discord = DiscordServer()
    discord.faults.add("GET", "/users/@me", action, times=9)
    sentence = await sentence_of_start(folder, discord, MESSAGE_CONTENT=message_content)
    assert said in sentence.replace("DISCORD_TOKEN", "token")


@pytest.mark.parametrize("message_content", ["auto", "off"])
@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Reset(), "cannot be reached"),
        (Answer(503, {}), "status 503"),
        (banned(), "status 429"),
    ],
    ids=["cut", "503", "banned"],
)
async def test_while_discord_is_out_of_reach_the_bot_tries_again(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    message_content: str,
    action: Action,
    said: str,
) -> None:
    for name in ("FIRST_PAUSE_S", "LONGEST_PAUSE_S", "SHUT_OUT_PAUSE_S"):
        monkeypatch.setattr(running, name, 0.05)
    monkeypatch.setattr(restraint, "BAN_S", 0.05)
    discord = DiscordServer()
    discord.faults.add("GET", "/users/@me", action, times=7)
    async with talking(folder, discord=discord, MESSAGE_CONTENT=message_content) as talk:
        assert (await talk.card(talk.mention(GOLDEN))).attachments
    assert said in caplog.text
    assert "The next attempt is in" in caplog.text


async def test_a_busy_health_port_is_named(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in await sentence_of_start(folder, DiscordServer(), HEALTH_PORT=port)


async def test_a_database_that_fails_in_a_cog_keeps_its_own_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Intake, "recover", out_of_order)
    async with DiscordServer() as discord, ChatServer() as chat:
        with pytest.raises(DatabaseError, match="out of order"):
            await app.run(settings_for(discord, chat, folder), asyncio.Event())


@pytest.mark.parametrize("action", [Answer(403, {"code": 50001, "message": "secret"}), Reset()])
async def test_commands_that_cannot_be_published_do_not_keep_the_bot_from_answering(
    folder: Path, caplog: pytest.LogCaptureFixture, action: Action
) -> None:
    discord = DiscordServer()
    discord.faults.add("PUT", SYNC, action, times=9)
    async with talking(folder, discord=discord) as talk:
        assert (await talk.card(talk.mention(GOLDEN))).attachments
    assert "commands not published" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("method", "path"), [("GET", "/users/@me"), ("PUT", SYNC)])
async def test_a_stop_during_the_start_ends_it_in_order(
    folder: Path, method: str, path: str
) -> None:
    held, stop = Hold(), asyncio.Event()
    async with DiscordServer() as discord, ChatServer() as chat:
        discord.faults.add(method, path, held)
        async with asyncio.TaskGroup() as group:
            group.create_task(app.run(settings_for(discord, chat, folder), stop))
            await held.arrived.wait()
            stop.set()
        held.release()


async def test_an_answer_that_a_stop_cuts_short_stays_for_the_next_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(running, "DRAIN_S", 0)
    async with talking(folder) as talk:
        talk.chat.faults.next(faults.slow(60))
        talk.mention(GOLDEN)
        await talk.ada.sees_typing(talk.general)
    assert "cut short" in caplog.text
    assert "incident" not in caplog.text
    with sqlite3.connect(folder / "bot.db") as rows:
        assert rows.execute("select state from inbox").fetchall() == [("received",)]
    rows.close()


async def test_what_rises_from_an_edit_is_told_in_its_own_words(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    forgot = talk.ada.say(talk.general, GOLDEN)
    monkeypatch.setattr(Intake, "revise", out_of_order)
    talk.ada.edit(forgot, f"{talk.discord.mention} {GOLDEN}")
    assert without_number(await talk.card(forgot)) == "⚠️ My memory is out of order."
    assert "Traceback" not in caplog.text


async def test_a_defect_in_a_recovered_question_is_told_with_its_number(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    async with DiscordServer() as discord, ChatServer() as chat:
        monkeypatch.setattr(running, "DRAIN_S", 0)
        ada, stop = discord.member("Ada"), asyncio.Event()
        settings = settings_for(discord, chat, folder)
        chat.faults.next(faults.slow(60))
        async with asyncio.TaskGroup() as group:
            group.create_task(app.run(settings, stop))
            await discord.wait_until_ready(30)
            question = ada.say(discord.general, f"{discord.mention} {GOLDEN}")
            await ada.sees_typing(discord.general)
            stop.set()
        monkeypatch.setattr("bot.services.replies.require_something", explode)
        again = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(app.run(settings, again))
            [notice] = await ada.answers(question, timeout_s=20)
            again.set()
    number = notice.content.split("`")[1]
    assert f"incident {number}" in caplog.text
    assert "secret detail" not in notice.content


async def test_a_failing_database_does_not_end_the_tidying(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Housekeeping, "tidy", out_of_order)
    with caplog.at_level(logging.WARNING):
        async with talking(folder) as talk:
            await talk.card(talk.mention(GOLDEN))
    assert "not tidied up this time: database_unavailable" in caplog.text
    assert "Traceback" not in caplog.text


async def out_of_order(*_: object) -> None:
    raise DatabaseError("database_unavailable", "My memory is out of order.")


async def test_a_model_that_ends_soon_is_warned_of_at_the_start(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with talking(folder, OPENAI_MODEL="gpt-audio") as talk:
        await talk.card(talk.mention(GOLDEN))
    warning = "gpt-audio will be switched off on 2027-01-20: OPENAI_MODEL names another"
    assert warning in caplog.messages
