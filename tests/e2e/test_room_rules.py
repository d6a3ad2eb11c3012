"""What rooms set takes effect on the next message, over real sockets."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from aiohttp.web import Request, StreamResponse

from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.faults import Answer
from bot.local.discord_server import building, messages
from bot.local.discord_server.components import flatten
from bot.local.discord_server.drafts import Draft
from bot.local.discord_server.kinds import MessageFlag
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from tests.e2e.test_threads import with_content
from tests.e2e.world import GOLDEN, Talk, bot_between, problems_in, recording, talking

_SET = "INSERT OR REPLACE INTO room_settings VALUES ('channel', ?, ?, ?, ?, 1, '2026-11-21')"


async def choose(talk: Talk, room: Channel, **chosen: str) -> None:
    """Set something for a room in the database itself, beside the running bot."""
    rows = [(room.id, name, value, room.guild_id) for name, value in chosen.items()]
    await asyncio.to_thread(execute, talk, _SET, rows)


def execute(talk: Talk, statement: str, rows: Sequence[Sequence[object]] = ((),)) -> None:
    """Change the bot's database; the bot may be at it, too, so never on its own loop."""
    with closing(sqlite3.connect(talk.folder / "bot.db", timeout=10)) as database, database:
        database.executemany(statement, rows)


def buttons(message: Message) -> list[dict[str, Any]]:
    return [part for part in flatten(message.components) if "custom_id" in part]


def only_button(message: Message) -> str:
    [button] = buttons(message)
    assert len(button["custom_id"]) <= 100
    return str(button["custom_id"])


def recitals(chat: ChatServer) -> list[Any]:
    return [seen.body for seen in chat.seen if seen.path.endswith("/audio/speech")]


async def test_on_demand_speaks_when_anybody_presses_and_only_once(folder: Path) -> None:
    async with talking(folder, TEXT_MODEL="gpt-5-mini") as talk:
        await choose(talk, talk.general, speak="on_demand", voice="coral")
        words = await talk.card(talk.mention(GOLDEN))
        assert "golden" in words.content
        assert words.attachments == []
        assert talk.chat.completions_seen[-1]["model"] == "gpt-5-mini"
        assert recitals(talk.chat) == []
        bob = talk.discord.member("Bob")
        said = await bob.response(bob.press(words, only_button(words)))
        [sound] = await bob.bot_messages(talk.general, after=words)
        assert sound.attachments[0].filename == "answer.mp3"
        assert sound.reference is not None
        assert sound.reference.message_id == words.id
        assert (said.for_user_id, str(sound.id) in said.content) == (bob.user.id, True)
        again = await talk.ada.response(talk.ada.press(words, only_button(words)))
        assert str(sound.id) in again.content
        [recital] = recitals(talk.chat)
        assert (recital["voice"], recital["input"]) == ("coral", words.content)


async def test_buttons_outlive_a_restart(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder, TEXT_MODEL="gpt-5-mini") as talk:
            await choose(talk, talk.general, speak="on_demand", form="voice_note")
            words = await talk.card(talk.mention(GOLDEN))
        async with bot_between(discord, chat, folder, TEXT_MODEL="gpt-5-mini") as talk:
            await talk.ada.response(talk.ada.press(words, only_button(words)))
            [bubble] = await talk.ada.bot_messages(talk.general, after=words)
            assert bubble.is_voice
        assert problems_in(discord, chat) == []


async def test_a_press_that_a_stop_overtakes_is_spoken_and_paid_for_once(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked, release = asyncio.Event(), asyncio.Event()

    async def unwilling(request: Request, answer: Answer) -> StreamResponse:
        asked.set()
        await release.wait()
        return await faults.error(404, "no such call")(request, answer)

    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder, TEXT_MODEL="gpt-5-mini") as talk:
            await choose(talk, talk.general, speak="on_demand")
            words = await talk.card(talk.mention(GOLDEN))
            chat.speech_faults.next(unwilling)
            talk.ada.press(words, only_button(words))
            await asked.wait()
            release.set()
        async with bot_between(discord, chat, folder, TEXT_MODEL="gpt-5-mini") as talk:
            said = await talk.ada.response(talk.ada.press(words, only_button(words)))
            [sound] = await talk.ada.bot_messages(talk.general, after=words)
            assert str(sound.id) in said.content
        assert len(chat.completions_seen) == 2
    assert "Traceback" not in caplog.text


async def test_where_no_file_is_taken_nothing_is_spoken_or_paid_for(folder: Path) -> None:
    async with talking(folder, TEXT_MODEL="gpt-5-mini") as talk:
        world, bot = talk.discord.world, talk.discord.world.state.users[talk.discord.world.bot_id]
        await choose(talk, talk.general, speak="on_demand")
        words = await talk.card(talk.mention(GOLDEN))
        building.set_overwrite(world, talk.general, bot, deny=int(Permission.ATTACH_FILES))
        pressed = await talk.ada.response(talk.ada.press(words, only_button(words)))
        assert "permission Attach Files" in pressed.content
        used = talk.ada.use_on_message("Read aloud", words)
        [told] = await talk.ada.followups(used, 1)
        assert "permission Attach Files" in told.content
        assert recitals(talk.chat) == []


async def test_what_the_provider_does_not_read_aloud_the_chat_model_reads(folder: Path) -> None:
    async with talking(folder, TEXT_MODEL="gpt-5-mini") as talk:
        await choose(talk, talk.general, speak="on_demand")
        words = await talk.card(talk.mention(GOLDEN))
        talk.chat.speech_faults.next(faults.error(404, "no such call"))
        await talk.ada.response(talk.ada.press(words, only_button(words)))
        [sound] = await talk.ada.bot_messages(talk.general, after=words)
        assert sound.attachments
        assert talk.chat.completions_seen[-1]["audio"]["voice"] == "alloy"


async def test_a_folded_transcript_is_shown_to_whoever_presses(talk: Talk) -> None:
    await choose(talk, talk.general, transcript="folded")
    card = await talk.card(talk.mention(GOLDEN))
    assert card.attachments
    assert "golden" not in card.content
    shown = await talk.ada.response(talk.ada.press(card, only_button(card)))
    assert "golden" in shown.content
    assert shown.for_user_id == talk.ada.user.id


async def test_without_a_transcript_a_voice_note_stands_alone(talk: Talk) -> None:
    dm = talk.ada.dm_channel
    await choose(talk, dm, transcript="off")
    question = talk.ada.say(dm, GOLDEN)
    [bubble] = await talk.answer(question)
    assert bubble.is_voice
    follow = talk.ada.say(dm, "What is 2 plus 2?")
    assert [m.is_voice for m in await talk.ada.bot_messages(dm, 2)] == [True, True]
    assert await talk.answer(follow)


async def test_what_an_old_button_is_about_may_be_gone(talk: Talk) -> None:
    await choose(talk, talk.general, transcript="folded")
    card = await talk.card(talk.mention(GOLDEN))
    await asyncio.to_thread(execute, talk, "DELETE FROM turn_parts")
    await asyncio.to_thread(execute, talk, "DELETE FROM turns")
    said = await talk.ada.response(talk.ada.press(card, only_button(card)))
    assert "no longer keep that answer" in said.content
    assert said.for_user_id == talk.ada.user.id


async def test_a_thread_for_each_question_goes_on_without_a_mention(folder: Path) -> None:
    async with talking(folder, discord=with_content()) as talk:
        await choose(talk, talk.general, threads="on")
        question = talk.mention("My name is Ada.")
        thread = await _thread_on(talk, question)
        assert thread.name == "My name is Ada."
        [card] = await talk.ada.bot_messages(thread)
        assert card.attachments
        assert "Ada" in (await talk.card(talk.ada.say(thread, "What is my name?"))).content


async def test_a_thread_that_is_there_already_takes_the_answer(folder: Path) -> None:
    async with talking(folder, discord=with_content()) as talk:
        await choose(talk, talk.general, threads="on")
        said = talk.ada.say(talk.general, "A topic")
        thread = talk.ada.start_thread(said)
        talk.ada.edit(said, f"{talk.discord.mention} {GOLDEN}")
        [card] = await talk.ada.bot_messages(thread, timeout_s=20)
        assert card.attachments
        assert 160004 in [call.code for call in talk.discord.traffic.calls]


async def test_where_it_may_open_no_thread_it_answers_in_place(talk: Talk) -> None:
    world, bot = talk.discord.world, talk.discord.world.state.users[talk.discord.world.bot_id]
    building.set_overwrite(world, talk.general, bot, deny=int(Permission.CREATE_PUBLIC_THREADS))
    await choose(talk, talk.general, threads="on")
    assert (await talk.card(talk.mention(GOLDEN))).attachments


async def test_a_listen_room_answers_what_is_said_to_all(folder: Path) -> None:
    async with talking(folder, discord=with_content()) as talk:
        await choose(talk, talk.general, listen="on")
        bob = talk.discord.member("Bob")
        to_bob = talk.ada.say(talk.general, f"<@{bob.user.id}> hello")
        reply = bob.say(talk.general, "hello to you", reply_to=to_bob)
        question = talk.ada.say(talk.general, GOLDEN)
        card = await talk.card(question)
        assert card.attachments
        assert not answered(talk) & {to_bob.id, reply.id}


async def test_a_silent_question_gets_a_silent_answer(talk: Talk) -> None:
    draft = Draft(f"{talk.discord.mention} {GOLDEN}", flags=int(MessageFlag.SUPPRESS_NOTIFICATIONS))
    question = messages.post(talk.discord.world, talk.general, talk.ada.user.id, draft)
    assert (await talk.card(question)).flags & MessageFlag.SUPPRESS_NOTIFICATIONS
    await choose(talk, talk.general, silent="off")
    question = messages.post(talk.discord.world, talk.general, talk.ada.user.id, draft)
    assert not (await talk.card(question)).flags & MessageFlag.SUPPRESS_NOTIFICATIONS


async def test_a_silent_voice_message_gets_a_silent_bubble(talk: Talk) -> None:
    dm = talk.ada.dm_channel
    draft = Draft(GOLDEN, flags=int(MessageFlag.SUPPRESS_NOTIFICATIONS))
    question = messages.post(talk.discord.world, dm, talk.ada.user.id, draft)
    bubble, words = await talk.voice_note(question)
    assert bubble.flags & MessageFlag.SUPPRESS_NOTIFICATIONS
    assert words.flags & MessageFlag.SUPPRESS_NOTIFICATIONS


async def test_roles_decide_who_is_answered(folder: Path) -> None:
    discord = DiscordServer()
    guests = building.add_role(discord.world, discord.guild, "guests", 0)
    async with talking(folder, discord=discord) as talk:
        await choose(talk, talk.general, roles_denied=str(guests.id))
        bob = discord.member("Bob")
        discord.guild.members[bob.user.id].role_ids.append(guests.id)
        [refused] = await bob.answers(bob.say(talk.general, f"{discord.mention} hello"))
        assert "Manage Channels in this room can change that" in refused.content
        assert (await talk.card(talk.mention(GOLDEN))).attachments


async def test_other_bots_are_answered_only_where_they_may_be(talk: Talk) -> None:
    robot = talk.discord.member("Robot")
    robot.user.bot = True
    ignored = robot.say(talk.general, f"{talk.discord.mention} {GOLDEN}")
    await talk.card(talk.mention(GOLDEN))
    await choose(talk, talk.general, bots="answered")
    asked = [robot.say(talk.general, f"{talk.discord.mention} {GOLDEN}") for _ in range(5)]
    await talk.discord.world.changes.until(lambda: len(answered(talk)) >= 4, 20)
    await talk.card(talk.mention(GOLDEN))
    assert answered(talk) & {ignored.id, *(m.id for m in asked)} == {m.id for m in asked[:3]}


async def test_a_voice_message_is_answered_in_writing_where_nothing_is_spoken(
    folder: Path,
) -> None:
    async with talking(folder, TEXT_MODEL="gpt-5-mini") as talk:
        dm = talk.ada.dm_channel
        await choose(talk, dm, speak="never")
        [words] = await talk.answer(talk.ada.speak(dm, recording()))
        assert (words.is_voice, words.attachments, words.components) == (False, [], [])
        asked = talk.chat.completions_seen[-1]
        assert (asked["model"], asked["modalities"]) == ("gpt-audio-1.5", ["text"])


async def test_a_voice_that_was_withdrawn_gives_way_and_is_named_once(talk: Talk) -> None:
    await choose(talk, talk.general, voice="voice_gone")
    talk.chat.faults.next(faults.voice_unknown)
    card = await talk.card(talk.mention(GOLDEN))
    assert card.attachments
    assert "does not have the voice voice_gone, so I speak with alloy" in card.content


async def test_an_answer_that_came_without_its_sound_is_read_aloud(talk: Talk) -> None:
    talk.chat.faults.next(faults.invalid_base64)
    card = await talk.card(talk.mention(GOLDEN))
    assert card.attachments
    talk.chat.faults.next(faults.invalid_base64)
    talk.chat.speech_faults.next(faults.error(404, "no such call"))
    words = await talk.card(talk.mention(GOLDEN))
    assert "text only" in words.content
    assert words.attachments == []


def answered(talk: Talk) -> set[int]:
    """What the bot replied to in #general."""
    stored, bot_id = talk.discord.world.messages_in(talk.general.id, 0), talk.discord.world.bot_id
    return {m.reference.message_id for m in stored if m.author_id == bot_id and m.reference}


async def _thread_on(talk: Talk, question: Message) -> Channel:
    channels = talk.discord.world.state.channels
    return await talk.discord.world.changes.until(lambda: channels.get(question.id), 20)
