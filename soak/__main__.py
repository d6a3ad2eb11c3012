"""`python -m soak`: the trials, one after the other; exits with 1 when a promise was broken."""

import argparse
import secrets
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from bot import loops
from soak import report
from soak.trial import Size, Trial
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
    print(f"{trial.name}: {trial.what}", flush=True)
    begun = time.monotonic()
    outcome = loops.run(trial.run(size, seed))
    run = report.Run(trial, seed, outcome, datetime.now(UTC).date())
    print(f"  {outcome.measured} ({time.monotonic() - begun:.0f} s; again: {run.command})")
    for failure in outcome.failures:
        print(f"  FAILED: {failure}")
    if size is Size.FULL:
        report.write(run, [each.name for each in TRIALS])
    return outcome.passed


if __name__ == "__main__":
    sys.exit(main())
