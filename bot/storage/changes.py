"""Changes of settings: made, and taken back while nobody else has changed the same since."""

from datetime import datetime
from enum import Enum, auto

from sqlalchemy import Select, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.room_settings import Change
from bot.domain.rooms import Place, Scope
from bot.storage.database import Database, uninterrupted
from bot.storage.tables import RoomSettingRow, SettingChangeRow

KEPT_PER_PLACE = 20
"""How many changes of a place can be undone, the newest first."""


class Undone(Enum):
    """Why a change was not taken back."""

    NOTHING = auto()  # there is none
    OVERTAKEN = auto()  # the setting was changed again since


class ChangeStore:
    """Changes the settings of places, and remembers how they were before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uninterrupted
    async def change(
        self, place: Place, name: str, after: str | None, by: int, now: datetime
    ) -> Change | None:
        """Set a setting of a place, or with None reset it; None when it is like that already."""
        async with self._database.writing() as session:
            return await _change(session, place, name, after, by, now)

    @uninterrupted
    async def reset_all(self, place: Place, by: int, now: datetime) -> list[Change]:
        """Reset every setting of a place; each can be undone."""
        async with self._database.writing() as session:
            names = await session.scalars(
                select(RoomSettingRow.name).where(
                    RoomSettingRow.scope == place.scope.value, RoomSettingRow.place_id == place.id
                )
            )
            made = [await _change(session, place, name, None, by, now) for name in names.all()]
        return [change for change in made if change is not None]

    @uninterrupted
    async def changes_of(self, place: Place) -> list[Change]:
        """Give the changes of a place that can be undone, newest first."""
        async with self._database.reading() as session:
            rows = await session.scalars(_newest_first(place))
            return [_to_change(row) for row in rows]

    @uninterrupted
    async def forget(self, before: datetime) -> None:
        """Forget changes that were made before that time; they cannot be undone any more."""
        async with self._database.writing() as session:
            await session.execute(
                delete(SettingChangeRow)
                .where(SettingChangeRow.at < before)
                .execution_options(synchronize_session=False)
            )

    @uninterrupted
    async def undo(
        self, place: Place, change_id: int | None, by: int, now: datetime
    ) -> Change | Undone:
        """Take back a change of a place, the newest when none is named, and forget it.

        What was changed again since stays as it is.
        """
        wanted = _newest_first(place).limit(1)
        if change_id is not None:
            wanted = wanted.where(SettingChangeRow.id == change_id)
        async with self._database.writing() as session:
            row = await session.scalar(wanted)
            if row is None:
                return Undone.NOTHING
            change = _to_change(row)
            await session.delete(row)
            if await _value(session, place, change.name) != change.after:
                return Undone.OVERTAKEN
            await _put(session, place, change.name, change.before, by, now)
            return change


async def _change(
    session: AsyncSession, place: Place, name: str, after: str | None, by: int, now: datetime
) -> Change | None:
    before = await _value(session, place, name)
    if before == after:
        return None
    await _put(session, place, name, after, by, now)
    row = SettingChangeRow(
        scope=place.scope.value,
        place_id=place.id,
        guild_id=place.guild_id,
        name=name,
        before=before,
        after=after,
        by=by,
        at=now,
    )
    session.add(row)
    await session.flush()
    await _forget_oldest(session, place)
    return _to_change(row)


async def _value(session: AsyncSession, place: Place, name: str) -> str | None:
    row = await session.get(RoomSettingRow, (place.scope.value, place.id, name))
    return None if row is None else row.value


async def _put(
    session: AsyncSession, place: Place, name: str, value: str | None, by: int, now: datetime
) -> None:
    key = (place.scope.value, place.id, name)
    if value is None:
        if (row := await session.get(RoomSettingRow, key)) is not None:
            await session.delete(row)
        return
    await session.merge(
        RoomSettingRow(
            scope=key[0],
            place_id=key[1],
            name=name,
            value=value,
            guild_id=place.guild_id,
            set_by=by,
            set_at=now,
        )
    )


async def _forget_oldest(session: AsyncSession, place: Place) -> None:
    old = _newest_first(place).with_only_columns(SettingChangeRow.id).offset(KEPT_PER_PLACE)
    await session.execute(delete(SettingChangeRow).where(SettingChangeRow.id.in_(old)))


def _newest_first(place: Place) -> Select[SettingChangeRow]:
    return (
        select(SettingChangeRow)
        .where(SettingChangeRow.scope == place.scope.value, SettingChangeRow.place_id == place.id)
        .order_by(SettingChangeRow.id.desc())
    )


def _to_change(row: SettingChangeRow) -> Change:
    place = Place(Scope(row.scope), row.place_id, row.guild_id)
    return Change(row.id, place, row.name, row.before, row.after, row.by, row.at)
