"""Every trial in its short form; the full ones are `make soak`."""

import pytest

from soak.trial import Size, Trial
from soak.trials import TRIALS

SEED = 20_261_121


@pytest.mark.timeout(900)
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
async def test_the_promise_is_kept(trial: Trial) -> None:
    outcome = await trial.run(Size.SHORT, SEED)
    assert outcome.passed, f"python -m soak {trial.name} --short --seed {SEED}: {outcome.failures}"
