"""Questions whose calls go wrong as a row says, and what has to come of them."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from bot.audio.transcode import encode
from bot.local.chat_server.faults import Fault
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.state import Message
from bot.local.espeak import Espeak
from soak.api_rows import CANARY, Row
from soak.assigned import Assigned
from soak.stage import Stage

GRACE_S = 60.0
"""After the deadline: for all that is not the call itself, on a busy machine."""

PLAIN = Row(0, "a plain question", [], (1, 1))

_THEIRS = (CANARY, "nginx", "request id", "Rate limit reached", "current quota", "无效", "<html")
_OURS = ("Traceback", "sk-local", "Error(")

_numbers = itertools.count(1)


@dataclass(slots=True)
class Questioning:
    """One bot, and all that was asked of it so far."""

    at: Stage
    plan: Assigned
    deadline_s: float
    failures: list[str] = field(default_factory=list)
    asked: list[tuple[Row, Message]] = field(default_factory=list)
    slowest_s: float = 0.0

    def next_name(self) -> str:
        """Name a question, for `Assigned`."""
        return f"row{next(_numbers)}"

    async def try_in_groups(self, rows: Sequence[Row], size: int) -> None:
        """Try so many rows at a time."""
        for start in range(0, len(rows), size):
            await self.try_all(rows[start : start + size])

    async def try_all(self, rows: Sequence[Row]) -> None:
        """Try rows side by side, and see that a plain question is answered after them."""
        await asyncio.gather(*(self.try_row(row) for row in rows))
        await self.try_row(PLAIN)

    async def try_row(
        self, row: Row, *, name: str | None = None, after: Message | None = None
    ) -> None:
        """Ask, and hold what comes of it against what was to come."""
        name = name or self.next_name()
        if row.earlier:
            after = self.reply_to(await self.ask_plainly())
        self.plan.assign(name, row.faults)
        question = self._say(name, after, spoken=row.spoken)
        end = await self.at.end_of(question, self.deadline_s + GRACE_S)
        self.asked.append((row, question))
        self.slowest_s = max(self.slowest_s, end.after_s)
        least, most = row.calls
        if not least <= (calls := len(self.plan.came_at[name])) <= most:
            self.failures.append(f"{row}: {calls} calls instead of {least} to {most}")
        if (end.state == "answered", end.reason) != (row.end is None, row.end):
            self.failures.append(f"{row}: {end} instead of {row.end or 'answered'}")

    async def ask_plainly(self, *faults: Fault) -> Message:
        """Have something answered, for questions that go on from it."""
        name = self.next_name()
        self.plan.assign(name, faults)
        question = self._say(name, None)
        await self.at.end_of(question, self.deadline_s + GRACE_S)
        return question

    def reply_to(self, question: Message) -> Message:
        """Find the answer to a question."""
        return self.at.replies_to(question)[0]

    def count_ends(self) -> None:
        """See, once all is over, that each question was answered, or told about, exactly once."""
        for row, question in self.asked:
            messages = self.at.replies_to(question)
            if len(messages) != (expected := 1):
                self.failures.append(f"{row}: {len(messages)} messages instead of {expected}")
            if not any(row.shows in each.content for each in messages):
                self.failures.append(f"{row}: nobody was told {row.shows!r}")
        shown = [message.content for message in self.at.written()]
        leaked = [word for word in (*_THEIRS, *_OURS) if any(word in text for text in shown)]
        self.failures += [f"members were shown {word!r}" for word in leaked]

    def _say(self, name: str, after: Message | None, *, spoken: bool = False) -> Message:
        discord = self.at.discord
        text = f"{discord.mention} {name}: is all well?"
        files = (Upload("question.ogg", _recording(), "audio/ogg"),) if spoken else ()
        ada = discord.member("Ada")
        return ada.say(discord.general, text, reply_to=after, files=files)


@cache
def _recording() -> bytes:
    return encode(Espeak().speak("Is all well?", "onyx"), "opus")
