"""Deleted places and servers that we left: what is kept for them goes after a while."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, delete, func, literal, select, tuple_, union
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.rooms import Scope
from bot.storage.database import Database, uninterrupted
from bot.storage.tables import (
    Base,
    GonePlaceRow,
    NoticeRow,
    PersonaRow,
    RoomSettingRow,
    SettingChangeRow,
)

Servers = Mapping[int, AbstractSet[int] | None]
"""The servers we are in, with all their channels and categories; None while Discord names none."""

_LISTED = (Scope.CHANNEL.value, Scope.CATEGORY.value)
"""What Discord lists of a server in full; of threads it leaves out those that are archived."""

_POSTED_IN = (Scope.CHANNEL.value, Scope.THREAD.value)

_KEPT: CompoundSelect[int, str, int] = union(
    select(RoomSettingRow.guild_id, RoomSettingRow.scope, RoomSettingRow.place_id).where(
        RoomSettingRow.guild_id.is_not(None)
    ),
    select(PersonaRow.guild_id, literal(Scope.SERVER.value), PersonaRow.guild_id).where(
        PersonaRow.guild_id.is_not(None)
    ),
)


class GonePlaceStore:
    """Notes which places are gone, and forgets what is kept for them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uninterrupted
    async def leave(self, places: Iterable[tuple[Scope, int]], now: datetime) -> None:
        """Note that places are gone; for those that are noted already the first time counts."""
        rows = [{"scope": scope.value, "place_id": id_, "since": now} for scope, id_ in places]
        if rows:
            async with self._database.writing() as session:
                await session.execute(insert(GonePlaceRow).on_conflict_do_nothing(), rows)

    @uninterrupted
    async def come_back(self, places: Iterable[tuple[Scope, int]]) -> None:
        """Note that places are there again."""
        async with self._database.writing() as session:
            for scope, id_ in places:
                await session.execute(
                    delete(GonePlaceRow).where(
                        GonePlaceRow.scope == scope.value, GonePlaceRow.place_id == id_
                    )
                )

    @uninterrupted
    async def take_stock(self, servers: Servers, now: datetime) -> int:
        """Note what was deleted, left or entered while nobody listened; gives how many are gone."""
        async with self._database.reading() as session:
            kept = (await session.execute(_KEPT)).all()
            noted = await session.execute(select(GonePlaceRow.scope, GonePlaceRow.place_id))
            there = servers.keys() | {id_ for rooms in servers.values() for id_ in rooms or ()}
            back = [(Scope(scope), id_) for scope, id_ in noted if id_ in there]
        gone = {place for each in kept if (place := _gone(servers, *each)) is not None}
        await self.leave(gone, now)
        await self.come_back(back)
        return len(gone)

    @uninterrupted
    async def purge(self, before: datetime) -> int:
        """Forget what is kept for places that are gone since before that time; gives how many."""
        over = GonePlaceRow.since < before
        places = select(GonePlaceRow.scope, GonePlaceRow.place_id).where(over)
        rooms = select(GonePlaceRow.place_id).where(over, GonePlaceRow.scope.in_(_POSTED_IN))
        servers = select(GonePlaceRow.place_id).where(
            over, GonePlaceRow.scope == Scope.SERVER.value
        )
        async with self._database.writing() as session:
            for row in (RoomSettingRow, SettingChangeRow):
                await _forget(session, row, tuple_(row.scope, row.place_id).in_(places))
                await _forget(session, row, row.guild_id.in_(servers))
            await _forget(session, PersonaRow, PersonaRow.guild_id.in_(servers))
            await _forget(session, NoticeRow, NoticeRow.room_id.in_(rooms))
            count = await session.scalar(select(func.count()).select_from(GonePlaceRow).where(over))
            await _forget(session, GonePlaceRow, over)
        return count or 0


def _gone(servers: Servers, guild_id: int, scope: str, place_id: int) -> tuple[Scope, int] | None:
    """Name what is gone of a kept place: its whole server, itself, or nothing."""
    if guild_id not in servers:
        return Scope.SERVER, guild_id
    rooms = servers[guild_id]
    if rooms is not None and scope in _LISTED and place_id not in rooms:
        return Scope(scope), place_id
    return None


async def _forget(session: AsyncSession, row: type[Base], which: ColumnElement[bool]) -> None:
    await session.execute(delete(row).where(which).execution_options(synchronize_session=False))
