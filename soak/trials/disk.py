"""A disk that is full, that fails now and then, and whose newest bytes are lost."""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.errors import BotError
from bot.local.together import database_url
from bot.storage.database import open_database
from soak.cancelling import cancel_writers
from soak.disk_watch import STEPS, Step, Worker, stored_steps
from soak.disk_worker import take
from soak.stage import new_folder
from soak.trial import Outcome, Size, Trial

FULL_TIMES = {Size.SHORT: 2, Size.FULL: 20}
"""How often the disk becomes full, and has room again."""

FAILING_QUESTIONS = {Size.SHORT: 60, Size.FULL: 2_500}
"""So many are answered while the disk fails; each takes four steps."""

CANCELS = {Size.SHORT: 200, Size.FULL: 10_000}
CUTS = {Size.SHORT: 100, Size.FULL: 1_000}
COPIES_OF_ONE, CUTS_OF_COPY = 5, 10
DISK_MB = 24
_NEW = 10**9
"""A question that nobody asked before."""

_FAILING = (
    "fiu-run", "-x",
    "-c", "enable_random name=posix/io/rw/pwrite64,probability=0.02",
    "-c", "enable_random name=posix/io/sync/fsync,probability=0.02",
    "-c", "enable_random name=posix/io/sync/fdatasync,probability=0.02",
)  # fmt: skip


@dataclass(slots=True)
class Found:
    """What came of all."""

    confirmed: int = 0
    refused: int = 0
    cuts: int = 0
    lost: int = 0
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def compare(self, what: str, file: Path, confirmed: list[Step]) -> None:
        """Hold what was confirmed against what is stored."""
        try:
            stored = stored_steps(file, confirmed)
        except sqlite3.Error as error:
            self.failures.append(f"{what}: {error}")
            return
        lost = [step for step, held in zip(confirmed, stored, strict=True) if not held]
        self.confirmed += len(confirmed)
        self.lost += len(lost)
        self.failures += [f"{what}: {step} of {number} is lost" for step, number in lost[:3]]


async def run(size: Size, seed: int) -> Outcome:
    """Fill it, let it fail, cut it."""
    chance, found = random.Random(seed), Found()
    with TemporaryDirectory(prefix="soak-") as folder:
        await _try_full(Path(folder), FULL_TIMES[size], found)
        await _try_failing(Path(folder), size, found)
        await _try_cancelling(Path(folder), CANCELS[size], found, chance)
        while found.cuts < CUTS[size] and not found.failures:
            await _try_cuts(Path(folder), found, chance)
    return Outcome(
        f"{found.confirmed} confirmed steps, {found.lost} of them lost, {found.refused} refused; "
        f"{CANCELS[size]} cancelled midway; "
        f"{found.cuts} cuts, each opened sound and went on{''.join(found.notes)}",
        tuple(found.failures),
    )


async def _try_full(parent: Path, times: int, found: Found) -> None:
    """Let the disk be full and have room again, under one process that never starts anew."""
    with _small_disk(parent) as disk:
        folder = new_folder(disk.folder, "data")
        async with Worker.at_work(folder) as worker:
            fill, make_room = disk.controls(worker.process.pid)
            for number in range(times):
                steps = (("answered", 5), fill, ("refused", 5), make_room, ("answered", 5))
                if not await _goes_through(worker, steps):
                    found.failures.append(f"disk full, time {number}: it does not go on")
                    break
        found.notes.append(f"; full disk by {disk.name}")
        _note(found, "disk full", folder, worker)


async def _goes_through(
    worker: Worker, steps: tuple[tuple[str, int] | Callable[[], None], ...]
) -> bool:
    for step in steps:
        if callable(step):
            step()
        elif not await worker.tells(*step):
            return False
    return True


def _note(found: Found, what: str, folder: Path, worker: Worker) -> None:
    found.refused += sum(each == "refused" for each, _ in worker.lines)
    found.compare(what, folder / "bot.db", [each for each in worker.lines if each[0] in STEPS])


@dataclass(frozen=True, slots=True)
class Disk:
    """Where little fits; `name` says by what."""

    name: str
    folder: Path

    def controls(self, process_id: int) -> tuple[Callable[[], None], Callable[[], None]]:
        """Give what fills it for a process, and what makes room again."""
        ballast = self.folder / "ballast"
        if self.name == "tmpfs":
            return lambda: _fill(ballast), ballast.unlink
        return lambda: _limit(process_id, 1), lambda: _limit(process_id, resource.RLIM_INFINITY)


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def _limit(process_id: int, size_bytes: int) -> None:
    _, hard = resource.prlimit(process_id, resource.RLIMIT_FSIZE)
    resource.prlimit(process_id, resource.RLIMIT_FSIZE, (size_bytes, hard))


@contextmanager
def _small_disk(parent: Path) -> Iterator[Disk]:
    """Mount a small disk where that is possible; else files may not grow."""
    folder = parent / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    can = os.geteuid() == 0 and shutil.which("mount") is not None
    if not can or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield Disk("RLIMIT_FSIZE", folder)
        return
    try:
        yield Disk("tmpfs", folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def _try_failing(parent: Path, size: Size, found: Found) -> None:
    """Let 2 % of what is written fail; a start that meets a failure is made again."""
    if shutil.which("fiu-run") is None:
        found.notes.append("; failing writes left out: fiu-run is missing")
        if size is Size.FULL:
            found.failures.append("fiu-run is missing, without which no writes fail")
        return
    questions = FAILING_QUESTIONS[size]
    folder, first = new_folder(parent, "failing"), 1
    confirmed: list[Step] = []
    while sum(what == "answered" for what, _ in confirmed) < questions:
        async with Worker.at_work(folder, first, through=_FAILING) as worker:
            await worker.tells("answered", questions)
        steps = [each for each in worker.lines if each[0] in STEPS]
        first = max((number for _, number in worker.lines), default=first) + 1
        found.refused += sum(each == "refused" for each, _ in worker.lines)
        confirmed += steps
    found.compare("failing writes", folder / "bot.db", confirmed)


async def _try_cancelling(parent: Path, times: int, found: Found, chance: random.Random) -> None:
    """Cancel those who write: nothing stays locked, and what was confirmed stays."""
    folder = new_folder(parent, "cancelled")
    confirmed, failures = await cancel_writers(folder, times, chance)
    found.failures += failures
    found.compare("cancelled", folder / "bot.db", confirmed)


async def _try_cuts(parent: Path, found: Found, chance: random.Random) -> None:
    """Copy the files of a writer at instants by chance, and tear the newest bytes off."""
    name = f"cuts-{found.cuts}"
    folder = new_folder(parent, name)
    begun = (folder / "bot.db").read_bytes()
    async with Worker.at_work(folder) as worker:
        await worker.tells("open", 1)
        for number in range(COPIES_OF_ONE):
            await worker.tells(chance.choice(STEPS), chance.randint(1, 4))
            copy = parent / f"{name}-{number}"
            confirmed = await worker.copy_at_once(folder, copy)
            # Once a checkpoint has begun, the log before it is on the disk for certain.
            torn = (copy / "bot.db").read_bytes() == begun
            for _ in range(CUTS_OF_COPY):
                await _cut(copy, confirmed, found, chance, torn=torn)
            shutil.rmtree(copy)
    shutil.rmtree(folder)


async def _cut(
    copy: Path, confirmed: list[Step], found: Found, chance: random.Random, *, torn: bool
) -> None:
    """Tear the log of a copy anywhere, and go on with what is left."""
    with TemporaryDirectory(dir=copy.parent) as folder:
        here = Path(folder)
        shutil.copyfile(copy / "bot.db", here / "bot.db")
        log = (copy / "bot.db-wal").read_bytes()
        at = chance.randint(0, len(log)) if torn else len(log)
        tail = chance.choice((b"", bytes(4096), chance.randbytes(4096)))
        (here / "bot.db-wal").write_bytes(log[:at] + tail)
        what = f"cut {found.cuts} at byte {at} of {len(log)}"
        found.cuts += 1
        try:
            await _go_on(here, confirmed, whole=at == len(log), what=what, found=found)
        except (BotError, sqlite3.Error) as error:
            found.failures.append(f"{what}: {type(error).__name__} {error}")


async def _go_on(
    folder: Path, confirmed: list[Step], *, whole: bool, what: str, found: Found
) -> None:
    async with open_database(database_url(folder)) as database:
        stored = stored_steps(folder / "bot.db", confirmed)
        await take(database, _NEW, lambda _what, _number: None)
    if sorted(stored, reverse=True) != stored:
        found.failures.append(f"{what}: a later step is there without an earlier one")
    if whole and not all(stored):
        found.failures.append(f"{what}: {stored.count(False)} confirmed steps are lost")
    if not all(stored_steps(folder / "bot.db", [(step, _NEW) for step in STEPS])):
        found.failures.append(f"{what}: it does not go on")


TRIAL = Trial(
    "disk",
    "a full disk, 2 % of all writes and syncs failing, those who write cancelled midway, and "
    "copies of the database at random instants with the newest bytes torn off, under the real "
    "stores",
    "everything that was confirmed is stored; 10,000 cancelled leave no lock and no step without "
    "those before it; 1,000 torn logs open sound and go on; no restart is needed after a disk had "
    "no room",
    run,
)
