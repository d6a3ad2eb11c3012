"""What calls to the model cost."""

from dataclasses import fields
from typing import Any

from bot.domain.conversation import NewTurn
from bot.domain.reply import Usage

_KINDS = tuple(field.name for field in fields(Usage))


def usage_values(turn_id: int, new: NewTurn) -> dict[str, Any]:
    """Lay out what a turn cost as a row of its own, which outlives the turn."""
    usage = new.usage
    counted = {name: getattr(usage, name) for name in _KINDS} if usage else dict.fromkeys(_KINDS)
    return {
        "turn_id": turn_id,
        "guild_id": new.room.guild_id,
        "room_id": new.room.id,
        "member_id": new.member.id,
        "model": new.model,
        "at": new.asked_at,
        "cost_microusd": new.cost_microusd,
        **counted,
    }
