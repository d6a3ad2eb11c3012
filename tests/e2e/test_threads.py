"""Threads and forum posts: which messages in them are for us, and what they continue."""

import asyncio
from pathlib import Path

from bot.local.discord_server import building
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Thread
from bot.local.discord_server.world import World
from tests.e2e.world import GOLDEN, held, talking


def with_content() -> DiscordServer:
    """A Discord that shows the bot what does not address it."""
    discord = DiscordServer()
    discord.world.grant_message_content()
    return discord


async def test_a_thread_started_on_a_question_under_way_goes_on_after_its_answer(
    folder: Path,
) -> None:
    async with talking(folder, discord=with_content()) as talk:
        answered = asyncio.Event()
        talk.chat.faults.next(held(answered))
        question = talk.mention("My name is Ada.")
        await talk.ada.sees_typing(talk.general)
        thread = talk.ada.start_thread(question)
        early = talk.ada.say(thread, "What is my name?")
        await talk.voice_note(talk.ada.say(talk.ada.dm_channel, GOLDEN))
        answered.set()
        await talk.card(question)
        assert "Ada" in (await talk.card(early)).content


async def test_in_a_forum_post_it_goes_on_where_it_is_addressed(folder: Path) -> None:
    async with talking(folder, discord=with_content()) as talk:
        bob = talk.discord.member("Bob")
        forum = building.add_channel(
            talk.discord.world, talk.discord.guild, "help", ChannelType.FORUM
        )
        post, opening = talk.ada.post_to_forum(
            forum, "Names", f"{talk.discord.mention} My name is Ada."
        )
        card = await talk.card(opening)
        bob.say(post, "Nice to meet you.")
        reply = talk.ada.say(post, "What is my name?", reply_to=card)
        assert "Ada" in (await talk.card(reply)).content
        mention = talk.ada.say(post, f"{talk.discord.mention} What is my name?")
        assert "Ada" in (await talk.card(mention)).content
        assert len(await talk.ada.bot_messages(post)) == 3


async def test_an_archived_thread_goes_on_after_a_restart(folder: Path) -> None:
    async with talking(folder, discord=with_content()) as talk:
        thread = talk.ada.start_thread(await talk.card(talk.mention("My name is Ada.")))
        await talk.card(talk.ada.say(thread, "Hello again."))
        talk.ada.change_thread(thread, archived=True)
        world = World.load(talk.discord.world.dump())
    async with talking(folder, discord=DiscordServer(world)) as talk:
        question = talk.ada.say(world.channel(thread.id), "What is my name?")
        assert "Ada" in (await talk.card(question)).content


async def test_a_thread_that_the_bot_was_never_told_of_goes_on(folder: Path) -> None:
    async with talking(folder, discord=with_content()) as talk:
        card = await talk.card(talk.mention("My name is Ada."))
        world, general = talk.discord.world, talk.general
        thread = Channel(
            card.id,
            ChannelType.PUBLIC_THREAD,
            "Thread",
            general.guild_id,
            parent_id=general.id,
            thread=Thread(talk.ada.user.id, world.clock()),
        )
        world.state.channels[thread.id] = thread
        answer = await talk.card(talk.ada.say(thread, "What is my name?"))
        assert "Ada" in answer.content
        await talk.voice_note(talk.ada.say(talk.ada.dm_channel, GOLDEN))
        looked_up = [
            call for call in talk.discord.traffic.calls if call.path == f"/channels/{thread.id}"
        ]
        assert len(looked_up) == 1  # for the question, and not for our own answer as well
