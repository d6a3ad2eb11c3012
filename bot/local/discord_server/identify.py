"""What a client says to the gateway, and with which code it is refused.

Source: https://docs.discord.com/developers/topics/opcodes-and-status-codes
"""

import json
from dataclasses import dataclass
from typing import Any

from bot.local.discord_server.events import KNOWN_INTENTS, Intent
from bot.local.discord_server.world import World

FRAME_LIMIT_BYTES = 4096
_PRIVILEGED = {
    Intent.GUILD_PRESENCES: 3 << 12,
    Intent.GUILD_MEMBERS: 3 << 14,
    Intent.MESSAGE_CONTENT: 3 << 18,
}
"""Intents that the portal must grant, and the application flags that say it did."""


class Refused(Exception):
    """The connection must be closed with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Identity:
    """Which events a client wants."""

    shard: int
    shard_count: int
    intents: int


def read_identity(world: World, asked: dict[str, Any], *, sharding_required: bool) -> Identity:
    """Read IDENTIFY.

    Raises:
        Refused: 4004, 4010, 4011, 4013 or 4014.

    """
    check_token(world, asked)
    shard, count = asked.get("shard") or (0, 1)
    if not 0 <= shard < count:
        raise Refused(4010)
    if sharding_required and count == 1:
        raise Refused(4011)
    return Identity(shard, count, _read_intents(world, asked.get("intents")))


def check_token(world: World, asked: dict[str, Any]) -> None:
    """Refuse with 4004 who does not have the token."""
    if asked.get("token") != world.state.application.token:
        raise Refused(4004)


def _read_intents(world: World, intents: object) -> int:
    if not isinstance(intents, int) or intents & ~KNOWN_INTENTS:
        raise Refused(4013)
    for intent, flags in _PRIVILEGED.items():
        if intents & intent and not world.state.application.flags & flags:
            raise Refused(4014)
    return intents


def parse(data: str | bytes) -> dict[str, Any]:
    """Read a frame; what is too long or no JSON object is refused with 4002."""
    if len(data) > FRAME_LIMIT_BYTES:
        raise Refused(4002)
    try:
        message = json.loads(data)
    except ValueError:
        raise Refused(4002) from None
    if not isinstance(message, dict):
        raise Refused(4002)
    return message


def without_token(content: object) -> object:
    """Take out what must not be recorded."""
    if not isinstance(content, dict):
        return content
    return {name: value for name, value in content.items() if name != "token"}
