"""No endless talk among bots."""

from collections import defaultdict
from datetime import datetime, timedelta

from bot.domain.incoming import Incoming

MOST = 3
"""So many questions of bots are answered in a channel before a member has to speak to us."""

FORGOTTEN_AFTER = timedelta(hours=1)


class BotTurns:
    """Counts what bots asked us in each channel, its threads included, since a member last did."""

    def __init__(self) -> None:
        self._asked: defaultdict[int, dict[int, datetime]] = defaultdict(dict)

    def admit(self, incoming: Incoming, now: datetime) -> bool:
        """Take note of a question; False when it is one too many in a talk of bots."""
        channel_id = incoming.room.channel_id
        if not incoming.by_bot:
            self._asked.pop(channel_id, None)
            return True
        known = self._asked[channel_id].items()
        asked = {id_: time for id_, time in known if abs(now - time) < FORGOTTEN_AFTER}
        self._asked[channel_id] = asked
        if len(asked) >= MOST:
            return incoming.message_id in asked
        asked.setdefault(incoming.message_id, now)
        return True
