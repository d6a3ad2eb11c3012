"""What happens to a room, or to the bot's place in it, while an answer is being made."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from bot.local.discord_server import building
from bot.local.discord_server.faults import rate_limited
from bot.local.discord_server.state import Channel, Message
from tests.e2e.world import GOLDEN, Talk, held

MESSAGES = "/channels/*/messages"


async def under_way(talk: Talk, channel: Channel) -> tuple[Message, asyncio.Event]:
    """A question whose answer comes once the event is set."""
    answered = asyncio.Event()
    talk.chat.faults.next(held(answered))
    question = talk.ada.say(channel, f"{talk.discord.mention} {GOLDEN}")
    await talk.ada.sees_typing(channel)
    return question, answered


def kept_words(talk: Talk, question: Message) -> str:
    """What the bot remembers to have answered."""
    with closing(sqlite3.connect(talk.folder / "bot.db")) as database:
        [(words,)] = database.execute(
            "SELECT transcript FROM turns WHERE question_id = ?", (question.id,)
        )
    return str(words)


async def test_a_channel_deleted_meanwhile_is_told_to_the_asker_alone(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    lounge = building.add_channel(talk.discord.world, talk.discord.guild, "lounge")
    question, answered = await under_way(talk, lounge)
    building.remove_channel(talk.discord.world, lounge)
    answered.set()
    [notice] = await talk.ada.bot_messages(talk.ada.dm_channel)
    assert "may not write in the room" in notice.content
    assert "golden" in kept_words(talk, question).lower()
    assert (await talk.card(talk.mention("Hello"))).attachments
    assert "Traceback" not in caplog.text


async def test_a_bot_thrown_out_meanwhile_leaves_quietly(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    question, answered = await under_way(talk, talk.general)
    building.remove_bot(talk.discord.world, talk.discord.guild)
    answered.set()
    traffic = talk.discord.traffic
    await talk.discord.world.changes.until(
        lambda: any(call.code == 50278 for call in traffic.to("POST", MESSAGES)), 20
    )
    assert "golden" in kept_words(talk, question).lower()
    assert talk.discord.world.messages_in(talk.ada.dm_channel.id) == []
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize("scope", ["user", "shared", "global"])
async def test_an_answer_waits_out_a_rate_limit_and_comes_once(talk: Talk, scope: str) -> None:
    talk.discord.faults.add("POST", MESSAGES, rate_limited(0.05, scope=scope), times=2)
    assert (await talk.card(talk.mention(GOLDEN))).attachments
    await talk.card(talk.mention("Hello"))
    assert len(await talk.ada.bot_messages(talk.general)) == 2
    assert len(talk.chat.completions_seen) == 2
