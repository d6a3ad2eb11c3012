"""A thousand mentions at once, and one member who asks without end.

The bot runs in a process of its own between the stand-ins, with sixteen places and a model that
takes a tenth of a second. First a member with most of the questions and twenty members with one
each ask within a second, without rates: all is to be stored, and each answered once. Then, with the
usual rates, twenty members ask one after the other, alone and beside a member who asks a hundred
times a second: what that one asks too much is told or marked, and the others notice little.
"""

import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.side import CHANNELS, Side, start
from bot.local.discord_server.gateway import HEARTBEAT
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.state import Message
from bot.local.discord_server.world import Event
from bot.services.waiting import MARK
from bot.tasks import spawn
from soak.questions import UNLIMITED
from soak.trial import Outcome, Size, Trial

MENTIONS = {Size.SHORT: 200, Size.FULL: 1_000}
OTHERS = 20
SPAM_PER_S, PAUSE_S = 100, 0.25
WARM_UPS = 10
LOOK_EVERY_S = 0.02
WITHIN_S = 300
HEARTBEAT_MS = 500

WAITING = 10
"""As many of one member wait as a minute lets through."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, and the most that it may be.

    Attributes:
        most: None for what is told only.
        timed: whether it tells of speed, which means nothing where others work, too.

    """

    what: str
    measured: float
    most: float | None = None
    timed: bool = True

    def is_over(self, size: Size) -> bool:
        """Tell whether a promise was broken."""
        if self.most is None or (self.timed and size is Size.SHORT):
            return False
        return self.measured > self.most

    def __str__(self) -> str:
        """Say it in a few words."""
        bound = "" if self.most is None else f" (at most {self.most:g})"
        return f"{self.what} {self.measured:.2f}".removesuffix(".00") + bound


class Crowd:
    """Members who ask in all channels, and when each of their questions was answered aloud."""

    def __init__(self, side: Side, folder: Path, chances: random.Random) -> None:
        self.side = side
        self.asked: dict[int, float] = {}
        self.spoken: dict[int, list[float]] = defaultdict(list)
        self.others = [side.discord.member(f"Member {n}") for n in range(OTHERS)]
        self._chances = chances
        self._file = folder / "bot.db"
        self._world = side.discord.world
        self._world.subscribe(self._note)

    def _note(self, event: Event) -> None:
        if event.name == "MESSAGE_CREATE":
            newest = next(reversed(self._world.state.messages.values()))
            if newest.reference and newest.attachments:
                self.spoken[newest.reference.message_id].append(time.perf_counter())

    def ask(self, who: MemberClient) -> Message:
        """Mention the bot in one of the channels."""
        channel = self.side.channels[self._chances.randrange(CHANNELS)]
        question = who.say(channel, f"{self.side.discord.mention} Is it so?")
        self.asked[question.id] = time.perf_counter()
        return question

    async def answered(self, questions: list[Message]) -> None:
        """Wait until each of them is answered aloud, or none was for long."""
        left = {question.id for question in questions}

        def all_are() -> bool:
            left.difference_update(self.spoken)
            return not left

        with suppress(TimeoutError):  # what is missing is counted
            await self._world.changes.until(all_are, WITHIN_S)

    def waits_s(self, questions: list[Message]) -> list[float]:
        """Tell how long each waited for its answer."""
        never = time.perf_counter()
        return [
            (self.spoken.get(each.id) or [never])[0] - self.asked[each.id] for each in questions
        ]

    def heartbeats(self) -> int:
        """Count those that the gateway got."""
        return len(self.side.discord.gateway.ops(HEARTBEAT))

    def stored(self) -> int:
        """Count what the bot has in its database."""
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as database:
            [count] = database.execute("select count(*) from inbox").fetchone()
            return int(count)

    async def until_stored(self, count: int) -> None:
        """Wait until so many are there, or it takes too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WITHIN_S):
                while await asyncio.to_thread(self.stored) < count:  # noqa: ASYNC110 - a file
                    await asyncio.sleep(LOOK_EVERY_S)

    async def warm_up(self) -> None:
        """Let everything be loaded and connected."""
        for who in self.others[:WARM_UPS]:
            await self.answered([self.ask(who)])


async def run(size: Size, seed: int) -> Outcome:
    """Let them all ask; beside one who asks without end only where speed is measured."""
    chances = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        figures = await _all_at_once(Path(folder), MENTIONS[size], chances)
    if size is Size.FULL:
        with tempfile.TemporaryDirectory() as folder:
            figures += await _beside_one_without_end(Path(folder), chances)
    over = tuple(f"seed {seed}: {each}" for each in figures if each.is_over(size))
    return Outcome("; ".join(str(each) for each in figures), over)


async def _all_at_once(folder: Path, mentions: int, chances: random.Random) -> list[Figure]:
    async with start("ours", folder, HEARTBEAT_MS, **UNLIMITED) as side:
        crowd = Crowd(side, folder, chances)
        await crowd.warm_up()
        side.watch_loop()
        begun, beaten = time.perf_counter(), crowd.heartbeats()
        many = [crowd.ask(side.asker) for _ in range(mentions - OTHERS)]
        few = [crowd.ask(who) for who in crowd.others]
        asked_s = time.perf_counter() - begun
        await crowd.until_stored(WARM_UPS + mentions)
        stored_s = time.perf_counter() - begun
        await crowd.answered(few)
        await crowd.answered(many)
        all_s = time.perf_counter() - begun
        beats_due = int(all_s * 1_000 / HEARTBEAT_MS)
        beats_late = max(beats_due - (crowd.heartbeats() - beaten), 0)
        worst_ms, most_ms = await side.stalls_ms()
        counts = [len(crowd.spoken[question.id]) for question in (*few, *many)]
        return [
            Figure(f"{mentions} mentions within s", asked_s, 1),
            Figure("lost", counts.count(0), 0, timed=False),
            Figure("answered twice", sum(count > 1 for count in counts), 0, timed=False),
            Figure("stored within s", stored_s, 5),
            Figure("answered within s", all_s),
            Figure("others waited at most s", max(crowd.waits_s(few)), 10),
            Figure("loop late p99 ms", most_ms, 100),
            Figure("worst", worst_ms),
            Figure(f"heartbeats late of {beats_due}", beats_late, beats_due // 10),
            Figure("peak MB of bot and worker", side.peak_mb(), 300),
        ]


async def _one_after_the_other(crowd: Crowd) -> list[float]:
    """Let the others ask in turn, and tell how long each waited."""
    questions = []
    for who in crowd.others:
        questions.append(crowd.ask(who))
        await asyncio.sleep(PAUSE_S)
    await crowd.answered(questions)
    return crowd.waits_s(questions)


async def _ask_without_end(crowd: Crowd, asked: list[Message]) -> None:
    while True:
        asked.append(crowd.ask(crowd.side.asker))
        await asyncio.sleep(1 / SPAM_PER_S)


def _left_alone(crowd: Crowd, questions: list[Message]) -> int:
    """Count those that were neither answered, nor told about, nor marked."""
    state = crowd.side.discord.world.state
    told = {m.reference.message_id for m in state.messages.values() if m.reference}
    return sum(not (each.id in told or MARK in each.reactions) for each in questions)


async def _beside_one_without_end(folder: Path, chances: random.Random) -> list[Figure]:
    async with start("ours", folder) as side:
        crowd = Crowd(side, folder, chances)
        await crowd.warm_up()
        alone_s = await _one_after_the_other(crowd)
        side.watch_loop()
        spam: list[Message] = []
        spamming = spawn(_ask_without_end(crowd, spam), name="spam")
        beside_s = await _one_after_the_other(crowd)
        spamming.cancel()
        await crowd.until_stored(WARM_UPS + 2 * OTHERS + len(spam))
        _, most_ms = await side.stalls_ms()
        p95_s = [statistics.quantiles(each, n=20)[-1] for each in (alone_s, beside_s)]
        with suppress(TimeoutError):
            changes = side.discord.world.changes
            await changes.until(lambda: _left_alone(crowd, spam) <= WAITING, WITHIN_S)
        ignored = _left_alone(crowd, spam)
        return [
            Figure(
                f"beside {len(spam)} of one member others wait, p95, times",
                p95_s[1] / p95_s[0],
                1.2,
            ),
            Figure("of the one: neither answered, told nor marked", ignored, WAITING, timed=False),
            Figure("loop late p99 ms", most_ms, 100),
        ]


TRIAL = Trial(
    "herd",
    "1,000 mentions in a second, without rates; then, with them, one member who asks a hundred "
    "times a second",
    "0 lost, all stored within 5 s, under 300 MB, loop late by less than 100 ms in 99 of 100; "
    "others wait at most 1.2 times as long beside the one (p95)",
    run,
)
