"""The personas of servers, and of members for their DMs."""

from datetime import datetime
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.domain.personas import Library, Persona, same_name
from bot.storage.database import Database, uninterrupted
from bot.storage.tables import PersonaRow


class PersonaStore:
    """Keeps personas, by whose they are."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @uninterrupted
    async def all(self, library: Library) -> list[Persona]:
        """Give the personas of a library by their names."""
        async with self._database.reading() as session:
            return [_to_persona(row) for row in await _rows(session, library)]

    @uninterrupted
    async def add(
        self, library: Library, persona: Persona, by: int, now: datetime, *, most: int
    ) -> Literal["added", "taken", "full"]:
        """Add a persona, unless its name is taken or `most` are there."""
        async with self._database.writing() as session:
            rows = await _rows(session, library)
            if any(same_name(row.name, persona.name) for row in rows):
                return "taken"
            if len(rows) >= most:
                return "full"
            session.add(
                PersonaRow(
                    owner_id=library.owner_id,
                    guild_id=library.guild_id,
                    name=persona.name,
                    prompt=persona.prompt,
                    voice=persona.voice,
                    made_by=by,
                    made_at=now,
                )
            )
        return "added"

    @uninterrupted
    async def replace(self, library: Library, persona: Persona, by: int, now: datetime) -> bool:
        """Change the prompt and voice of a persona; False when there is none of that name."""
        async with self._database.writing() as session:
            row = await session.get(PersonaRow, (library.owner_id, persona.name))
            if row is None:
                return False
            row.prompt, row.voice = persona.prompt, persona.voice
            row.made_by, row.made_at = by, now
        return True

    @uninterrupted
    async def remove(self, library: Library, name: str) -> bool:
        """Remove a persona; False when there is none of that name."""
        async with self._database.writing() as session:
            removed = await session.scalar(
                delete(PersonaRow)
                .where(PersonaRow.owner_id == library.owner_id, PersonaRow.name == name)
                .returning(PersonaRow.name)
            )
        return removed is not None


async def _rows(session: AsyncSession, library: Library) -> list[PersonaRow]:
    rows = await session.scalars(
        select(PersonaRow).where(PersonaRow.owner_id == library.owner_id).order_by(PersonaRow.name)
    )
    return list(rows)


def _to_persona(row: PersonaRow) -> Persona:
    return Persona(row.name, row.prompt, row.voice)
