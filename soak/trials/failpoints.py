"""Every named point in every story: the bot dies there, or something fails there."""

import asyncio
import logging
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.local.together import database_url
from bot.storage.database import migrate
from soak.breaking import ACT, Break, Played, play_broken, write_down
from soak.forks import Zygote, open_zygote
from soak.points import KILL, RAISE, names
from soak.scenarios import SCENARIOS, Scenario
from soak.trial import Outcome, Size, Trial

log = logging.getLogger(__name__)

AT_ONCE = 12
LEAST_POINTS, LEAST_SCENARIOS = 40, 25
LEAST_PART = 0.99
"""So many of the breaks must take place; where threads race, now and then one is not come by."""

MODES = (KILL, RAISE)


@dataclass(frozen=True, slots=True)
class Pair:
    """A point in a story."""

    scenario: Scenario
    broken: Break

    def __str__(self) -> str:
        return f"{self.scenario.name!r}, {self.broken}"


@dataclass
class Stages:
    """Where stories play: so many at once, each in a folder of its own."""

    zygote: Zygote
    folder: Path
    _places: asyncio.Semaphore

    @contextmanager
    def _new_folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            shutil.copy(self.folder / "bot.db", folder)
            yield Path(folder)

    async def write_down(self, scenario: Scenario) -> Played:
        """Play a story as it is."""
        async with self._places:
            with self._new_folder() as folder:
                return await write_down(scenario, self.zygote, folder)

    async def play(self, pair: Pair) -> Played:
        """Play a story that is broken."""
        async with self._places:
            with self._new_folder() as folder:
                played = await play_broken(pair.scenario, pair.broken, self.zygote, folder)
        for fault in played.faults:  # told at once: all of them take more than an hour
            log.warning("%s: %s", pair, fault)
        return played


async def run(size: Size, seed: int) -> Outcome:
    """Play all stories, then break them."""
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(migrate, database_url(Path(folder)))
        async with open_zygote() as zygote:
            stages = Stages(zygote, Path(folder), asyncio.Semaphore(AT_ONCE))
            as_they_are = await _all(stages.write_down(each) for each in SCENARIOS)
            reached = dict(zip(SCENARIOS, (each.seen for each in as_they_are), strict=True))
            chances = random.Random(seed)
            pairs = list(_pairs(reached, size, chances))
            chances.shuffle(pairs)  # what goes wrong anywhere shows early
            played = await _all(stages.play(pair) for pair in pairs)
    whole = [
        f"{scenario.name!r} unbroken: {fault}"
        for scenario, each in zip(SCENARIOS, as_they_are, strict=True)
        for fault in each.faults
    ]
    return _outcome(pairs, played, reached, whole, seed)


async def _all(plays: Iterator[Coroutine[Any, Any, Played]]) -> list[Played]:
    return await asyncio.gather(*plays)


def _pairs(
    reached: Mapping[Scenario, Sequence[str]], size: Size, chances: random.Random
) -> Iterator[Pair]:
    """Choose what is broken: all there is, or each point in one story and way by chance.

    What a bot comes by before members begin is the same in every story: one stands for all.
    """
    begun = {scenario: _nth_of(seen) for scenario, seen in reached.items()}
    for point in sorted({point for nth in begun.values() for point in nth}):
        stories = [scenario for scenario, nth in begun.items() if nth.get(point, 0) > 0]
        if size is Size.SHORT or not stories:
            stories = [chances.choice(stories or [s for s, nth in begun.items() if point in nth])]
        modes = MODES if size is Size.FULL else (chances.choice(MODES),)
        for scenario in stories:
            for mode in modes:
                yield Pair(scenario, Break(point, mode, abs(begun[scenario][point])))


def _nth_of(seen: Sequence[str]) -> dict[str, int]:
    """Tell which time a point is first come by once members have begun; else its first, as -1."""
    begun = seen.index(ACT) if ACT in seen else len(seen)
    before, after = Counter(seen[:begun]), Counter(seen[begun + 1 :])
    return {point: before[point] + 1 for point in after} | {
        point: -1 for point in before if point not in after
    }


def _outcome(
    pairs: Sequence[Pair],
    played: Sequence[Played],
    reached: Mapping[Scenario, Collection[str]],
    whole: Sequence[str],
    seed: int,
) -> Outcome:
    broken = sum(each.reached for each in played)
    points = {point for seen in reached.values() for point in seen if point != ACT}
    wrong = [
        f"seed {seed}: {pair}: {fault}"
        for pair, each in zip(pairs, played, strict=True)
        for fault in each.faults
    ]
    small = [
        f"seed {seed}: only {count} {what}"
        for count, least, what in (
            (len(points), LEAST_POINTS, "points are reached"),
            (len(SCENARIOS), LEAST_SCENARIOS, "scenarios"),
            (broken, LEAST_PART * len(pairs), f"of {len(pairs)} breaks took place"),
        )
        if count < least
    ]
    return Outcome(
        f"{len(points)} of {len(names())} points are reached in {len(SCENARIOS)} scenarios; "
        f"{broken} of {len(pairs)} breaks took place: {len(wrong)} wrong ends",
        (*small, *whole, *wrong),
    )


TRIAL = Trial(
    "failpoints",
    "at every named point (`python -m soak.points`) that a story comes by the bot is killed, and "
    "in another run an error is raised; then it begins again",
    "40 points x 25 scenarios, kill and raise: 0 wrong ends",
    run,
)
