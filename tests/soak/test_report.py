from datetime import date
from pathlib import Path

from soak import report
from soak.trial import Outcome, Size, Trial


async def nothing(_size: Size, _seed: int) -> Outcome:
    return Outcome("0 lost")


def trial(name: str) -> Trial:
    return Trial(name, "it is tried", "0 lost", nothing)


def write(file: Path, name: str, outcome: Outcome, seed: int = 1) -> None:
    run = report.Run(trial(name), seed, outcome, date(2026, 11, 21))
    report.write(run, ["first", "second"], file)


def test_a_run_replaces_the_line_of_the_one_before_and_keeps_the_others(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    write(file, "second", Outcome("1 lost"))
    write(file, "first", Outcome("0 lost"))
    write(file, "second", Outcome("0 of 5 lost"), seed=7)
    rows = report.rows_of(file.read_text())
    assert list(rows) == ["first", "second"]
    assert "0 of 5 lost | `python -m soak second --seed 7` | 2026-11-21" in rows["second"]


def test_a_broken_promise_is_said(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    write(file, "first", Outcome("1 lost", ("seed 1: message 5",)))
    assert "**FAILED** 1 lost" in file.read_text()


def test_a_trial_that_is_gone_leaves_no_line(tmp_path: Path) -> None:
    file = tmp_path / "report.md"
    write(file, "gone", Outcome("0 lost"))
    write(file, "first", Outcome("0 lost"))
    assert list(report.rows_of(file.read_text())) == ["first"]
