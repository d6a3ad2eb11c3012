"""The time of day."""

from datetime import UTC, datetime


def now() -> datetime:
    """Tell the time of day, UTC."""
    return datetime.now(UTC)
