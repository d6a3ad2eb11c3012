"""An unmodified discord.py against the stand-in."""

import io

import discord

from bot.local.discord_server.server import DiscordServer
from tests.local.discord_world import Listener


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
