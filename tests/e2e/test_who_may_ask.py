"""Menus and the buttons below answers, by everybody in every kind of room: the table decides."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
import pytest_asyncio

from bot.domain import access
from bot.domain.access import Act, Need
from bot.domain.rooms import Scope
from bot.local.discord_server.components import flatten
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.state import Channel, Interaction, Message
from tests.e2e.server import Server, serving
from tests.e2e.world import GOLDEN, recording, upload

RANKS = ("member", "host", "moderator", "manager", "operator")
HERE = ("channel", "thread", "post", "dm")
REFUSED = "Only whoever runs me can do that."
WAIT_S = 20


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    unhurried = {"MEMBER_RATE": "0", "SERVER_RATE": "0"}
    writing = {"TEXT_MODEL": "gpt-5-mini", "TRANSCRIBE": "press"}
    async with serving(folder, **unhurried, **writing) as server:
        yield server


@dataclass
class Standing:
    """What somebody finds in a room: a recording, and answers.

    Attributes:
        recording: of somebody who asks nothing.
        written: an answer in writing.
        folded: one whose words are folded away.
        heard: one to a recording.

    """

    recording: Message
    written: Message
    folded: Message
    heard: Message


Way = Callable[[MemberClient, Standing], Interaction]


def menu(command: str) -> Way:
    return lambda who, found: who.use_on_message(command, found.recording)


def press(message: Message, who: MemberClient) -> Interaction:
    [button] = [part for part in flatten(message.components) if "custom_id" in part]
    return who.press(message, button["custom_id"])


WAYS: Mapping[str, Way] = {
    "Answer aloud": menu("Answer aloud"),
    "Read aloud": menu("Read aloud"),
    "Transcript": menu("Transcript"),
    "🔊": lambda who, found: press(found.written, who),
    "📄": lambda who, found: press(found.folded, who),
    "👂": lambda who, found: press(found.heard, who),
}


async def furnish(server: Server, who: MemberClient, room: Channel) -> Standing:
    """Say something with a recording in a room, and have three questions answered there."""
    sent = upload("note.ogg", recording())
    return Standing(
        who.say(room, GOLDEN, files=(sent,)),
        await answered(server, who, room, "speak", "on_demand"),
        await answered(server, who, room, "transcript", "folded"),
        await heard(server, who, room),
    )


async def heard(server: Server, who: MemberClient, room: Channel) -> Message:
    """Have a recording answered by a bubble and its words."""
    sent = upload("note.ogg", recording())
    asked = who.say(room, f"{server.talk.discord.mention} listen", files=(sent,))
    [*_, words] = await who.answers(asked, 1 if room.guild_id else 2, timeout_s=WAIT_S)
    return words


async def answered(
    server: Server, who: MemberClient, room: Channel, name: str, value: str
) -> Message:
    """Have a question answered by one message, under a rule of the room."""
    scope = Scope.CHANNEL if room.thread is None else Scope.THREAD
    place = server.place(scope, room)
    for rule in ((name, value), ("form", "card")):
        await server.write(
            "INSERT INTO room_settings VALUES (?, ?, ?, ?, ?, 1, '2026-01-01')",
            place.scope.value, place.id, *rule, place.guild_id,
        )  # fmt: skip
    shown = await who.response(who.slash("ask", room, text=GOLDEN))
    [answer] = await who.answers(shown, timeout_s=WAIT_S)
    await server.write("DELETE FROM room_settings")
    return answer


async def told(who: MemberClient, used: Interaction) -> str:
    return (await who.response(used, timeout_s=WAIT_S)).content


async def in_every_room(
    server: Server, check: Callable[[str, MemberClient, Standing], Awaitable[None]]
) -> None:
    for here, rank in product(HERE, RANKS):
        who: MemberClient = getattr(server, rank)
        room = server.rooms.get(here) or who.dm_channel
        await check(rank, who, await furnish(server, who, room))


async def test_everybody_asks_where_they_are(server: Server) -> None:
    async def check(rank: str, who: MemberClient, found: Standing) -> None:
        for name, way in WAYS.items():
            said = await told(who, way(who, found))
            assert "⚠️" not in said, (rank, name, said)
            assert name != "📄" or "golden" in said

    await in_every_room(server, check)


async def test_what_the_table_keeps_from_somebody_is_neither_done_nor_paid(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = dict.fromkeys(Scope, Need.OWNER)
    table = {**access.TABLE, Act.ASK: closed, Act.LOOK: closed}

    async def check(rank: str, who: MemberClient, found: Standing) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(access, "TABLE", table)
            before = len(server.talk.chat.seen)
            for name, way in WAYS.items():
                refused = REFUSED in await told(who, way(who, found))
                assert refused == (rank != "operator"), (rank, name)
            assert rank == "operator" or len(server.talk.chat.seen) == before

    await in_every_room(server, check)
