"""A copy made beside the running bot, and a start on it, as the manual says."""

import shutil
from pathlib import Path

from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from tests.e2e.test_process import command, environment
from tests.e2e.world import GOLDEN, bot_between


def go_back(folder: Path, copy: Path) -> None:
    """Lose everything but the copy, and put that in its place."""
    shutil.rmtree(folder)
    folder.mkdir()
    shutil.copy(copy, folder / "bot.db")


async def test_a_bot_started_on_a_backup_goes_on_with_the_conversation(folder: Path) -> None:
    copy = folder.parent / "monday.db"
    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder) as talk:
            card = await talk.card(talk.mention("My name is Grace."))
            process = await command("backup", str(copy), env=environment(discord, chat, folder))
            printed, errors = await process.communicate()
            assert process.returncode == 0, errors
            assert f"{copy}: ".encode() in printed
            assert b"turns: 1" in printed
            later = await talk.card(talk.mention(GOLDEN))
        go_back(folder, copy)
        async with bot_between(discord, chat, folder) as talk:
            reply = talk.ada.say(talk.general, "What is my name?", reply_to=card)
            assert "Grace" in (await talk.card(reply)).content
            assert (await talk.card(talk.ada.say(talk.general, "Go on", reply_to=later))).content


async def test_a_backup_that_cannot_be_made_is_a_sentence_and_exit_code_1(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        env = environment(discord, chat, folder)
    process = await command("backup", str(folder / "bot.db"), env=env)
    printed, errors = await process.communicate()
    assert (process.returncode, printed) == (1, b"")
    assert errors.endswith(b"is there already, and a backup overwrites nothing.\n")
