"""Which speeds speech can be made in; pure."""

from bot.domain.reply import FASTEST, SLOWEST


def check_speed(speed: float) -> None:
    """Refuse what is no speed of ours.

    Raises:
        ValueError: below `SLOWEST`, above `FASTEST`, or no number.

    """
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"a speed is from {SLOWEST} to {FASTEST}, not {speed}")
