"""Many at once, and one who asks too much."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bot.local.discord_server import building, messages
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Message
from bot.services import turnstile
from bot.services.waiting import MARK
from tests.e2e.scene import rows
from tests.e2e.world import Talk, held, talking

CROWD = 20
QUESTIONS_EACH = 5


def answers_to(talk: Talk, question: Message) -> list[Message]:
    """What the bot has replied to a message so far."""
    world = talk.discord.world
    return [
        message
        for message in world.messages_in(question.channel_id)
        if message.author_id == world.bot_id
        and message.reference is not None
        and message.reference.message_id == question.id
    ]


def ask(talk: Talk, who: MemberClient, text: str = "Hello?") -> Message:
    return who.say(talk.general, f"{talk.discord.mention} {text}")


async def test_what_a_crowd_asks_at_once_is_all_kept_and_each_answered_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "SHOWN_AFTER_S", 3600)  # on a slow machine a place is no answer
    async with talking(folder, MEMBER_RATE="0", SERVER_RATE="0") as talk:
        crowd = [talk.discord.member(f"Member {n}") for n in range(CROWD)]
        questions = [ask(talk, who) for who in crowd for _ in range(QUESTIONS_EACH)]
        for question in questions:
            await talk.card(question)
        assert {len(answers_to(talk, question)) for question in questions} == {1}
    states = Counter(state for (state,) in rows(folder, "select state from inbox"))
    assert states == {"answered": CROWD * QUESTIONS_EACH}


async def test_beside_somebody_who_asks_without_end_others_are_answered(folder: Path) -> None:
    async with talking(folder, MEMBER_RATE="3", MAX_IN_FLIGHT="4") as talk:
        release = asyncio.Event()
        talk.chat.faults.next(held(release), 1)
        too_many = [ask(talk, talk.ada) for _ in range(30)]
        others = [ask(talk, talk.discord.member(f"Member {n}")) for n in range(10)]
        for question in others:
            assert (await talk.card(question)).attachments
        assert not any(answers_to(talk, question) for question in too_many[:4])
        release.set()
        for question in too_many[:3]:
            await talk.card(question)


async def test_who_asks_too_often_is_told_once_and_sees_a_mark_after(folder: Path) -> None:
    async with talking(folder, MEMBER_RATE="2") as talk:
        questions = [ask(talk, talk.ada) for _ in range(8)]
        await talk.discord.world.changes.until(
            lambda: sum(MARK in question.reactions for question in questions) == 3
        )
        replies = {question.id: answers_to(talk, question) for question in questions}
        told = [m for found in replies.values() for m in found if "ask again in" in m.content]
        assert len(told) == 1
        assert told[0].content.startswith("⚠️ That is more than I may answer one member.")
        for question in questions[:2]:
            await talk.card(question)
    states = Counter(state for (state,) in rows(folder, "select state from inbox"))
    assert states == {"answered": 2, "received": 2, "refused": 4}


async def test_a_command_too_many_is_refused_to_its_user_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "SHOWN_AFTER_S", 0.05)
    async with talking(folder, MEMBER_RATE="1") as talk:
        ada, general = talk.ada, talk.general
        first = await ada.response(ada.slash("ask", general, text="Hello?"))
        await talk.card(first)
        second = await ada.response(ada.slash("ask", general, text="Hello?"))
        [waits] = await talk.answer(second)
        refused = await ada.response(ada.slash("ask", general, text="Hello?"))
        assert refused.for_user_id == ada.user.id
        assert "ask again in" in refused.content
        assert talk.discord.world.messages_in(general.id)[-1].id == waits.id


async def test_whoever_runs_the_bot_may_ask_as_much_as_they_like(folder: Path) -> None:
    async with talking(folder, MEMBER_RATE="1", SERVER_RATE="1") as talk:
        owner = talk.discord.member("Owner")
        assert owner.user.id == talk.discord.world.state.application.owner_id
        for question in [ask(talk, owner) for _ in range(4)]:
            await talk.card(question)


async def test_who_waits_long_sees_their_place_until_it_is_their_turn(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "SHOWN_AFTER_S", 0.05)
    async with talking(folder, MAX_IN_FLIGHT="1") as talk:
        release, bob = asyncio.Event(), talk.discord.member("Bob")
        talk.chat.faults.next(held(release), 1)
        first = ask(talk, talk.ada)
        await talk.ada.sees_typing(talk.general)
        second = ask(talk, bob)
        [notice] = await talk.answer(second)
        assert notice.content == "⏳ You are next in line; I answer as soon as it is your turn."
        release.set()
        await talk.card(first)
        await talk.discord.world.changes.until(
            lambda: [m.id for m in answers_to(talk, second)] not in ([], [notice.id])
        )
        [answer] = answers_to(talk, second)
        assert answer.attachments


async def test_a_place_that_a_moderator_deletes_hinders_no_answer(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnstile, "SHOWN_AFTER_S", 0.05)
    async with talking(folder, MAX_IN_FLIGHT="1") as talk:
        release, world = asyncio.Event(), talk.discord.world
        talk.chat.faults.next(held(release), 1)
        ask(talk, talk.ada)
        await talk.ada.sees_typing(talk.general)
        question = ask(talk, talk.discord.member("Bob"))
        [notice] = await talk.answer(question)
        messages.delete(world, talk.general, [notice])
        release.set()
        assert (await talk.card(question)).attachments


async def test_where_the_bot_may_not_react_it_does_not_try(folder: Path) -> None:
    async with talking(folder, MEMBER_RATE="1") as talk:
        world = talk.discord.world
        role = building.bot_role(world, talk.discord.guild)
        building.set_overwrite(world, talk.general, role, deny=int(Permission.ADD_REACTIONS))
        for _ in range(6):
            ask(talk, talk.ada)
        await talk.card(ask(talk, talk.discord.member("Bob")))
    assert not [call for call in talk.discord.traffic.calls if "reactions" in call.path]
    states = Counter(state for (state,) in rows(folder, "select state from inbox"))
    assert states == {"answered": 2, "received": 1, "refused": 4}
