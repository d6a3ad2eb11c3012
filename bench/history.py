"""`python -m bench.history`: the past of a long conversation costs what that of a short one does.

Both chains lie in one database, the long one among many other turns. Prints the ratio, and
fails when it is over the limit.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.incoming import Member
from bot.domain.rooms import Room
from bot.domain.turns import KeptClip, NewTurn
from bot.storage.database import open_database
from bot.storage.turns import TurnStore

SHORT, LONG = 20, 1000
LIMIT = 20
ROUNDS = 300
MOST = 1.5

CLIP = KeptClip(bytes(20_000), 5.0)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def turn(parent_id: int | None, number: int) -> NewTurn:
    return NewTurn(
        parent_id=parent_id,
        question_id=number,
        room=Room(10, 1),
        member=Member(7, "Ada"),
        text="Is a golden retriever a good family dog? " * 3,
        clips=(CLIP,) if number % 4 == 0 else (),
        unkept_seconds=0.0,
        transcript="Yes: they are patient, friendly, and easy to train. " * 6,
        handle=None,
        answer_seconds=12.0,
        voice="alloy",
        model="gpt-audio-1.5",
        usage=None,
        cost_microusd=None,
        asked_at=NOW,
    )


async def record_chain(turns: TurnStore, length: int) -> int:
    newest: int | None = None
    for number in range(length):
        newest = await turns.record(turn(newest, number))
        await turns.record(turn(None, number))  # somebody else's, in between
    assert newest is not None
    return newest


async def read_ms(turns: TurnStore, turn_id: int) -> float:
    begun = time.perf_counter()
    found = await turns.ancestors(turn_id, LIMIT)
    assert len(found) == LIMIT
    return (time.perf_counter() - begun) * 1000


async def measure(path: Path) -> tuple[float, float]:
    """Give the median milliseconds of the short and the long chain, read by turns."""
    async with open_database(f"sqlite+aiosqlite:///{path}") as database:
        turns = TurnStore(database)
        short, long = await record_chain(turns, SHORT), await record_chain(turns, LONG)
        rounds = [(await read_ms(turns, short), await read_ms(turns, long)) for _ in range(ROUNDS)]
    short_ms, long_ms = zip(*rounds, strict=True)
    return statistics.median(short_ms), statistics.median(long_ms)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        short_ms, long_ms = asyncio.run(measure(Path(folder) / "bench.db"))
    ratio = long_ms / short_ms
    print(f"history of {SHORT} turns  {short_ms:6.2f} ms")
    print(f"history of {LONG} turns {long_ms:6.2f} ms, the newest {LIMIT} of them")
    print(f"ratio {ratio:.2f} (at most {MOST})")
    return 0 if ratio <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
