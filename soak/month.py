"""Hours of talk on a virtual clock: what members do, stops and new starts, and what must hold."""

import asyncio
import random
import secrets
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from unittest import mock

from bot import services
from bot.app import building
from bot.app.models import Models
from bot.chat_api.client import ChatApi
from bot.domain.incoming import Address, FileKind, FileRef, Incoming, Member, ReplyTo
from bot.domain.rooms import Room
from bot.domain.triggers import Verdict
from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from bot.local.together import database_url, settings_for
from bot.services import Services
from bot.services.alarms import Alarms
from bot.services.intake import RECOVERY_AGE
from bot.services.speakers import Ranked, Speakers
from bot.services.writing_down import WritingDown
from bot.storage.database import Database, open_database
from bot.storage.inbox import InboxStore
from bot.storage.turns import TurnStore
from bot.tasks import spawn
from soak.simulated import (
    NOTICE,
    Chances,
    SimulatedDiscord,
    SimulatedModel,
    SimulatedOutlet,
    SimulatedSound,
)
from soak.virtual import VirtualLoop

HOUR_S = 3600.0
SOON_S = 20.0
_SERVICES = Path(services.__file__).parent
_NO_CODE = (lambda: None).__code__
YEAR = timedelta(days=365)
SETTLING_S = 600.0
"""After an hour: by then everything that was asked has its end."""

JUMP = 0.1
"""How likely the clock of a `Wall` that jumps does so, for each question."""

MEMBERS = [Member(100 + number, f"Member {number}") for number in range(12)]
ROOMS = [
    Room(channel_id=10, guild_id=1),
    Room(channel_id=11, guild_id=1),
    Room(channel_id=12, guild_id=2),
    Room(channel_id=10, guild_id=1, thread_id=13),
    Room(channel_id=20),
    Room(channel_id=21),
]


@dataclass(slots=True)
class Tally:
    """What came of all hours."""

    asked: int = 0
    hours: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    calls: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Wall:
    """The time of day as the bot sees it: Discord's, or put forward or back by a year.

    Attributes:
        dice: when it is put, and where to; None for never.
        jumps: how often that happened.

    """

    loop: VirtualLoop
    dice: random.Random | None = None
    jumps: int = 0
    _off: timedelta = timedelta()

    def now(self) -> datetime:
        """Tell the time."""
        return self.loop.now() + self._off

    async def jump(self, dice: random.Random) -> None:
        """Put it elsewhere, in the midst of what goes on."""
        await asyncio.sleep(dice.uniform(0, SOON_S))
        self._off = dice.choice([off for off in (-YEAR, timedelta(), YEAR) if off != self._off])
        self.jumps += 1


class Simulation:
    """The real services on a real database, between a simulated Discord and a simulated model."""

    def __init__(self, wall: Wall, database: Database, chances: Chances) -> None:
        self._loop = loop = wall.loop
        self._wall = wall
        self._database = database
        self.chances = chances
        self.discord = SimulatedDiscord(chances, loop.time)
        self.model = SimulatedModel(chances, loop.now)
        self.tally = Tally()
        self._under_way: dict[asyncio.Task[None], None] = {}
        self._next_id = 1_000
        self._settings = settings_for(DiscordServer(), ChatServer(), Path(), MAX_IN_FLIGHT="16")
        self.services = self._start()

    def _start(self) -> Services:
        """Build the services anew, as a process that starts does."""
        self.tally.starts += 1
        self._database.boot_id = secrets.token_hex(8)
        alarms = Alarms(self._wall.now)
        ranked = Ranked("The model", self.model, None, lambda voice: voice)
        speaker = Speakers([ranked], alarms, self._wall.now)
        models = Models(speaker, (cast("ChatApi", None),), (self.model,), (self.model,))
        sound = SimulatedSound()
        writing_down = WritingDown((self.model,), TurnStore(self._database), self._wall.now)
        return building._services(
            self._settings, self._database, InboxStore(self._database), sound, models, sound,
            alarms, writing_down,
        )  # fmt: skip

    async def hour(self, seed: int, messages: int) -> None:
        """Let members talk for an hour, and see what must hold."""
        self.chances.dice.seed(seed)
        begun, asked = self._loop.time(), list[Incoming]()
        times = sorted(self.chances.dice.uniform(0, HOUR_S) for _ in range(messages))
        for at_s in times:
            await asyncio.sleep(max(0.0, begun + at_s - self._loop.time()))
            await self._something_happens(asked)
        await asyncio.sleep(SETTLING_S)
        await self._close(seed, asked)

    async def _something_happens(self, asked: list[Incoming]) -> None:
        dice = self.chances.dice
        question = self._question(asked)
        asked.append(question)
        self._begin(self._talk(question))
        if dice.random() < 0.1:
            self._begin(self._talk(question))  # Discord repeats events
        if dice.random() < 0.08:
            self._begin(self._edit(dice.choice(asked[-3:])))
        if dice.random() < 0.05:
            self._begin(self._delete(dice.choice(asked[-3:])))
        if (when := self._wall.dice) is not None and when.random() < JUMP:
            self._begin(self._wall.jump(when))
        if dice.random() < self.chances.stop:
            await self.chances.wait(0, SOON_S)  # amid what was begun
            await self._stop_and_start(asked)

    def _question(self, asked: list[Incoming]) -> Incoming:
        dice = self.chances.dice
        self._next_id += 1
        room, member = dice.choice(ROOMS), dice.choice(MEMBERS)
        recording = FileRef(1, FileKind.SOUND, "a.ogg", "https://x.example/a", 9, "audio/ogg", 2.0)
        before = dice.choice(asked) if asked and dice.random() < 0.4 else None
        return Incoming(
            self._next_id,
            before.room if before else room,
            member,
            "Is all well?",
            self._loop.now(),
            Address.DM if room.is_dm else Address.MENTION,
            files=(recording,) if dice.random() < 0.2 else (),
            reply_to=ReplyTo(before.message_id, ours=False) if before else None,
        )

    def _begin(self, work: Any) -> None:  # noqa: ANN401 - any coroutine
        task = spawn(work, name="something happens")
        self._under_way[task] = None
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._under_way.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.tally.failures.append(f"{type(error).__name__}: {error}")

    async def _talk(self, question: Incoming) -> None:
        """Do as the listener does."""
        if await self.services.intake.judge(question) is Verdict.ANSWER:
            outlet = SimulatedOutlet(self.discord, question)
            await self.services.replies.receive(question, outlet)

    async def _answer(self, question: Incoming) -> None:
        await self.services.replies.answer(question, SimulatedOutlet(self.discord, question))

    async def _edit(self, question: Incoming) -> None:
        await self.chances.wait(0, SOON_S)
        edited = replace(question, text="Or is it not?")
        if await self.services.intake.revise(edited, self._loop.now()):
            return
        if await self.services.intake.reopen(edited):
            await self._answer(edited)
        else:
            await self._talk(edited)

    async def _delete(self, question: Incoming) -> None:
        await self.chances.wait(0, SOON_S)
        self.discord.deleted.add(question.message_id)
        await self.services.intake.cancel([question.message_id])

    async def _stop_and_start(self, asked: list[Incoming]) -> None:
        """Cut everything short wherever it is, and start anew as the listeners do."""
        cut = [*self._under_way, *_left_in_the_background()]
        for task in cut:
            task.cancel()
        await asyncio.gather(*cut, return_exceptions=True)
        await asyncio.sleep(self.chances.dice.uniform(1, 120))
        self.services = self._start()
        recovered = await self.services.intake.recover()
        untold = await self.services.replies.untold()
        for question in recovered.young:
            self._begin(self._answer(question))
        self._begin(self._answer_in_turn([*recovered.suspects]))
        for question, words in untold:
            outlet = SimulatedOutlet(self.discord, question)
            await self.services.replies.tell_late(question, words, outlet)
        for question in (*recovered.too_old, *(each for each, _ in recovered.poisoned)):
            self.discord.told[question.message_id] += 1
            await self.services.intake.close(question, "given_up")
        for question in asked:
            is_young = self._loop.now() - question.created_at < RECOVERY_AGE
            if is_young and question.message_id not in self.discord.deleted:
                self._begin(self._talk(question))  # as it is found when looking for what was missed

    async def _answer_in_turn(self, questions: list[Incoming]) -> None:
        for question in questions:
            await self._answer(question)

    async def _close(self, seed: int, asked: list[Incoming]) -> None:
        """See that each question had one end, and let go of the hour."""
        for task in self._under_way:
            self._fail(seed, 0, f"something still goes on in {_where(task)}")
        states = await self._states(asked[0].message_id)
        for question in asked:
            state = states.get(question.message_id)
            self.tally.ends[state or "unknown"] += 1
            if problem := self._wrong_with(question.message_id, state):
                self._fail(seed, question.message_id, problem)
            self.discord.forget(question.message_id)
        self.tally.asked += len(asked)
        self.tally.hours += 1
        self.tally.calls = self.model.calls

    async def _states(self, first_id: int) -> dict[int, str]:
        """Look all questions up that were asked since one."""
        newest = "SELECT message_id, state FROM inbox WHERE message_id >= ?"
        return await self._database.transact(
            lambda connection: dict(connection.execute(newest, (first_id,)).fetchall())
        )

    async def forget(self, age: timedelta) -> None:
        """Erase conversations of this age, which the bot itself keeps."""
        oldest = f"{self._loop.now() - age:%Y-%m-%d %H:%M:%S}"

        def erase(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM turns WHERE asked_at < ?", (oldest,))
            connection.execute("DELETE FROM inbox WHERE created_at < ?", (oldest,))
            connection.execute("DELETE FROM usage WHERE at < ?", (oldest,))

        await self._database.transact(erase)

    def _wrong_with(self, question_id: int, state: str | None) -> str | None:
        posted = self.discord.posted.get(question_id, [])
        parts = Counter(each.part for each in posted)
        deleted = question_id in self.discord.deleted
        told = deleted or self.discord.told[question_id] > 0 or NOTICE in parts
        answers = [part for part in parts if part != NOTICE]
        if twice := [part for part, count in parts.items() if count > 1]:
            return f"parts {twice} stand twice"
        match state:
            case "answered":
                return None if answers and NOTICE not in parts else f"answered by {dict(parts)}"
            case "failed" | "refused":
                return None if told else f"{state}, and nobody was told"
            case "cancelled":
                return None if deleted else "cancelled by nobody"
            case _:
                return f"it is {state} for ever"

    def _fail(self, seed: int, question_id: int, problem: str) -> None:
        self.tally.failures.append(f"seed {seed}: question {question_id}: {problem}")


def _left_in_the_background() -> list["asyncio.Task[Any]"]:
    """Find what the services go on with by themselves; only a stop of the process ends it."""
    return [task for task in asyncio.all_tasks() if _SERVICES in _file_of(task).parents]


def _file_of(task: "asyncio.Task[Any]") -> Path:
    return Path(getattr(task.get_coro(), "cr_code", _NO_CODE).co_filename)


def _where(task: "asyncio.Task[None]") -> str:
    """Name the functions in which a task waits."""
    names, inner = list[str](), cast("Any", task.get_coro())
    while inner is not None and hasattr(inner, "cr_await"):
        names.append(inner.cr_code.co_qualname if hasattr(inner.cr_code, "co_qualname") else "?")
        inner = inner.cr_await
    return " > ".join(names)


@asynccontextmanager
async def simulation(folder: Path, wall: Wall, chances: Chances) -> AsyncIterator[Simulation]:
    """Open a database, and let time be that of the loop."""
    with mock.patch.object(building, "now", wall.now):
        async with open_database(database_url(folder)) as database:
            yield Simulation(wall, database, chances)
