"""What rooms refused lately."""

import time

import discord

BAN_S = 600


class VoiceBans:
    """Rooms that refused a voice message lately, or all of ours, so that none is made in vain."""

    def __init__(self) -> None:
        self._until: dict[int, float] = {}
        self._shut: dict[int, tuple[float, discord.Permissions | None]] = {}

    def add(self, channel_id: int) -> None:
        """Remember a refusal for ten minutes."""
        now = time.monotonic()
        self._until = {room: end for room, end in self._until.items() if end > now}
        self._until[channel_id] = now + BAN_S

    def shut(self, channel_id: int, rights: discord.Permissions | None) -> None:
        """Remember that a room took nothing although our rights seemed to be these."""
        now = time.monotonic()
        self._shut = {room: each for room, each in self._shut.items() if each[0] > now}
        self._shut[channel_id] = now + BAN_S, rights

    def is_shut(self, channel_id: int, rights: discord.Permissions | None) -> bool:
        """Tell whether that was lately, and nobody changed our rights since."""
        until, then = self._shut.get(channel_id, (0.0, None))
        return until > time.monotonic() and then == rights

    def __contains__(self, channel_id: int) -> bool:
        return self._until.get(channel_id, 0.0) > time.monotonic()
