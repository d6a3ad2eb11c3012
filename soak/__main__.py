"""`python -m soak`: the trials, one after the other; exits with 1 when a promise was broken."""

import argparse
import secrets
import sys
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime

from bot import loops
from soak import report
from soak.trial import Outcome, Size, Trial
from soak.trials import TRIALS

_SEEDS = 2**31


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is named, or all."""
    options = _parser().parse_args(arguments)
    chosen = [each for each in TRIALS if each.name in options.names or not options.names]
    seed = secrets.randbelow(_SEEDS) if options.seed is None else options.seed
    size = Size.SHORT if options.short else Size.FULL
    broken = [trial for trial in chosen if not _try(trial, size, seed)]
    return 1 if broken else 0


def _parser() -> argparse.ArgumentParser:
    names = [each.name for each in TRIALS]
    parser = argparse.ArgumentParser(prog="python -m soak", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", choices=[*names, []], help="a trial")
    parser.add_argument("--seed", type=int, help="the chances of an earlier run")
    parser.add_argument("--short", action="store_true", help="as the tests do; writes nothing")
    return parser


def _try(trial: Trial, size: Size, seed: int) -> bool:
    print(f"{trial.name}: {trial.what} (seed {seed})", flush=True)
    begun = time.monotonic()
    outcome = _outcome_of(trial, size, seed)
    run = report.Run(trial, seed, outcome, datetime.now(UTC).date())
    print(f"  {outcome.measured} ({time.monotonic() - begun:.0f} s; again: {run.command})")
    for failure in outcome.failures:
        print(f"  FAILED: {failure}")
    if size is Size.FULL:
        report.write(run, [each.name for each in TRIALS])
    return outcome.passed


def _outcome_of(trial: Trial, size: Size, seed: int) -> Outcome:
    """Run a trial; one that breaks off has failed, and does not keep the others from running."""
    try:
        return loops.run(trial.run(size, seed))
    except Exception as error:  # noqa: BLE001 - whatever it was, it is told with its seed
        traceback.print_exc()
        return Outcome("broken off", (f"seed {seed}: {type(error).__name__}: {error}",))


if __name__ == "__main__":
    sys.exit(main())
