"""One story, broken at one point: what came of it after all."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.local.discord_server.server import DiscordServer
from bot.local.together import environment_for
from bot.tasks import spawn
from soak import deaths
from soak.echo import EchoServer
from soak.ends import excused
from soak.forks import Fork, Zygote
from soak.ledger import Ledger, Posted
from soak.points import KILL, RAISE
from soak.scenarios import Scenario, Scene, Told
from soak.siege import SETTINGS

ACT = "members begin"
"""Stands among the points that a bot came by."""

READY_WITHIN_S = 120.0
_TAKES_UP_S = 2.4
"""So long after it listens a bot has taken up what was interrupted; discord.py waits for 2 s."""

_SETTLES_WITHIN_S = 60.0
_GIVEN_UP_AFTER_S = 8.0
"""So long a bot that was to go on after a defect has for it; then the next one begins."""

_LOOK_EVERY_S = 0.05
_INCIDENT = "this number: `"
_OVER = ("answered", "refused", "cancelled", "failed")


@dataclass(frozen=True, slots=True)
class Break:
    """Where and how a bot is broken."""

    point: str
    mode: str
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.mode} at {self.point}" + (f" #{self.nth}" if self.nth > 1 else "")


@dataclass
class Played:
    """What came of it.

    Attributes:
        reached: whether the bot came by the point.
        faults: what is wrong with the end.
        seen: the points that the bot came by, in order, where that was to be written down.

    """

    reached: bool
    faults: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)


@dataclass
class Play:
    """A story while it plays."""

    scenario: Scenario
    scene: Scene
    zygote: Zygote
    record: Path | None = None
    acting: "asyncio.Task[None] | None" = None

    def act(self) -> None:
        """Let members begin, once."""
        if self.acting is None:
            if self.record is not None:
                with self.record.open("a") as record:
                    record.write(f"{ACT}\n")
            self.acting = spawn(self.scenario.act(self.scene), name=self.scenario.name)

    async def live(self, points: Mapping[str, Any] | None = None) -> Fork:
        """Begin a bot, and have members begin as soon as it listens."""
        scene = self.scene
        scene.discord.gateway.forget_sessions()
        more = {**SETTINGS, **self.scenario.settings}
        environment = environment_for(scene.discord, scene.chat, scene.folder, **more)
        fork = await self.zygote.fork(environment, scene.folder / "log", points)
        await self._first(fork, scene.discord.wait_until_ready(READY_WITHIN_S))
        self.act()
        return fork

    async def settled(self, fork: Fork, within_s: float) -> bool:
        """Wait until everything has an end, or the bot ends; False when that takes too long."""
        try:
            async with asyncio.timeout(within_s):
                while not (fork.ended.done() or self.is_over):  # noqa: ASYNC110 - another process's
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError:
            return False
        return True

    async def take_up(self, fork: Fork) -> None:
        """Give a bot the time in which it finds what was interrupted."""
        await asyncio.wait((fork.ended,), timeout=_TAKES_UP_S)

    @property
    def is_over(self) -> bool:
        """Whether members have done all, and all of that has its end, which was told."""
        if self.acting is None or not self.acting.done():
            return False
        states, untold = self._states()
        messages = self.scene.discord.world.state.messages
        return not untold and all(
            states.get(id_) in _OVER or (id_ not in states and id_ not in messages)
            for id_ in self.scene.ledger.questions
        )

    def _states(self) -> tuple[dict[int, str], int]:
        """Tell how far each question is, and of how many somebody is still to be told."""
        with closing(sqlite3.connect(f"file:{self.scene.folder}/bot.db?mode=ro", uri=True)) as db:
            states = dict(db.execute("SELECT message_id, state FROM inbox").fetchall())
            [untold] = db.execute("SELECT count(*) FROM untold").fetchone()
            return states, untold

    async def _first(self, fork: Fork, other: Any) -> None:  # noqa: ANN401 - a coroutine
        waiting = spawn(other, name="bot connects")
        await asyncio.wait((fork.ended, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        with suppress(asyncio.CancelledError, TimeoutError):
            await waiting

    def faults(self, mode: str | None) -> list[str]:
        """Hold what was posted and stored against what had to come of it; None: unbroken."""
        ledger, end, (states, _) = self.scene.ledger, self.scenario.end, self._states()
        found = [] if mode or ledger.questions else ["nothing was asked"]
        for id_, question in ledger.questions.items():
            posted = ledger.posted.get(id_, [])
            if mode and self.scenario.command and id_ not in states and _is_cut(posted):
                continue
            fault = excused(end, question, posted) if mode == RAISE else end(question, posted)
            if fault is not None:
                said = [(each.content[:40], len(each.files)) for each in posted]
                found.append(f"{fault} {said}")
        if ledger.stray and not self.scenario.more:
            found.append(f"said to nobody: {[each.content[:40] for each in ledger.stray]}")
        sounds = sum(len(each.files) for each in ledger.stray)
        if sounds > self.scenario.sounds or (not mode and sounds < self.scenario.sounds):
            found.append(f"{sounds} sounds besides")
        return found + deaths.faults_of(self.scene.folder)


@asynccontextmanager
async def on_stage(scenario: Scenario, zygote: Zygote, folder: Path) -> AsyncIterator[Play]:
    """Set a story up."""
    chances = random.Random(scenario.name)
    discord = DiscordServer()
    chat = EchoServer(chances, ears=Told() if scenario.hears else None)
    discord.world.grant_message_content()
    async with discord, chat:
        ledger, ada = Ledger(discord.world), discord.member("Ada")
        scene = Scene(discord, chat, folder, ledger, ada)
        scenario.prepare(scene)
        play = Play(scenario, scene, zygote)
        try:
            yield play
        finally:
            if play.acting is not None:
                play.acting.cancel()


async def write_down(scenario: Scenario, zygote: Zygote, folder: Path) -> Played:
    """Play a story as it is, and write down which points the bot comes by."""
    async with on_stage(scenario, zygote, folder) as play:
        bot, record = await _begin(play, {})
        await play.take_up(bot)
        await play.settled(bot, _SETTLES_WITHIN_S)
        seen = record.read_text().split("\n")[:-1]
        code = await bot.stop()
        return Played(True, _ended(code) + play.faults(None), seen)


async def play_broken(scenario: Scenario, broken: Break, zygote: Zygote, folder: Path) -> Played:
    """Play a story, break it, and let the next bot go on with it."""
    async with on_stage(scenario, zygote, folder) as play:
        points = {"point": broken.point, "mode": broken.mode, "nth": broken.nth}
        bot, record = await _begin(play, points)
        await play.take_up(bot)
        await play.settled(bot, _GIVEN_UP_AFTER_S)
        seen = record.read_text().split("\n") if record.exists() else []
        await bot.stop()
        bot = await play.live()
        await play.take_up(bot)
        await play.settled(bot, _SETTLES_WITHIN_S)
        code = await bot.stop()
        reached = seen.count(broken.point) >= broken.nth
        return Played(reached, _ended(code) + play.faults(broken.mode))


async def _begin(play: Play, points: Mapping[str, Any]) -> tuple[Fork, Path]:
    """Do what comes before the bot that is tried, and begin that one."""
    if play.scenario.cut_at is not None:
        bot = await play.live({"point": play.scenario.cut_at, "mode": KILL})
        await asyncio.wait((bot.ended,), timeout=_SETTLES_WITHIN_S)
        await bot.kill()
    record = play.scene.folder / "points"
    if play.scenario.early or play.acting is not None:
        record.write_text(f"{ACT}\n")
        play.act()
    else:
        play.record = record
    return await play.live({**points, "record": str(record)}), record


def _is_cut(posted: Sequence[Posted]) -> bool:
    """Tell whether a command came to nothing, or its asker was told of a defect, once."""
    return not posted or (len(posted) == 1 and _INCIDENT in posted[0].content)


def _ended(code: int) -> list[str]:
    return [] if code == 0 else [f"the last bot ended with {code}"]
