"""The process in which untrusted media is opened: jobs on stdin, reports on stdout.

It is started as a fresh isolated interpreter with an empty environment, uses every codec once,
locks itself, and then knows nothing but its two pipes.
"""

import os
import sys
import warnings
from importlib.machinery import BuiltinImporter, FrozenImporter
from typing import BinaryIO

from bot.audio.jobs import LENGTHS, WITHOUT_FILTER, Broke, Ready, Report, pack_report, unpack_job
from bot.audio.lock import lock_process


def main() -> None:
    """Serve jobs until stdin ends."""
    # pydub fails without a PATH; there is no program that it may find.
    os.environ.setdefault("PATH", os.devnull)
    jobs, reports = sys.stdin.buffer, sys.stdout.buffer
    try:
        from bot.audio import desk

        desk.warm_up()
    except Exception as error:  # noqa: BLE001 - a library that cannot be loaded: the owner must know
        _write(reports, Broke(f"{type(error).__name__}: {error}"))
        return
    _forget_files()
    lock = lock_process(with_filter=WITHOUT_FILTER not in sys.argv)
    # A C library that wants more than those we know ends here, not at somebody's clip.
    desk.try_out()
    _write(reports, Ready(lock.layers, lock.kept))
    while lengths := jobs.read(LENGTHS.size):
        head_bytes, body_bytes = LENGTHS.unpack(lengths)
        job = unpack_job(jobs.read(head_bytes))
        _write(reports, *desk.answer(job, jobs.read(body_bytes)))


def _forget_files() -> None:
    """Keep Python from opening files of its own accord, which would be the end of the process."""
    sys.meta_path[:] = [BuiltinImporter, FrozenImporter]
    sys.excepthook = sys.unraisablehook = _say_nothing
    warnings.simplefilter("ignore")


def _say_nothing(*_: object) -> None:
    """Nobody reads it, and showing lines of source opens their files."""


def _write(reports: BinaryIO, report: Report, body: bytes = b"") -> None:
    head = pack_report(report)
    for part in (LENGTHS.pack(len(head), len(body)), head, body):
        reports.write(part)
    reports.flush()
