"""The trials, in the order of the report."""

from soak.trial import Trial
from soak.trials import api_faults, gateway, media, thrice

TRIALS: tuple[Trial, ...] = (gateway.TRIAL, thrice.TRIAL, api_faults.TRIAL, media.TRIAL)
