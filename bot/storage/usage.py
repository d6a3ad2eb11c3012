"""What paid calls cost, as rows."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from bot.domain.conversation import NewTurn
from bot.domain.incoming import Incoming, Member
from bot.domain.reply import Usage
from bot.domain.rooms import Room
from bot.domain.usage import Spent, Waste, cost_microusd, cost_of

_KINDS = tuple(field.name for field in fields(Usage))


def usage_values(turn_id: int, new: NewTurn) -> dict[str, Any]:
    """Lay out what a turn cost as a row of its own, which outlives the turn."""
    return {
        **_asked(new.room, new.member, new.asked_at),
        **_counted(new.usage),
        "turn_id": turn_id,
        "model": new.model,
        "cost_microusd": new.cost_microusd,
    }


def waste_values(incoming: Incoming, waste: Waste) -> dict[str, Any]:
    """Lay out what a call cost that led to no turn."""
    return {
        **_asked(incoming.room, incoming.member, incoming.created_at),
        **_counted(waste.usage),
        "turn_id": None,
        "model": waste.model,
        "cost_microusd": cost_microusd(waste.usage, waste.model),
    }


def call_values(
    turn_id: int | None, room: Room, member: Member, at: datetime, spent: Spent
) -> dict[str, Any]:
    """Lay out what a further call cost, for a turn or for none."""
    return {
        **_asked(room, member, at),
        **_counted(spent.usage),
        "turn_id": turn_id,
        "model": spent.model,
        "cost_microusd": cost_of(spent),
    }


def _asked(room: Room, member: Member, at: datetime) -> dict[str, Any]:
    return {"guild_id": room.guild_id, "room_id": room.id, "member_id": member.id, "at": at}


def _counted(usage: Usage | None) -> dict[str, Any]:
    return {name: getattr(usage, name) if usage else None for name in _KINDS}
