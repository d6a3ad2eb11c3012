"""Buttons as the wire brings them: forged, too old, somebody else's."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from bot.discord_io.components import Signer
from bot.domain.reply import Offer
from bot.local.discord_server.components import flatten
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.state import Message
from tests.e2e.test_room_rules import choose, only_button
from tests.e2e.world import GOLDEN, Talk

DAY = timedelta(days=1)


@pytest_asyncio.fixture
async def card(talk: Talk) -> Message:
    """An answer with one button, which shows its words."""
    await choose(talk, talk.general, transcript="folded")
    return await talk.card(talk.mention(GOLDEN))


async def press(card: Message, who: MemberClient, custom_id: str) -> str:
    """Press the button as if it had that id, and give what only its presser is told."""
    for part in flatten(card.components):
        if "custom_id" in part:
            part["custom_id"] = custom_id
    said = await who.response(who.press(card, custom_id))
    assert said.for_user_id == who.user.id
    return said.content


async def signer_of(talk: Talk, now: datetime) -> Signer:
    """The bot's own signer at another time: it alone has the key."""

    def read() -> bytes:
        with closing(sqlite3.connect(talk.folder / "bot.db", timeout=10)) as database:
            [key] = database.execute("SELECT value FROM keys WHERE name = 'components'").fetchone()
        return bytes(key)

    return Signer(await asyncio.to_thread(read), lambda: now)


async def test_a_changed_id_opens_nothing(talk: Talk, card: Message) -> None:
    for forged in (only_button(card).replace(":1:", ":2:", 1), "words:1:-:ffffffffff:AAAA", "x"):
        assert "too old by now. Please" in await press(card, talk.ada, forged)
    assert "golden" in await press(card, talk.ada, await _signed(talk))


async def test_a_button_ends(talk: Talk, card: Message) -> None:
    signer = await signer_of(talk, datetime.now(UTC) - 2 * DAY)
    old = signer.sign(Offer.WORDS, 1, life=DAY)
    assert "too old by now. Please ask me again" in await press(card, talk.ada, old)


async def test_a_button_of_one_member_serves_no_other(talk: Talk, card: Message) -> None:
    bob = talk.discord.member("Bob")
    hers = await _signed(talk, member_id=talk.ada.user.id)
    said = await press(card, bob, hers)
    assert "belongs to somebody else. Please ask me yourself" in said
    assert "golden" not in said
    assert "golden" in await press(card, talk.ada, hers)


async def test_an_action_that_nobody_has_taken_on_is_told_too(talk: Talk, card: Message) -> None:
    signer = await signer_of(talk, datetime.now(UTC))
    unknown = signer.sign("retired_feature", 1, life=DAY)
    assert "too old by now" in await press(card, talk.ada, unknown)


async def _signed(talk: Talk, *, member_id: int | None = None) -> str:
    signer = await signer_of(talk, datetime.now(UTC))
    return signer.sign(Offer.WORDS, 1, member_id=member_id, life=DAY)
