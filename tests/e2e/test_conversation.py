"""The conversation goes on: by replies, in threads, in DMs, after restarts and after weeks."""

import time
from pathlib import Path

from bot.domain.prompt import KEEP_SPEAKING
from bot.local.chat_server import ChatServer, faults
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.world import World
from tests.e2e.world import GOLDEN, Talk, bot_between, recording, talking

WEEK_S = 7 * 86_400


def roles(request: list[dict[str, object]]) -> list[str]:
    return [str(message["role"]) for message in request]


def sent_by_id(request: list[dict[str, object]]) -> list[bool]:
    """For each earlier answer: whether it was sent by its audio id."""
    return ["audio" in message for message in request if message["role"] == "assistant"]


async def test_a_reply_to_bubble_or_transcript_continues(talk: Talk) -> None:
    bubble, words = await talk.voice_note(talk.ada.say(talk.ada.dm_channel, "My name is Ada."))
    for part in (bubble, words):
        question = talk.ada.say(talk.ada.dm_channel, "What is my name?", reply_to=part)
        _, answer = await talk.voice_note(question)
        assert "Ada" in answer.content
        assert roles(talk.last_request) == ["system", "user", "assistant", "user"]
        assert sent_by_id(talk.last_request) == [True]


async def test_a_reply_in_a_server_continues_and_a_new_mention_does_not(talk: Talk) -> None:
    card = await talk.card(talk.mention("My name is Grace."))
    reply = talk.ada.say(talk.general, "What is my name?", reply_to=card)
    assert "Grace" in (await talk.card(reply)).content
    await talk.card(talk.mention("What is my name?"))
    assert roles(talk.last_request) == ["system", "user"]


async def test_a_reply_to_an_error_notice_continues_what_the_failed_question_did(
    talk: Talk,
) -> None:
    card = await talk.card(talk.mention("My name is Grace."))
    talk.chat.faults.next(faults.quota())
    notice = await talk.card(talk.ada.say(talk.general, "What is my name?", reply_to=card))
    assert notice.content.startswith("⚠️ ")
    again = talk.ada.say(talk.general, "What is my name?", reply_to=notice)
    assert "Grace" in (await talk.card(again)).content


async def test_a_reply_to_an_older_answer_branches_there(talk: Talk) -> None:
    first = await talk.card(talk.mention("one"))
    second = await talk.card(talk.ada.say(talk.general, "two", reply_to=first))
    await talk.card(talk.ada.say(talk.general, "three", reply_to=second))
    assert len(talk.last_request) == 6
    await talk.card(talk.ada.say(talk.general, "four", reply_to=first))
    assert [m["content"] for m in talk.last_request if m["role"] == "user"] == [
        "[Ada] one",
        "[Ada] four",
    ]


async def test_the_next_message_in_a_dm_continues(talk: Talk) -> None:
    await talk.voice_note(talk.ada.say(talk.ada.dm_channel, "My name is Ada."))
    _, words = await talk.voice_note(talk.ada.say(talk.ada.dm_channel, "What is my name?"))
    assert "Ada" in words.content


async def test_a_thread_that_grew_from_an_answer_goes_on_without_mentions(folder: Path) -> None:
    discord = DiscordServer()
    discord.world.grant_message_content()
    async with talking(folder, discord=discord) as talk:
        card = await talk.card(talk.mention("My name is Ada."))
        thread = talk.ada.start_thread(card)
        await talk.card(talk.ada.say(thread, "Hello again."))
        answer = await talk.card(talk.ada.say(thread, "What is my name?"))
        assert "Ada" in answer.content
        assert roles(talk.last_request).count("assistant") == 2


async def test_several_people_are_told_apart_by_name(talk: Talk) -> None:
    bob = talk.discord.member("Bob")
    card = await talk.card(talk.mention("My name is Ada."))
    answer = await bob.answers(bob.say(talk.general, "Hello", reply_to=card))
    await talk.card(talk.ada.say(talk.general, "Bye", reply_to=answer[0]))
    assert [m["content"] for m in talk.last_request if m["role"] == "user"] == [
        "[Ada] My name is Ada.",
        "[Bob] Hello",
        "[Ada] Bye",
    ]


async def test_an_id_the_server_has_lost_is_replaced_and_the_call_repeated_once(
    talk: Talk,
) -> None:
    card = await talk.card(talk.mention("My name is Ada."))
    talk.chat.memory.forget()
    reply = talk.ada.say(talk.general, "What is my name?", reply_to=card)
    assert "Ada" in (await talk.card(reply)).content
    calls = [seen["messages"] for seen in talk.chat.completions_seen]
    assert [sent_by_id(messages) for messages in calls] == [[], [True], [False]]
    assert KEEP_SPEAKING in calls[-1][0]["content"]
    assert KEEP_SPEAKING not in calls[1][0]["content"]


async def test_a_week_later_the_words_continue_it(folder: Path) -> None:
    age_s = WEEK_S
    chat = ChatServer(now=lambda: time.time() - age_s)
    async with talking(folder, chat=chat) as talk:
        card = await talk.card(talk.mention("My name is Ada."))
        age_s = 0
        reply = talk.ada.say(talk.general, "What is my name?", reply_to=card)
        assert "Ada" in (await talk.card(reply)).content
        assert sent_by_id(talk.last_request) == [False]
        assert len(talk.chat.completions_seen) == 2


async def test_it_goes_on_after_a_restart(folder: Path) -> None:
    async with talking(folder) as talk:
        card = await talk.card(talk.mention("My name is Ada."))
        kept = talk.discord.world.dump()
    world = World.load(kept)
    async with talking(folder, discord=DiscordServer(world)) as talk:
        earlier = world.state.messages[card.id]
        reply = talk.ada.speak(talk.general, recording(), seconds=2, reply_to=earlier)
        await talk.voice_note(reply)
        assert roles(talk.last_request) == ["system", "user", "assistant", "user"]


async def test_ids_of_one_model_are_not_sent_to_another(folder: Path) -> None:
    async with DiscordServer() as discord, ChatServer() as chat:
        async with bot_between(discord, chat, folder, OPENAI_MODEL="gpt-audio-1.5") as talk:
            card = await talk.card(talk.mention("My name is Ada."))
        for model, by_id in (("gpt-audio-1.5", True), ("gpt-audio", False)):
            async with bot_between(discord, chat, folder, OPENAI_MODEL=model) as talk:
                reply = talk.ada.say(talk.general, "What is my name?", reply_to=card)
                assert "Ada" in (await talk.card(reply)).content
                assert sent_by_id(talk.last_request) == [by_id]
                assert talk.chat.completions_seen[-1]["model"] == model
        assert len(chat.completions_seen) == 3


async def test_a_new_voice_speaks_on_from_ids_of_the_one_before(talk: Talk) -> None:
    moderator = talk.discord.member("Mod", permissions=int(Permission.MANAGE_CHANNELS))
    card = await talk.card(talk.mention("My name is Ada."))
    await moderator.response(moderator.slash("voice set", talk.general, voice="coral"))
    answer = await talk.card(talk.ada.say(talk.general, "What is my name?", reply_to=card))
    assert "Ada" in answer.content
    assert sent_by_id(talk.last_request) == [True]
    voices = [seen["audio"]["voice"] for seen in talk.chat.completions_seen]
    assert voices == ["alloy", "coral"]


async def test_a_reply_to_the_second_page_of_an_answer_continues(folder: Path) -> None:
    chat = ChatServer(canned="A sentence that says nothing much. " * 100)
    async with talking(folder, chat=chat, MAX_COMPLETION_TOKENS="16000") as talk:
        _, second = await talk.answer(talk.mention(GOLDEN), 2)
        await talk.answer(talk.ada.say(talk.general, "Why?", reply_to=second), 2)
        assert roles(talk.last_request) == ["system", "user", "assistant", "user"]


async def test_members_earlier_recordings_are_sent_within_a_budget(folder: Path) -> None:
    async with talking(folder, MEMBER_AUDIO_TURNS="1") as talk:
        for _ in range(3):
            await talk.voice_note(talk.ada.speak(talk.ada.dm_channel, recording(), seconds=2))
    said = [message["content"] for message in talk.last_request if message["role"] == "user"]
    heard = [not isinstance(content, str) for content in said]
    assert heard == [False, True, True]
    assert "not repeated here" in str(said[0])


async def test_an_answer_without_sound_says_its_words_and_tells_so(talk: Talk) -> None:
    talk.chat.faults.next(faults.text_only)
    talk.chat.speech_faults.next(faults.error(404, "no such call"))
    [words] = await talk.answer(talk.ada.say(talk.ada.dm_channel, GOLDEN))
    assert "golden" in words.content.lower()
    assert "text only" in words.content
    _, answer = await talk.voice_note(talk.ada.say(talk.ada.dm_channel, "Thank you"))
    assert answer.content
    assert sent_by_id(talk.last_request) == [False]


async def test_a_question_about_somebodys_recording_hears_it(folder: Path) -> None:
    discord = DiscordServer()
    discord.world.grant_message_content()
    async with talking(folder, discord=discord) as talk:
        bob = talk.discord.member("Bob")
        spoken = bob.speak(talk.general, recording(), seconds=2.5)
        question = talk.ada.say(talk.general, f"{talk.discord.mention} true?", reply_to=spoken)
        await talk.card(question)
    parts = talk.last_request[-1]["content"]
    assert isinstance(parts, list)
    assert "message of Bob" in parts[0]["text"]
    assert parts[1]["type"] == "input_audio"
