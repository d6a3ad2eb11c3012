"""`python -m bench.rooms`: the settings of a room are read as fast among many rooms as among few.

Two databases, one with few rooms and one with many, each room with settings of its own, are read
by turns, as an answer does. Every read is of another room, so that among many rooms most of its
pages come anew from the file. Prints the ratio, and fails when it is over the limit.
"""

import asyncio
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.owner import Owner
from bot.domain.rooms import Room
from bot.domain.sampling import Sampling
from bot.services.rooms import Rooms
from bot.storage.changes import ChangeStore
from bot.storage.database import Database, migrate, open_database
from bot.storage.personas import PersonaStore
from bot.storage.rooms import RoomStore

FEW, MANY = 100, 100_000
ROOMS_PER_SERVER = 10
ROUNDS = 3000
MOST = 1.2

SET = {"voice": "coral", "speak": "mirror", "language": "de", "persona": "Pirate"}
INSERT = (
    "INSERT INTO room_settings (scope, place_id, name, value, guild_id, set_by, set_at) "
    "VALUES (?, ?, ?, ?, ?, 7, '2026-11-21 12:00:00.000000')"
)
PERSONA = (
    "INSERT INTO personas (owner_id, name, prompt, guild_id, made_by, made_at) "
    "VALUES (?, 'Pirate', ?, ?, 7, '2026-11-21 12:00:00.000000')"
)
OWNER = Owner(
    voice="alloy",
    file_format="mp3",
    instructions="You are a voice assistant.",
    model="gpt-audio-1.5",
    models=("gpt-audio-1.5",),
    text_model="gpt-5-mini",
    speech_model="gpt-4o-mini-tts",
    parameters=Sampling(),
    sampling=frozenset(),
    answer_tokens=2048,
    persona_characters=2000,
    personas=25,
)


def room(number: int) -> Room:
    server = number // ROOMS_PER_SERVER
    return Room(10**17 + number, 10**16 + server, 10**18 + number, 10**15 + server)


def rows(rooms: int) -> Iterator[tuple[str, int, str, str, int | None]]:
    for number in range(rooms):
        *inside, (server, guild_id) = room(number).scopes()
        for name, value in SET.items():
            for scope, place_id in inside[:2]:
                yield scope, place_id, name, value, guild_id
            if number % ROOMS_PER_SERVER == 0:
                yield server, guild_id, name, value, guild_id
        yield "member", number, "speed", "1.25", None


def furnish(path: Path, rooms: int) -> None:
    migrate(f"sqlite+aiosqlite:///{path}")
    servers = {room(number).guild_id for number in range(rooms)}
    with closing(sqlite3.connect(path)) as database, database:
        database.executemany(INSERT, rows(rooms))
        prompt = "You are a pirate, and you speak like one. " * 20
        database.executemany(PERSONA, [(id_, prompt, id_) for id_ in servers])


def build(database: Database) -> Rooms:
    return Rooms(
        RoomStore(database),
        ChangeStore(database),
        PersonaStore(database),
        OWNER,
        lambda: datetime.now(UTC),
    )


async def read_ms(rooms: Rooms, number: int) -> float:
    begun = time.perf_counter()
    found = await rooms.rules(room(number), number)
    spent = time.perf_counter() - begun
    assert [each.value for each in found.voices] == ["coral", "coral", "coral", "alloy"]
    assert found.persona.value is not None
    assert found.speed.value == 1.25
    return spent * 1000


async def measure(folder: Path) -> tuple[list[float], list[float]]:
    """Give the milliseconds of each read among few and among many rooms, taken by turns."""
    dice = random.Random(7)
    async with (
        open_database(f"sqlite+aiosqlite:///{folder}/few.db") as few,
        open_database(f"sqlite+aiosqlite:///{folder}/many.db") as many,
    ):
        both = build(few), build(many)
        rounds = [
            (
                await read_ms(both[0], dice.randrange(FEW)),
                await read_ms(both[1], dice.randrange(MANY)),
            )
            for _ in range(ROUNDS)
        ]
    few_ms, many_ms = zip(*rounds, strict=True)
    return list(few_ms), list(many_ms)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        furnish(folder / "few.db", FEW)
        furnish(folder / "many.db", MANY)
        few_ms, many_ms = asyncio.run(measure(folder))
    medians = statistics.median(few_ms), statistics.median(many_ms)
    ratio = medians[1] / medians[0]
    print(f"settings in force among {FEW:>7,} rooms {medians[0]:6.3f} ms")
    print(f"settings in force among {MANY:>7,} rooms {medians[1]:6.3f} ms")
    print(f"ratio {ratio:.2f} (at most {MOST})")
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
