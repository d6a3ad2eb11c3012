"""Killed at the worst moments: every question reaches its end, once, and is paid for once."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.local.chat_server import ChatServer
from bot.local.discord_server import building, messages
from bot.local.discord_server.faults import Hold
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from bot.services.intake import MOST_DEATHS
from tests.e2e.test_process import environment, running
from tests.e2e.world import GOLDEN, held

MESSAGES = "/channels/*/messages"


async def until(comes_true: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    async with asyncio.timeout(90):
        while not comes_true():  # noqa: ASYNC110 - no event of ours tells
            await asyncio.sleep(0.02)


@dataclass
class Siege:
    """Discord and the model, which outlive the bot, and Ada."""

    discord: DiscordServer
    chat: ChatServer
    folder: Path
    ada: MemberClient

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[None]:
        """Run the bot as a process of its own, and kill it in the end."""
        env = environment(self.discord, self.chat, self.folder) | {"CATCH_UP_MINUTES": "0"}
        async with running(env, self.discord):
            yield

    def hold(self, *, afterwards: bool, times: int = 1) -> list[Hold]:
        """Keep the next messages of the bot from being posted, or from being known as posted."""
        holds = [Hold() for _ in range(times)]
        for hold in holds:
            self.discord.faults.add("POST", MESSAGES, hold, afterwards=afterwards)
        return holds

    def ask(self) -> Message:
        return self.ada.say(self.discord.general, f"{self.discord.mention} {GOLDEN}")

    async def heard(self, room: Channel, count: int) -> list[Message]:
        """Wait for so many messages of the bot."""
        found = await self.ada.bot_messages(room, count, timeout_s=90)
        return list(found)

    async def ended(self, *states: str) -> None:
        """Wait until the questions have these ends, the oldest first."""
        await until(lambda: self.states() == list(states))

    def states(self) -> list[str]:
        with closing(sqlite3.connect(self.folder / "bot.db")) as database:
            rows = database.execute("SELECT state FROM inbox ORDER BY message_id")
            return [state for (state,) in rows]

    def let_pass(self, seconds: int) -> None:
        """Make what is stored of answers older."""
        with closing(sqlite3.connect(self.folder / "bot.db")) as database, database:
            [(stored_at,)] = database.execute("SELECT stored_at FROM outbox")
            before = datetime.fromisoformat(stored_at) - timedelta(seconds=seconds)
            database.execute("UPDATE outbox SET stored_at = ?", (before.isoformat(" "),))

    def was_asked(self, times: int) -> bool:
        """Tell whether the model was asked so often."""
        return len(self.chat.completions_seen) == times

    def looks(self, room: Channel) -> int:
        """Count the pages of a room that were read."""
        return len(self.discord.traffic.to("GET", f"/channels/{room.id}/messages"))


@pytest_asyncio.fixture
async def siege(folder: Path) -> AsyncIterator[Siege]:
    async with DiscordServer() as discord, ChatServer(canned="That makes 42.") as chat:
        yield Siege(discord, chat, folder, discord.member("Ada"))


async def test_killed_while_uploading_the_whole_answer_comes_after_the_restart(
    siege: Siege,
) -> None:
    [upload] = siege.hold(afterwards=False)
    async with siege.bot():
        siege.ada.say(siege.ada.dm_channel, GOLDEN)
        await upload.arrived.wait()
    async with siege.bot():
        bubble, words = await siege.heard(siege.ada.dm_channel, 2)
        assert bubble.is_voice
        assert "That makes 42." in words.content
        upload.release()  # of the dead: it may still arrive
        await siege.ended("answered")
    assert len(await siege.heard(siege.ada.dm_channel, 2)) == 2
    assert len(siege.chat.completions_seen) == 1


async def test_killed_once_the_bubble_stands_only_the_words_come_whatever_became_of_nonces(
    siege: Siege,
) -> None:
    siege.discord.world.nonce_window = timedelta()
    [upload] = siege.hold(afterwards=True)
    async with siege.bot():
        siege.ada.say(siege.ada.dm_channel, GOLDEN)
        await upload.arrived.wait()
    async with siege.bot():
        bubble, words = await siege.heard(siege.ada.dm_channel, 2)
        assert bubble.is_voice
        assert not words.is_voice
        await siege.ended("answered")
    assert len(await siege.heard(siege.ada.dm_channel, 2)) == 2
    assert len(siege.chat.completions_seen) == 1


async def test_one_look_through_a_room_serves_all_whose_answers_may_stand_there(
    siege: Siege,
) -> None:
    siege.discord.world.nonce_window = timedelta()
    async with siege.bot():
        questions = [siege.ask()]
        await siege.heard(siege.discord.general, 1)  # from then on the library posts side by side
        uploads = siege.hold(afterwards=True, times=3)
        questions += [siege.ask() for _ in uploads]
        for upload in uploads:
            await upload.arrived.wait()
    async with siege.bot():
        await siege.ended(*["answered"] * len(questions))
    assert siege.looks(siege.discord.general) == 1
    cards = await siege.heard(siege.discord.general, len(questions))
    assert sorted(card.reference.message_id for card in cards if card.reference) == [
        question.id for question in questions
    ]


async def test_who_goes_on_below_an_answer_before_the_new_start_is_ready_is_heard(
    siege: Siege,
) -> None:
    siege.discord.world.grant_message_content()
    [upload] = siege.hold(afterwards=True)
    async with siege.bot():
        siege.ask()
        await upload.arrived.wait()
    [card] = await siege.heard(siege.discord.general, 1)
    thread = siege.ada.start_thread(card)
    async with siege.bot():  # it has a session; the library calls it ready some seconds later
        siege.ada.say(thread, "And then?")
        await siege.heard(thread, 1)
        await siege.ended("answered", "answered")
    assert len(bots_own(siege)) == 1


async def test_a_message_deleted_while_the_bot_was_down_is_not_posted_again(siege: Siege) -> None:
    [upload] = siege.hold(afterwards=True)
    async with siege.bot():
        siege.ask()
        await upload.arrived.wait()
    [card] = await siege.heard(siege.discord.general, 1)
    messages.delete(siege.discord.world, siege.discord.general, [card])
    async with siege.bot():
        await siege.ended("answered")
    assert bots_own(siege) == []


def bots_own(siege: Siege) -> list[Message]:
    world = siege.discord.world
    here = world.messages_in(siege.discord.general.id)
    return [message for message in here if message.author_id == world.bot_id]


@pytest.mark.parametrize(("seconds_ago", "says"), [(0, "42"), (120, "I may not look")])
async def test_where_the_bot_may_not_look_it_posts_again_by_the_nonce_or_not_at_all(
    siege: Siege, seconds_ago: int, says: str
) -> None:
    [upload] = siege.hold(afterwards=True)
    async with siege.bot():
        siege.ask()
        await upload.arrived.wait()
    hide_history(siege.discord)
    siege.let_pass(seconds_ago)
    async with siege.bot():
        await siege.ended("failed" if seconds_ago else "answered")
        await until(lambda: says in bots_own(siege)[-1].content)
    answers = bots_own(siege)
    assert says in answers[-1].content
    said = [each.content.partition("Incident")[0] for each in answers]  # its number is any
    assert sum("42" in words for words in said) == 1


def hide_history(discord: DiscordServer) -> None:
    role = building.bot_role(discord.world, discord.guild)
    role.permissions &= ~int(Permission.READ_MESSAGE_HISTORY | Permission.ADMINISTRATOR)
    everyone = discord.guild.roles[discord.guild.id]
    everyone.permissions &= ~int(Permission.READ_MESSAGE_HISTORY)


async def test_a_question_over_which_the_bot_died_three_times_is_parked_and_its_member_told(
    siege: Siege,
) -> None:
    for death in range(MOST_DEATHS):
        siege.chat.faults.next(held(asyncio.Event()))
        async with siege.bot():
            if death == 0:
                siege.ask()
            await until(partial(siege.was_asked, death + 1))
    async with siege.bot():
        [notice] = await siege.heard(siege.discord.general, 1)
        assert "I broke down 3 times" in notice.content
        assert "Incident `" in notice.content
        await siege.ended("failed")
    assert len(siege.chat.completions_seen) == MOST_DEATHS


async def test_killed_before_it_could_say_why_there_is_no_answer_it_says_so_later(
    siege: Siege,
) -> None:
    [notice] = siege.hold(afterwards=False)
    async with siege.bot():
        siege.ada.say(siege.discord.general, siege.discord.mention)
        await notice.arrived.wait()
    assert siege.states() == ["refused"]
    async with siege.bot():
        [told] = await siege.heard(siege.discord.general, 1)
        assert told.content.startswith("⚠️")
    async with siege.bot():
        pass
    assert len(bots_own(siege)) == 1
    assert siege.chat.completions_seen == []
