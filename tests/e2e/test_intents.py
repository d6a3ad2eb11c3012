"""The Message Content intent: used where it is granted, done without where not."""

import logging
from pathlib import Path

import pytest

from bot.local.discord_server.server import DiscordServer
from tests.e2e.world import GOLDEN, Talk, recording, talking

CONTENT = 1 << 15
UNPRIVILEGED = 4609


def asked_intents(talk: Talk) -> list[int]:
    """The intents of each IDENTIFY."""
    return [frame["d"]["intents"] for frame in talk.discord.gateway.received if frame["op"] == 2]


async def test_without_the_grant_only_unprivileged_intents_are_asked_for(talk: Talk) -> None:
    assert asked_intents(talk) == [UNPRIVILEGED]


async def test_with_the_grant_content_is_asked_for(folder: Path) -> None:
    discord = DiscordServer()
    discord.world.grant_message_content()
    async with talking(folder, discord=discord) as talk:
        assert asked_intents(talk) == [UNPRIVILEGED | CONTENT]


async def test_a_grant_that_is_not_there_leads_to_a_start_without_it(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with talking(folder, MESSAGE_CONTENT="on") as talk:
            assert (await talk.card(talk.mention(GOLDEN))).attachments
            assert asked_intents(talk) == [UNPRIVILEGED | CONTENT, UNPRIVILEGED]
    assert caplog.text.count("Message Content intent is not switched on") == 1


async def test_off_means_off(folder: Path) -> None:
    discord = DiscordServer()
    discord.world.grant_message_content()
    async with talking(folder, discord=discord, MESSAGE_CONTENT="off") as talk:
        assert asked_intents(talk) == [UNPRIVILEGED]


async def test_in_a_thread_without_the_grant_it_says_once_how_to_be_heard(talk: Talk) -> None:
    card = await talk.card(talk.mention(GOLDEN))
    thread = talk.ada.start_thread(card)
    [notice] = await talk.answer(talk.ada.say(thread, "And a poodle?"))
    assert "mention me" in notice.content
    talk.ada.say(thread, "Hello?")
    answer = await talk.card(talk.ada.say(thread, f"{talk.discord.mention} And a poodle?"))
    assert answer.attachments
    assert len(await talk.ada.bot_messages(thread)) == 2


async def test_a_reply_with_the_ping_off_is_told_to_leave_it_on(talk: Talk) -> None:
    card = await talk.card(talk.mention(GOLDEN))
    quiet = talk.ada.say(talk.general, "Why?", reply_to=card, ping=False)
    [notice] = await talk.answer(quiet)
    assert "leave the ping on" in notice.content


async def test_with_the_grant_a_reply_with_the_ping_off_is_heard(folder: Path) -> None:
    discord = DiscordServer()
    discord.world.grant_message_content()
    async with talking(folder, discord=discord) as talk:
        card = await talk.card(talk.mention(GOLDEN))
        reply = talk.ada.speak(talk.general, recording(), seconds=2, reply_to=card, ping=False)
        await talk.voice_note(reply)


async def test_with_the_grant_a_role_mention_is_a_mention(folder: Path) -> None:
    discord = DiscordServer()
    discord.world.grant_message_content()
    async with talking(folder, discord=discord) as talk:
        question = talk.ada.say(talk.general, f"{talk.discord.role_mention} {GOLDEN}")
        assert "golden" in (await talk.card(question)).content.lower()
        assert talk.last_request[-1]["content"] == f"[Ada] {GOLDEN}"


async def test_without_the_grant_a_question_about_somebodys_message_says_what_is_missing(
    talk: Talk,
) -> None:
    bob = talk.discord.member("Bob")
    said = bob.say(talk.general, "Cats bark.")
    bare = talk.ada.say(talk.general, talk.discord.mention, reply_to=said)
    assert "does not show me the message of Bob" in (await talk.card(bare)).content
    asked = talk.ada.say(talk.general, f"{talk.discord.mention} Is that true?", reply_to=said)
    card = await talk.card(asked)
    assert card.attachments
    assert "does not show me the message of Bob" in card.content
