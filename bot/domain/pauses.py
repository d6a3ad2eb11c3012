"""What is left alone for a while, by a clock that may be put forward or back."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Pause:
    """A while from a moment on; a clock that is put back by more than that ends it, too."""

    begun: datetime
    span: timedelta

    def lasts(self, now: datetime) -> bool:
        """Tell whether it is not over yet."""
        return abs(now - self.begun) < self.span
