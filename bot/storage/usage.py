"""What paid calls cost: as rows, and added up."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from bot.domain.incoming import Incoming, Member
from bot.domain.reply import Usage
from bot.domain.rooms import Room
from bot.domain.turns import NewTurn
from bot.domain.usage import Spent, Waste, cost_microusd, cost_of
from bot.storage.database import Database, uninterrupted
from bot.storage.tables import UsageRow

_KINDS = tuple(field.name for field in fields(Usage))


@dataclass(frozen=True, slots=True)
class Spending:
    """Paid calls, added up; the cost is that of those whose price is known."""

    usage: Usage
    cost_microusd: int
    priced: int
    unpriced: int


class UsageReader:
    """Adds up what was paid for, piece by piece."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read_to: int | None = None

    @uninterrupted
    async def read_on(self) -> Spending:
        """Add up the calls since the last time; the first time there is nothing."""
        columns = [getattr(UsageRow, kind) for kind in _KINDS] + [UsageRow.cost_microusd]
        async with self._database.reading() as session:
            newest = await session.scalar(select(func.max(UsageRow.id))) or 0
            since = newest if self._read_to is None else self._read_to
            found = await session.execute(
                select(*map(func.sum, columns), func.count(UsageRow.cost_microusd), func.count())
                .select_from(UsageRow)
                .where(UsageRow.id > since, UsageRow.id <= newest)
            )
            *sums, priced, calls = found.one()
        self._read_to = newest
        *tokens, cost = (int(number or 0) for number in sums)
        return Spending(
            Usage(**dict(zip(_KINDS, tokens, strict=True))), cost, priced, calls - priced
        )


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
