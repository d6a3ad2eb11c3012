"""SECURITY.md names no test that is not there, and no threat without one."""

import re
from pathlib import Path

import pytest

from soak.trials import TRIALS

ROOT = Path(__file__).parents[2]
ROWS = dict(re.findall(r"^\| (S\d+) (\|.*)\|$", (ROOT / "SECURITY.md").read_text(), re.M))
LATER = {"S17", "S18"}
TESTS = sorted({each for row in ROWS.values() for each in re.findall(r"`(tests/\S+?)`", row)})
NAMED_TRIALS = {
    name
    for row in ROWS.values()
    for names in re.findall(r"trials?((?: `\w+`)+)", row)
    for name in re.findall(r"\w+", names)
}


def test_every_threat_has_its_line() -> None:
    assert list(ROWS) == [f"S{number}" for number in range(1, 24)]


@pytest.mark.parametrize("threat", ROWS)
def test_every_threat_has_a_test_but_those_that_come_later(threat: str) -> None:
    assert ("`tests/" in ROWS[threat]) == (threat not in LATER)


@pytest.mark.parametrize("test", TESTS)
def test_every_named_test_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    assert re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text(), re.M)


def test_every_named_trial_is_there() -> None:
    assert NAMED_TRIALS
    assert {trial.name for trial in TRIALS} >= NAMED_TRIALS
