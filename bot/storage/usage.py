"""What calls to the model cost."""

from datetime import datetime

from bot.domain.incoming import Member
from bot.domain.reply import Usage
from bot.domain.rooms import Room
from bot.storage.tables import UsageRow


def usage_row(
    room: Room,
    member: Member,
    model: str,
    usage: Usage | None,
    cost_microusd: int | None,
    at: datetime,
) -> UsageRow:
    """Lay out one paid call as a row; `TurnStore` keeps it with its turn."""
    return UsageRow(
        guild_id=room.guild_id,
        room_id=room.id,
        member_id=member.id,
        model=model,
        at=at,
        text_in=usage.text_in if usage else None,
        audio_in=usage.audio_in if usage else None,
        text_out=usage.text_out if usage else None,
        audio_out=usage.audio_out if usage else None,
        cached_in=usage.cached_in if usage else None,
        cost_microusd=cost_microusd,
    )
