"""Two systems in an order: what members and moderators notice when the first one cannot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.faults import Fault
from bot.local.discord_server.server import DiscordServer
from tests.e2e.world import Talk, seconds_of, talking

SUMS = "What is six times seven?"
KEEPS_FAILING = 3
"""The call and its retries."""


@asynccontextmanager
async def two(
    folder: Path, *, voice: str = "alloy", discord: DiscordServer | None = None
) -> AsyncIterator[tuple[Talk, ChatServer]]:
    """Start the bot with OpenAI first and aimlapi next."""
    async with (
        ChatServer(preset="aimlapi", key="sk-other") as second,
        talking(
            folder,
            discord=discord,
            PROVIDER="",
            PROVIDERS="openai,aimlapi",
            AIMLAPI_BASE_URL=second.base_url,
            AIMLAPI_API_KEY="sk-other",
            DEFAULT_VOICE=voice,
        ) as talk,
    ):
        yield talk, second


@pytest.mark.parametrize(
    ("fault", "times"),
    [
        (faults.quota(), 1),
        (faults.wrong_country, 1),
        (faults.relay_no_channel, 1),
        (faults.server_error, KEEPS_FAILING),
        (faults.reset, KEEPS_FAILING),
    ],
)
async def test_the_next_answers_and_says_so_in_small_print(
    folder: Path, fault: Fault, times: int
) -> None:
    async with two(folder, voice="cedar") as (talk, second):
        talk.chat.faults.next(fault, times)
        card = await talk.card(talk.mention(SUMS))
        assert card.content == (
            "That makes 42.\n-# AI/ML API answered, for the usual model could not; its voice onyx "
            "stands in for yours."
        )
        assert seconds_of(talk.ada.read(card)) > 0.5
        [asked] = second.completions_seen
        assert (asked["model"], asked["audio"]["voice"]) == ("gpt-4o-audio-preview", "onyx")


async def test_a_conversation_goes_on_at_the_other_server_in_writing_and_back(
    folder: Path,
) -> None:
    async with two(folder) as (talk, second):
        card = await talk.card(talk.mention("My name is Ada."))
        talk.chat.faults.next(faults.quota())
        reply = talk.ada.say(talk.general, "What is my name?", reply_to=card)
        again = await talk.card(reply)
        assert "Ada" in again.content
        told = second.completions_seen[-1]["messages"]
        assert [message.get("audio") for message in told] == [None] * 4
        more = talk.ada.say(talk.general, "What is my name, once more?", reply_to=again)
        assert "Ada" in (await talk.card(more)).content
        told = second.completions_seen[-1]["messages"]
        assert "audio" not in told[2]
        assert "audio" in told[4]
        assert len(talk.chat.completions_seen) == 2


async def test_given_words_are_spoken_by_the_next_server_too(folder: Path) -> None:
    async with two(folder) as (talk, second):
        talk.chat.speech_faults.next(faults.error(404, "no such call"))
        target = talk.ada.say(talk.general, "The ship leaves at nine.")
        shown = await talk.ada.response(talk.ada.use_on_message("Read aloud", target))
        [sound] = await talk.ada.answers(shown, timeout_s=20)
        assert sound.attachments
        assert second.completions_seen == []


async def test_when_none_can_the_member_is_told(folder: Path) -> None:
    async with two(folder) as (talk, second):
        talk.chat.faults.next(faults.quota())
        second.faults.next(faults.aimlapi_no_credits)
        [notice] = await talk.answer(talk.mention(SUMS))
        assert "budget" in notice.content


async def test_whoever_runs_the_bot_is_told_by_dm_once(folder: Path) -> None:
    discord = DiscordServer()
    runner = discord.member("Runner")
    discord.world.state.application.owner_id = runner.user.id
    async with two(folder, discord=discord) as (talk, _):
        talk.chat.faults.next(faults.quota())
        await talk.card(talk.mention(SUMS))
        [told] = await runner.bot_messages(runner.dm_channel)
        assert told.content == (
            "🔧 OpenAI: My budget at the model's server is used up. My owner has to look at this. "
            "the account behind OPENAI_API_KEY is empty, or at its limit"
        )
