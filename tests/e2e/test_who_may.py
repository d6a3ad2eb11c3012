"""Every command and component, by everybody, about every place: what the table says, and no more.

What counts is what stands in the database afterwards, not what was said.
"""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest_asyncio

from bot.domain.access import Act, Actor, Rights, may
from bot.domain.panel import lock_of
from bot.domain.rooms import Place, Scope
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.state import Channel
from tests.e2e.server import Server, serving, stored

RANKS = ("member", "host", "moderator", "manager", "operator")
HERE = ("channel", "thread", "post", "dm")
RIGHTS = {
    "member": Rights(),
    "host": Rights(),  # but for the room that is theirs
    "moderator": Rights(manage_channels=True),
    "manager": Rights(manage_server=True),
    "operator": Rights(owner=True),
}
"""What each may do in the rooms of the server."""

SCOPES = {
    "channel": (Scope.MEMBER, Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER),
    "thread": (Scope.MEMBER, Scope.THREAD, Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER),
    "post": (Scope.MEMBER, Scope.THREAD, Scope.CHANNEL, Scope.CATEGORY, Scope.SERVER),
    "dm": (Scope.MEMBER, Scope.CHANNEL, Scope.SERVER),
}
"""What can be aimed at from each kind of room; a server from a DM, too, though in vain."""


@dataclass
class Cell:
    """Somebody somewhere, and the place they are after."""

    server: Server
    rank: str
    here: str
    scope: Scope

    @property
    def who(self) -> MemberClient:
        who: MemberClient = getattr(self.server, self.rank)
        return who

    @property
    def channel(self) -> Channel:
        return self.server.rooms.get(self.here) or self.who.dm_channel

    @property
    def place(self) -> Place | None:
        """The place; None where there is none of that scope."""
        server, channel = self.server, self.channel
        if self.scope is Scope.MEMBER:
            return server.own(self.who)
        if self.scope is Scope.SERVER:
            return None if self.here == "dm" else server.whole
        if self.scope is Scope.CATEGORY:
            return server.place(Scope.CATEGORY, server.category)
        if self.scope is Scope.CHANNEL and channel.thread is not None:
            parent = server.talk.discord.world.channel(channel.parent_id or 0)
            return server.place(Scope.CHANNEL, parent)
        return server.place(self.scope, channel)

    @property
    def actor(self) -> Actor:
        rights = RIGHTS[self.rank]
        if self.here == "dm":
            rights = Rights(own_dm=True, owner=self.rank == "operator")
        elif self.rank == "host" and self.place is not None and self.scope is not Scope.CATEGORY:
            theirs = (self.server.lounge.id, self.server.thread.id)
            rights = Rights(manage_channels=self.place.id in theirs)
        return Actor(self.who.user.id, rights)

    @property
    def allowed(self) -> bool:
        return self.place is not None and may(Act.CHANGE, self.place, self.actor)

    @property
    def voice(self) -> str | None:
        """The voice that is set for the place."""
        return self.server.stored(self.place).get("voice") if self.place else None


@pytest_asyncio.fixture
async def server(folder: Path) -> AsyncIterator[Server]:
    async with serving(folder, SAMPLING_ALLOWED="temperature") as server:
        yield server


def cells(server: Server) -> list[Cell]:
    return [
        Cell(server, rank, here, scope)
        for rank, here in product(RANKS, HERE)
        for scope in SCOPES[here]
    ]


async def by_command(cell: Cell, voice: str | None) -> None:
    """Set the voice, or reset it, by a slash command."""
    name = "reset" if voice is None else "set"
    options: dict[str, str | bool | Channel] = {} if voice is None else {"voice": voice}
    if cell.scope in (Scope.MEMBER, Scope.SERVER):
        word = "mine" if cell.scope is Scope.MEMBER else "server"
        name, more = (name, {word: True}) if voice is None else (word, {})
        options |= more
    elif cell.place is not None and cell.place.id != cell.channel.id:
        options["room"] = cell.server.talk.discord.world.channel(cell.place.id)
    await cell.server.use(cell.who, f"voice {name}", cell.channel, **options)


async def by_panel(cell: Cell, voice: str | None) -> None:
    """Set the voice, or reset it, in the panel, whether or not the panel lets one."""
    panel = await cell.server.panel(cell.who, cell.channel)
    offered = [option["value"] for option in panel.component("p_place")["options"]]
    if cell.scope.value[:2] not in offered:
        return
    panel.expect_update(await panel.choose("p_place", cell.scope.value[:2]))
    panel.expect_update(await panel.choose("p_look", "voice"))
    if voice is None:
        custom_id = panel.component("p_reset")["custom_id"]
        used = cell.server.forge(cell.who, panel.message, custom_id)
    else:
        custom_id = panel.component("p_set")["custom_id"]
        used = cell.server.forge(cell.who, panel.message, custom_id, voice, kind=3)
    await cell.server.done(used)


async def test_every_cell_by_command_and_by_panel(server: Server) -> None:
    tried = 0
    for cell, way in product(cells(server), (by_command, by_panel)):
        await set_by_others(cell, "ash")
        for voice in ("coral", None):
            before = cell.voice
            await way(cell, voice)
            wanted = voice if cell.allowed else before
            assert cell.voice == wanted, (cell.rank, cell.here, cell.scope, way.__name__, voice)
            tried += 1
    assert tried > 300


async def set_by_others(cell: Cell, voice: str) -> None:
    """Put a value into the database, as if somebody had set it who may."""
    if cell.place is None:
        return
    await cell.server.write(
        "INSERT OR REPLACE INTO room_settings VALUES (?, ?, 'voice', ?, ?, 1, '2026-01-01')",
        cell.place.scope.value, cell.place.id, voice, cell.place.guild_id,
    )  # fmt: skip


async def test_panels_show_as_locked_what_cannot_be_changed_and_nothing_else(
    server: Server,
) -> None:
    for cell in cells(server):
        if cell.place is None:
            continue
        panel = await server.panel(cell.who, cell.channel)
        panel.expect_update(await panel.choose("p_place", cell.scope.value[:2]))
        panel.expect_update(await panel.choose("p_look", "voice"))
        assert panel.has("p_set") == cell.allowed
        lock = lock_of(cell.place, cell.actor)
        assert (lock is None) == cell.allowed
        assert (lock or "nothing") in panel.text or cell.allowed


PersonaWay = Callable[[Server, MemberClient, Channel], Awaitable[object]]


async def add(server: Server, who: MemberClient, channel: Channel) -> None:
    used = await server.done(who.slash("persona add", channel))
    if used.modal is not None:
        await who.response(who.submit(used, name="Cook", prompt="You cook."))


async def edit(server: Server, who: MemberClient, channel: Channel) -> None:
    used = await server.done(who.slash("persona edit", channel, name="Pirate"))
    if used.modal is not None:
        await who.response(who.submit(used, prompt="You swim."))


async def remove(server: Server, who: MemberClient, channel: Channel) -> None:
    await server.use(who, "persona remove", channel, name="Pirate")


PERSONA_WAYS: Mapping[PersonaWay, dict[str, str]] = {
    add: {"Cook": "You cook.", "Pirate": "You sail."},
    edit: {"Pirate": "You swim."},
    remove: {},
}
"""How personas are changed, and what is left then."""


async def test_personas_are_kept_by_those_who_may(server: Server) -> None:
    for rank, here, (way, after) in product(RANKS, HERE, PERSONA_WAYS.items()):
        cell = Cell(server, rank, here, Scope.CHANNEL if here == "dm" else Scope.SERVER)
        assert cell.place is not None
        home = cell.who.user.id if here == "dm" else server.talk.discord.guild.id
        await put_pirate(server, home, None if here == "dm" else home)
        await way(server, cell.who, cell.channel)
        allowed = may(Act.KEEP_PERSONAS, cell.place, cell.actor)
        left = after if allowed else {"Pirate": "You sail."}
        assert personas(server.talk.folder, home) == left, (rank, here, way)


async def test_personas_are_used_where_one_may(server: Server) -> None:
    for cell in cells(server):
        if cell.place is None or cell.scope in (Scope.MEMBER, Scope.SERVER):
            continue
        home = cell.who.user.id if cell.here == "dm" else server.talk.discord.guild.id
        await put_pirate(server, home, None if cell.here == "dm" else home)
        room = {}
        if cell.place.id != cell.channel.id:
            room = {"room": server.talk.discord.world.channel(cell.place.id)}
        await server.use(cell.who, "persona use", cell.channel, name="Pirate", **room)
        kept = stored(server.talk.folder, cell.place).get("persona")
        assert kept == ("Pirate" if cell.allowed else None)
        await server.write("DELETE FROM room_settings")


async def put_pirate(server: Server, owner_id: int, guild_id: int | None) -> None:
    """Leave one persona in a library."""
    await server.write("DELETE FROM personas WHERE owner_id = ?", owner_id)
    await server.write(
        "INSERT INTO personas (owner_id, guild_id, name, prompt, made_by, made_at) "
        "VALUES (?, ?, 'Pirate', 'You sail.', 1, '2026-01-01')",
        owner_id, guild_id,
    )  # fmt: skip


def personas(folder: Path, owner_id: int) -> dict[str, str]:
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        rows = database.execute("SELECT name, prompt FROM personas WHERE owner_id = ?", (owner_id,))
        return dict(rows.fetchall())


async def test_looking_is_for_everybody(server: Server) -> None:
    commands = ("settings show", "voice show", "persona list", "help", "about")
    for rank, here, command in product(RANKS, HERE, commands):
        cell = Cell(server, rank, here, Scope.CHANNEL)
        said = await server.use(cell.who, command, cell.channel)
        assert "For that you need" not in said
        assert "went wrong" not in said


async def test_the_doctor_sees_those_who_may_mend_the_room(server: Server) -> None:
    for rank, here in product(RANKS, HERE):
        scope = Scope.THREAD if here in ("thread", "post") else Scope.CHANNEL
        cell = Cell(server, rank, here, scope)
        assert cell.place is not None
        said = await server.use(cell.who, "doctor", cell.channel)
        allowed = may(Act.DIAGNOSE, cell.place, cell.actor)
        assert ("the last error" in said or "no unexpected error" in said) == allowed, (rank, here)
        assert ("For that you need" in said) == (not allowed)


async def test_asking_is_for_everybody(server: Server) -> None:
    for rank, here in product(RANKS, HERE):
        cell = Cell(server, rank, here, Scope.CHANNEL)
        used = cell.who.slash("ask", cell.channel, text="What is two plus two?", private=True)
        [answer, *_] = await cell.who.followups(used)
        assert answer.attachments, (rank, here, answer.content)
        assert answer.for_user_id == cell.who.user.id
