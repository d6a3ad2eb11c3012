"""`python -m soak.disk_worker FOLDER FIRST`: questions through the real stores, until SIGTERM.

A line is written once a step is confirmed: `accepted 7`, `claimed 7`, `recorded 7`, `answered 7`;
`refused 7` where the next step of 7 was refused.
"""

import asyncio
import itertools
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot import loops
from bot.domain.incoming import Address, Incoming, Member
from bot.domain.reply import Usage
from bot.domain.rooms import Room
from bot.domain.turns import NewTurn
from bot.errors import BotError
from bot.local.together import database_url
from bot.storage import outage
from bot.storage.database import Database, open_database
from bot.storage.inbox import InboxStore
from bot.storage.turns import TurnStore

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROOM, ADA = Room(channel_id=10, guild_id=1), Member(7, "Ada")
PAUSE_S = 0.01
STEPS = ("accepted", "claimed", "recorded", "answered")


Tell = Callable[[str, int], None]


async def main(folder: Path, first: int) -> None:
    """Take questions through their steps, one after the other."""
    outage.TRY_EVERY_S = 0.02
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_database(database_url(folder)) as database:
        confirm("open", 0)
        for number in itertools.count(first):
            if stop.is_set():
                return
            try:
                await take(database, number, confirm)
            except BotError:
                confirm("refused", number)
                await asyncio.sleep(PAUSE_S)


async def take(database: Database, number: int, tell: Tell) -> None:
    """Take one question through its steps."""
    inbox, turns = InboxStore(database), TurnStore(database)
    await inbox.accept(question(number), NOW)
    tell("accepted", number)
    await inbox.claim(number, NOW)
    tell("claimed", number)
    await turns.record(turn(number))
    tell("recorded", number)
    await inbox.finish(number, "answered", None, NOW)
    tell("answered", number)


def confirm(what: str, number: int) -> None:
    """Confirm a step to whoever watches."""
    sys.stdout.write(f"{what} {number}\n")
    sys.stdout.flush()


def question(number: int) -> Incoming:
    """Make a question."""
    return Incoming(number, ROOM, ADA, "Is all well? " * 20, NOW, Address.MENTION)


def turn(number: int) -> NewTurn:
    """Make what is kept of its answer."""
    return NewTurn(
        parent_id=None,
        question_id=number,
        room=ROOM,
        member=ADA,
        text="Is all well? " * 20,
        clips=(),
        unkept_seconds=0.0,
        transcript="Yes, all is well. " * 40,
        handle=None,
        answer_seconds=2.0,
        voice="coral",
        model="gpt-audio-1.5",
        usage=Usage(text_in=10, audio_out=100),
        cost_microusd=None,
        asked_at=NOW,
    )


if __name__ == "__main__":
    loops.run(main(Path(sys.argv[1]), int(sys.argv[2])))
