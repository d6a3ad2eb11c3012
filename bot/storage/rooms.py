"""What is kept for places: the voices chosen for them, and what was said there once."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, tuple_

from bot.domain.rooms import Room, Scope
from bot.storage.database import Database, uninterrupted
from bot.storage.tables import NoticeRow, RoomVoiceRow

# Built once: putting a statement together costs as much as running it.
_VOICES = select(RoomVoiceRow.scope, RoomVoiceRow.place_id, RoomVoiceRow.voice).where(
    tuple_(RoomVoiceRow.scope, RoomVoiceRow.place_id).in_(bindparam("places", expanding=True))
)


class RoomStore:
    """Keeps the settings of rooms."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def voices(self, room: Room) -> dict[tuple[Scope, int], str]:
        """Give the voices chosen for a room and for the places it inherits from."""
        here = {"places": room.scopes()}
        rows = await self._database.transact(lambda c: c.execute(_VOICES, here).all())
        return {(Scope(row.scope), row.place_id): row.voice for row in rows}

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
