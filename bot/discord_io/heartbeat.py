"""Whether Discord still answers our heartbeats.

The library ends a connection after a minute in which nothing at all came. One on which events come
but no answers, or one whose end nobody told us, is dead as well after two heartbeats:
https://docs.discord.com/developers/events/gateway#sending-heartbeats
"""

import time

from discord.gateway import DiscordWebSocket

UNANSWERED_FOR = 2.25
"""Heartbeats, the last one's way included, without an answer to any."""


def is_dead(gateway: DiscordWebSocket | None) -> bool:
    """Tell whether a connection seems open, but Discord has left our heartbeats unanswered."""
    beating = gateway._keep_alive if gateway is not None and gateway.open else None
    if beating is None or beating.interval is None:
        return False
    return time.perf_counter() - beating._last_ack > UNANSWERED_FOR * beating.interval
