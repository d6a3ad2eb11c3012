"""Questions that members asked, and how often each was answered."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path

from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from bot.local.discord_server.world import Event

CANNED = "That makes 42."
"""What the model says to everything."""

UNLIMITED = {"MEMBER_RATE": "0", "SERVER_RATE": "0"}
"""Settings without rates."""

SHOWN = 5
"""So many failures are told; more of the same kind tell nothing new."""


class Questions:
    """Counts answers as they are posted: messages of the bot with sound, by what they reply to."""

    def __init__(self, discord: DiscordServer) -> None:
        self.answers: Counter[int] = Counter()
        self.open: set[int] = set()
        self._discord = discord
        self._world = discord.world
        self._world.subscribe(self._note)

    def ask(self, who: MemberClient, room: Channel, words: str = "Is it so?") -> Message:
        """Mention the bot, and expect an answer."""
        return self.expect(who.say(room, f"{self._discord.mention} {words}"))

    def expect(self, question: Message) -> Message:
        """Expect an answer to a message."""
        self.open.add(question.id)
        return question

    async def answered(self, *, but: int = 0, within_s: float = 60) -> None:
        """Wait until all that is expected stands, or all but so many."""
        try:
            await self._world.changes.until(lambda: len(self.open) <= but, within_s)
        except TimeoutError:
            return  # what is missing is found by whoever counts

    def wrong(self, ids: Collection[int], right: Callable[[int], bool]) -> list[int]:
        """Name those whose number of answers is not right."""
        return [id_ for id_ in ids if not right(self.answers[id_])]

    def _note(self, event: Event) -> None:
        if event.name != "MESSAGE_CREATE":
            return
        newest = next(reversed(self._world.state.messages.values()))
        if newest.author_id == self._world.bot_id and newest.reference and newest.attachments:
            self.answers[newest.reference.message_id] += 1
            self.open.discard(newest.reference.message_id)


def states(folder: Path) -> Counter[str]:
    """Count how questions ended, or where they are, by the database itself."""
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        rows = database.execute("select state, count(*) from inbox group by state")
        return Counter(dict(rows.fetchall()))


def told(what: str, ids: Collection[int], *, seed: int) -> list[str]:
    """Say which questions it is about, if any."""
    few = ", ".join(str(id_) for id_ in sorted(ids)[:SHOWN])
    return [f"seed {seed}: {len(ids)} {what}: {few}"] if ids else []
