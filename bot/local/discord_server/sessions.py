"""Gateway sessions: who listens to what, and what they may still have missed."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.local.discord_server.connection import Connection
from bot.local.discord_server.identify import Identity


@dataclass(slots=True)
class Session:
    """One session.

    Attributes:
        connection: None while it is lost.
        lost_at: when the connection was lost; None while there is one.
        log: every event as sent; the n-th has the sequence number n.

    """

    id: str
    identity: Identity
    connection: Connection | None
    lost_at: datetime | None = None
    log: list[str] = field(default_factory=list)

    def serves(self, guild_id: int | None) -> bool:
        """Whether events of this server come here; those of none go to shard 0."""
        if guild_id is None:
            return self.identity.shard == 0
        return self.identity.shard == (guild_id >> 22) % self.identity.shard_count

    def send(self, name: str, payload: dict[str, Any]) -> None:
        """Send an event, and keep it for a resume."""
        event = {"op": 0, "t": name, "s": len(self.log) + 1, "d": payload}
        self.log.append(json.dumps(event))
        self.push(self.log[-1])

    def push(self, text: str) -> None:
        """Send an event as it was written."""
        if self.connection is not None:
            self.connection.send_text(text)
