"""The trials, in the order of the report."""

from soak.trial import Trial

TRIALS: tuple[Trial, ...] = ()
