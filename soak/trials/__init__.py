"""The trials, in the order of the report."""

from soak.trial import Trial
from soak.trials import thrice

TRIALS: tuple[Trial, ...] = (thrice.TRIAL,)
