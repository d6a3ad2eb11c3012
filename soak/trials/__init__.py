"""The trials, in the order of the report."""

from soak.trial import Trial
from soak.trials import api_faults, thrice

TRIALS: tuple[Trial, ...] = (thrice.TRIAL, api_faults.TRIAL)
