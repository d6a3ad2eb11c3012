"""`python -m bench.crowds`: a thousand mentions at once, and one member who asks without end.

The bot runs in a process of its own between the stand-ins, with sixteen places and a model that
takes a tenth of a second. First a member with 980 questions and twenty members with one each ask
within a second, without rates: all is to be stored, and each answered once. Then, with the usual
rates, twenty members ask one after the other, alone and beside a member who asks a hundred times a
second: what that one asks too much is told or marked, and the others notice little. Exits with 1
when a figure is over its bound.
"""

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.side import CHANNELS, Side, start
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.state import Message
from bot.local.discord_server.world import Event
from bot.services.waiting import MARK
from bot.tasks import spawn

MENTIONS, OTHERS = 1_000, 20
SPAM_PER_S, PAUSE_S = 100, 0.25
WARM_UPS = 10
LOOK_EVERY_S = 0.02
WITHIN_S = 300


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: what was measured, and the most that it may be; None for a reference."""

    what: str
    measured: float
    most: float | None = None

    @property
    def is_over(self) -> bool:
        return self.most is not None and self.measured > self.most

    def __str__(self) -> str:
        most = "" if self.most is None else f"{self.most:.2f}"
        verdict = "" if self.most is None else "OVER" if self.is_over else "ok"
        return f"{self.what:<60} {self.measured:9.2f} {most:>9}  {verdict}"


HEADING = f"{'':<60} {'measured':>9} {'at most':>9}"


class Crowd:
    """Members who ask in all channels, and when each of their questions was answered aloud."""

    def __init__(self, side: Side, folder: Path) -> None:
        self.side = side
        self.asked: dict[int, float] = {}
        self.spoken: dict[int, list[float]] = defaultdict(list)
        self.others = [side.discord.member(f"Member {n}") for n in range(OTHERS)]
        self._file = folder / "bot.db"
        self._world = side.discord.world
        self._world.subscribe(self._note)

    def _note(self, event: Event) -> None:
        if event.name == "MESSAGE_CREATE":
            newest = next(reversed(self._world.state.messages.values()))
            if newest.reference and newest.attachments:
                self.spoken[newest.reference.message_id].append(time.perf_counter())

    def ask(self, who: MemberClient, number: int) -> Message:
        """Mention the bot in one of the channels."""
        channel = self.side.channels[number % CHANNELS]
        question = who.say(channel, f"{self.side.discord.mention} Is it so?")
        self.asked[question.id] = time.perf_counter()
        return question

    async def answered(self, questions: list[Message]) -> None:
        """Wait until each of them is answered aloud."""
        left = {question.id for question in questions}

        def all_are() -> bool:
            left.difference_update(self.spoken)
            return not left

        await self._world.changes.until(all_are, WITHIN_S)

    def waits_s(self, questions: list[Message]) -> list[float]:
        """Tell how long each waited for its answer."""
        return [self.spoken[each.id][0] - self.asked[each.id] for each in questions]

    def stored(self) -> int:
        """Count what the bot has in its database."""
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as database:
            [count] = database.execute("select count(*) from inbox").fetchone()
            return int(count)

    async def until_stored(self, count: int) -> None:
        """Wait until so many are there."""
        while await asyncio.to_thread(self.stored) < count:  # noqa: ASYNC110 - a file tells nothing
            await asyncio.sleep(LOOK_EVERY_S)

    async def warm_up(self) -> None:
        """Let everything be loaded and connected."""
        for number in range(WARM_UPS):
            await self.answered([self.ask(self.others[number], number)])


async def all_at_once(folder: Path) -> list[Figure]:
    async with start("ours", folder, MEMBER_RATE="0", SERVER_RATE="0") as side:
        crowd = Crowd(side, folder)
        await crowd.warm_up()
        side.watch_loop()
        begun = time.perf_counter()
        many = [crowd.ask(side.asker, number) for number in range(MENTIONS - OTHERS)]
        few = [crowd.ask(who, number) for number, who in enumerate(crowd.others)]
        asked_s = time.perf_counter() - begun
        await crowd.until_stored(WARM_UPS + MENTIONS)
        stored_s = time.perf_counter() - begun
        await crowd.answered(few)
        await crowd.answered(many)
        all_s = time.perf_counter() - begun
        worst_ms, most_ms = await side.stalls_ms()
        counts = [len(crowd.spoken[question.id]) for question in (*few, *many)]
        waits_s = crowd.waits_s(few)
        return [
            Figure(f"{MENTIONS} mentions: asked within s", asked_s, 1),
            Figure("all of them stored within s", stored_s, 5),
            Figure("not answered, or more than once", sum(count != 1 for count in counts), 0),
            Figure("all answered within s", all_s),
            Figure("the twenty others waited, median s", statistics.median(waits_s)),
            Figure("the one who waited longest, s", max(waits_s), 10),
            Figure("event loop late, 99 of 100, ms", most_ms, 100),
            Figure("event loop late, worst, ms", worst_ms),
            Figure("memory of bot and worker, peak, MB", side.peak_mb(), 300),
        ]


async def one_after_the_other(crowd: Crowd) -> list[float]:
    """Let the others ask in turn, and tell how long each waited."""
    questions = []
    for number, who in enumerate(crowd.others):
        questions.append(crowd.ask(who, number))
        await asyncio.sleep(PAUSE_S)
    await crowd.answered(questions)
    return crowd.waits_s(questions)


async def ask_without_end(crowd: Crowd, asked: list[Message]) -> None:
    while True:
        asked.append(crowd.ask(crowd.side.asker, len(asked)))
        await asyncio.sleep(1 / SPAM_PER_S)


def left_alone(crowd: Crowd, questions: list[Message]) -> int:
    """Count those that were neither answered, nor told about, nor marked."""
    state = crowd.side.discord.world.state
    told = {m.reference.message_id for m in state.messages.values() if m.reference}
    return sum(not (each.id in told or MARK in each.reactions) for each in questions)


async def beside_one_without_end(folder: Path) -> list[Figure]:
    async with start("ours", folder) as side:
        crowd = Crowd(side, folder)
        await crowd.warm_up()
        alone_s = await one_after_the_other(crowd)
        side.watch_loop()
        spam: list[Message] = []
        spamming = spawn(ask_without_end(crowd, spam), name="spam")
        beside_s = await one_after_the_other(crowd)
        spamming.cancel()
        await crowd.until_stored(WARM_UPS + 2 * OTHERS + len(spam))
        _, most_ms = await side.stalls_ms()
        p95_s = [statistics.quantiles(each, n=20)[-1] for each in (alone_s, beside_s)]
        waiting = 10  # as many of one member wait as a minute lets through
        return [
            Figure("alone, twenty waited, 95 of 100, s", p95_s[0]),
            Figure(f"beside {len(spam)} of one member, s", p95_s[1]),
            Figure("as a ratio", p95_s[1] / p95_s[0], 1.2),
            Figure(
                "of the one: neither answered, told nor marked", left_alone(crowd, spam), waiting
            ),
            Figure("event loop late, 99 of 100, ms", most_ms, 100),
            Figure("memory of bot and worker, peak, MB", side.peak_mb(), 300),
        ]


async def measure(folder: Path) -> list[Figure]:
    (folder / "once").mkdir()
    (folder / "spam").mkdir()
    return [*await all_at_once(folder / "once"), *await beside_one_without_end(folder / "spam")]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(Path(folder)))
    print(HEADING)
    for figure in figures:
        print(figure)
    return 1 if any(figure.is_over for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
