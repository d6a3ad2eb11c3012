"""`python -m soak`: what it says of a trial that breaks off."""

import pytest

from soak import __main__ as soak
from soak.trial import Outcome, Size, Trial


async def breaks_off(_size: Size, _seed: int) -> Outcome:
    raise TimeoutError("nobody came")


async def passes(_size: Size, seed: int) -> Outcome:
    return Outcome(f"0 lost with seed {seed}")


def test_a_trial_that_breaks_off_fails_with_its_seed_and_the_next_one_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trials = [
        Trial("first", "it breaks off", "0 lost", breaks_off),
        Trial("second", "it passes", "0 lost", passes),
    ]
    monkeypatch.setattr(soak, "TRIALS", trials)
    assert soak.main(["--short"]) == 1
    said = capsys.readouterr().out
    seed = said.split("--seed ")[1].split(")")[0]
    assert f"FAILED: seed {seed}: TimeoutError: nobody came" in said
    assert f"0 lost with seed {seed}" in said
