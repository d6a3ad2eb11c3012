"""The trials, in the order of the report."""

from soak.trial import Trial
from soak.trials import (
    api_faults,
    catching_up,
    discord_faults,
    disk,
    gateway,
    herd,
    media,
    month,
    mutants,
    parsers,
    thrice,
    wire,
)

TRIALS: tuple[Trial, ...] = (
    catching_up.TRIAL,
    gateway.TRIAL,
    thrice.TRIAL,
    herd.TRIAL,
    mutants.TRIAL,
    api_faults.TRIAL,
    discord_faults.TRIAL,
    wire.TRIAL,
    disk.TRIAL,
    month.TRIAL,
    media.TRIAL,
    parsers.TRIAL,
)
