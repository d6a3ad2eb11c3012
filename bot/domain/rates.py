"""How often somebody may ask: so many a minute, at once or spread."""

from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)

NOTHING = timedelta()

_REMEMBERED = 1_000


class Rate:
    """Lets so many a minute pass under each key; who waits for a minute has them all again.

    It is a bucket of tokens, kept as the moment at which it will be full again. A clock that is
    put back costs nobody more than a minute.
    """

    def __init__(self, per_minute: int) -> None:
        """Begin with everything allowed; 0 lets everything pass for ever."""
        self.per_minute = per_minute
        self._each = MINUTE // per_minute if per_minute else NOTHING
        self._full_at: dict[int, datetime] = {}

    def wait(self, key: int, now: datetime, count: int = 1) -> timedelta:
        """Tell how long it takes until so many more may have passed; nothing if they may now."""
        if not self.per_minute:
            return NOTHING
        return max(self._lack(key, now) + count * self._each - MINUTE, NOTHING)

    def take(self, key: int, now: datetime) -> None:
        """Note that one passes."""
        if not self.per_minute:
            return
        if len(self._full_at) >= _REMEMBERED:
            latest = now + MINUTE
            ends = self._full_at.items()
            self._full_at = {each: min(end, latest) for each, end in ends if end > now}
        self._full_at[key] = now + self._lack(key, now) + self._each

    def give_back(self, key: int) -> None:
        """Undo one that was taken."""
        if key in self._full_at:
            self._full_at[key] -= self._each

    def _lack(self, key: int, now: datetime) -> timedelta:
        full_at = self._full_at.get(key, now)
        if full_at - now > MINUTE:  # the clock was put back
            full_at = self._full_at[key] = now + MINUTE
        return max(full_at - now, NOTHING)
