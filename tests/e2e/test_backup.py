"""A copy made beside the running bot, and a start on it, as the manual says."""

import shutil
from pathlib import Path

from bot.local.chat_server import ChatServer
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Message
from tests.e2e.test_process import command, environment
from tests.e2e.test_room_rules import choose, only_button
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


async def test_what_was_answered_after_the_copy_is_neither_asked_again_nor_mistaken(
    folder: Path,
) -> None:
    copy = folder.parent / "monday.db"
    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder) as talk:
            await choose(talk, talk.general, transcript="folded")
            kept = await talk.card(talk.mention("My name is Grace."))
            process = await command("backup", str(copy), env=environment(discord, chat, folder))
            assert await process.wait() == 0
            later = await talk.card(talk.mention(GOLDEN))
        go_back(folder, copy)
        async with bot_between(discord, chat, folder, CATCH_UP_MINUTES="0") as talk:
            await talk.card(talk.mention("What is seven times six?"))
            bob = discord.member("Bob")
            told = [await words_below(card, bob) for card in (later, kept)]
    assert "I no longer keep that answer" in told[0]
    assert "Grace" in told[1]
    assert len(chat.completions_seen) == 3


async def words_below(card: Message, who: MemberClient) -> str:
    """Press the button that shows an answer's words."""
    return (await who.response(who.press(card, only_button(card)))).content


async def test_a_backup_that_cannot_be_made_is_a_sentence_and_exit_code_1(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        env = environment(discord, chat, folder)
    process = await command("backup", str(folder / "bot.db"), env=env)
    printed, errors = await process.communicate()
    assert (process.returncode, printed) == (1, b"")
    assert errors.endswith(b"is there already, and a backup overwrites nothing.\n")
