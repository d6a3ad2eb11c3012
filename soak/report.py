"""RELIABILITY.md, written line by line as trials end: figures come from runs, never from hands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from soak.trial import Outcome, Trial

FILE = Path(__file__).parent.parent / "RELIABILITY.md"

HEAD = """# Reliability

What the bot promises is in the README. This file is written by `make soak` (`python -m soak`),
which does all of this to it and counts; each line says how to run it again, with the same chances.

| trial | what is done | promised | measured | command | date |
|---|---|---|---|---|---|
"""
_ROW = re.compile(r"^\| `?(?P<name>[a-z_]+)`? \|.*\|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a trial."""

    trial: Trial
    seed: int
    outcome: Outcome
    day: date

    @property
    def command(self) -> str:
        """What runs it again."""
        return f"python -m soak {self.trial.name} --seed {self.seed}"


def rows_of(text: str) -> dict[str, str]:
    """Find the lines of the report, by their trials' names."""
    return {found["name"]: found[0] for found in _ROW.finditer(text) if found["name"] != "trial"}


def write(run: Run, order: Sequence[str], file: Path = FILE) -> None:
    """Put the line of a run in the place of the one before; trials that are gone go."""
    rows = rows_of(file.read_text()) if file.exists() else {}
    rows[run.trial.name] = _row(run)
    kept = "".join(f"{rows[name]}\n" for name in order if name in rows)
    file.write_text(HEAD + kept)


def _row(run: Run) -> str:
    verdict = run.outcome.measured if run.outcome.passed else f"**FAILED** {run.outcome.measured}"
    cells = (
        f"`{run.trial.name}`",
        run.trial.what,
        run.trial.promised,
        verdict,
        f"`{run.command}`",
        run.day.isoformat(),
    )
    return "| " + " | ".join(each.replace("|", "\\|").replace("\n", " ") for each in cells) + " |"
