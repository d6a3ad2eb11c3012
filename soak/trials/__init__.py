"""The trials, in the order of the report."""

from soak.trial import Trial
from soak.trials import (
    api_faults,
    canaries,
    catching_up,
    clock,
    discord_faults,
    disk,
    failpoints,
    gateway,
    herd,
    kills,
    media,
    month,
    mutants,
    parsers,
    process_kills,
    sigterm,
    thrice,
    wire,
)

TRIALS: tuple[Trial, ...] = (
    kills.TRIAL,
    failpoints.TRIAL,
    process_kills.TRIAL,
    sigterm.TRIAL,
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
    clock.TRIAL,
    media.TRIAL,
    parsers.TRIAL,
    canaries.TRIAL,
)
