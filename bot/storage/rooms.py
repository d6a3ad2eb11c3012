"""What is kept for places: the voices chosen for them, and what was said there once."""

from datetime import datetime

from sqlalchemy import and_, bindparam, delete, or_, select

from bot.domain.rooms import Room, Scope
from bot.storage.database import Database, uninterrupted
from bot.storage.lane import Prepared
from bot.storage.tables import NoticeRow, RoomVoiceRow

_MOST_SCOPES = len(Scope) - 1
_VOICES = Prepared(
    select(RoomVoiceRow.scope, RoomVoiceRow.place_id, RoomVoiceRow.voice).where(
        or_(
            *(
                and_(
                    RoomVoiceRow.scope == bindparam(f"scope_{n}"),
                    RoomVoiceRow.place_id == bindparam(f"place_{n}"),
                )
                for n in range(_MOST_SCOPES)
            )
        )
    )
)


class RoomStore:
    """Keeps the settings of rooms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def voices(self, room: Room) -> dict[tuple[Scope, int], str]:
        """Give the voices chosen for a room and for the places it inherits from."""
        here: dict[str, str | int] = {}
        for n, (scope, place_id) in enumerate(room.scopes()):
            here |= {f"scope_{n}": scope.value, f"place_{n}": place_id}
        rows = await self._database.transact(lambda c: _VOICES.rows(c, here))
        return {(Scope(scope), place_id): voice for scope, place_id, voice in rows}

    @uninterrupted
    async def set_voice(
        self,
        scope: Scope,
        place_id: int,
        guild_id: int | None,
        voice: str,
        by: int,
        now: datetime,
    ) -> None:
        """Choose the voice of a place; `by` is the id of the member who did."""
        async with self._database.writing() as session:
            await session.merge(
                RoomVoiceRow(
                    scope=scope.value,
                    place_id=place_id,
                    guild_id=guild_id,
                    voice=voice,
                    set_by=by,
                    set_at=now,
                )
            )

    @uninterrupted
    async def reset_voice(self, scope: Scope, place_id: int) -> bool:
        """Let a place inherit its voice again; False when it had none of its own."""
        async with self._database.writing() as session:
            dropped = await session.scalar(
                delete(RoomVoiceRow)
                .where(RoomVoiceRow.scope == scope.value, RoomVoiceRow.place_id == place_id)
                .returning(RoomVoiceRow.voice)
            )
        return dropped is not None

    @uninterrupted
    async def say_once(self, room_id: int, notice: str, now: datetime) -> bool:
        """Tell whether a notice is new to a room, and note that it is said there now."""
        async with self._database.writing() as session:
            if await session.get(NoticeRow, (room_id, notice)) is not None:
                return False
            session.add(NoticeRow(room_id=room_id, notice=notice, said_at=now))
            return True
