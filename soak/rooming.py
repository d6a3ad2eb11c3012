"""Questions and commands, each in a room of its own, whose answers meet faults of Discord."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from aiohttp import web

from bot.local.chat_server.faults import Answer as ModelAnswer
from bot.local.chat_server.faults import Fault, changed
from bot.local.discord_server import building
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Message
from bot.local.discord_server.traffic import Call
from soak.assigned import Assigned
from soak.discord_rows import CANARY, CANNED, IN_THREADS, CommandRow, Place, Row, Wrong
from soak.stage import Stage

WITHIN_S = 120.0
AT_ONCE = 12

MOST_INVALID = 5
"""Invalid requests in answer to one fault."""

MOST_CALLS = 20
"""Calls for one command, whatever goes wrong."""

NOTHING_COMES_S = 1.0
"""So long nothing may be seen where nothing is to be."""

CREATE = "/channels/{channel_id}/messages"

_MESSAGES = {
    CREATE,
    "/channels/{channel_id}/messages/{message_id}",
    "/interactions/{interaction_id}/{token}/callback",
    "/webhooks/{application_id}/{token}",
    "/webhooks/{application_id}/{token}/messages/{message_id}",
}

_names = itertools.count(1)


@dataclass(slots=True)
class Rooming:
    """The bot, and what was found so far."""

    at: Stage
    plan: Assigned
    failures: list[str]
    tried: list[tuple[Row, Place]] = field(default_factory=list)
    commands: int = 0
    most_invalid: int = 0

    async def try_all(self, rows: Sequence[Row], *, at_once: int = AT_ONCE) -> None:
        """Try rows side by side, so many at a time."""
        places = asyncio.Semaphore(at_once)

        async def take_turn(row: Row) -> None:
            async with places:
                await self.try_row(row, self.new_place(in_thread=row in IN_THREADS))

        await asyncio.gather(*map(take_turn, rows))

    async def try_row(self, row: Row, place: Place) -> None:
        """Ask, let go wrong what is to, and hold the end against the row."""
        name = f"row{next(_names)}"
        if row.before is not None:
            row.before(place)
        self.spoil(place, row.faults)
        answer = asyncio.Event()
        self.plan.assign(name, [_held(answer)])
        place = replace(place, question=self._ask(place, name))
        if row.during is not None:
            await self.plan.came(name)
            row.during(place)
        answer.set()
        self.tried.append((row, place))
        await self._end(row, place, name)

    async def try_command(self, row: CommandRow) -> None:
        """Use /ask, let go wrong what is to, and hold what its user sees against the row."""
        discord, place, wrong = self.at.discord, self.new_place(), row.fault
        discord.faults.add(
            wrong.method, wrong.path, wrong.action, times=wrong.times, afterwards=wrong.afterwards
        )
        before, shows = len(discord.traffic.calls), row.shows or ""
        place.asker.slash("ask", place.room, text="Is all well?", private=row.private)
        within_s = NOTHING_COMES_S if row.shows is None else WITHIN_S
        seen = await self._seen(place, shows, within_s)
        discord.faults.waiting.clear()
        self.commands += 1
        if seen != (row.shows is not None):
            self.failures.append(f"{row}: {shows!r} is seen {seen} times")
        calls = discord.traffic.calls[before:]
        self._count_invalid(row, calls)
        if len(calls) > MOST_CALLS:
            self.failures.append(f"{row}: {len(calls)} calls")

    async def _seen(self, place: Place, shows: str, within_s: float) -> int:
        """Wait for messages in a room that show something, and count them."""

        def count() -> int:
            here = (m for m in self.at.written() if m.channel_id == place.room.id)
            return sum(shows in message.content for message in here)

        try:
            return await place.discord.world.changes.until(count, within_s)
        except TimeoutError:
            return 0

    async def _end(self, row: Row, place: Place, name: str) -> None:
        assert place.question is not None
        if row.late:
            await self._told(place)
            self._mend(place)
        end = await self.at.end_of(place.question, WITHIN_S)
        if end.reason != row.end or end.is_open:
            self.failures.append(f"{row}: {end} instead of {row.end or 'answered'}")
        if (paid := len(self.plan.came_at[name])) != row.paid:
            self.failures.append(f"{row}: {paid} calls of the model instead of {row.paid}")

    async def _told(self, place: Place) -> None:
        """Wait until the asker was told alone; whether they were is counted in the end."""
        world = place.discord.world
        with suppress(TimeoutError):
            await world.changes.until(
                lambda: world.messages_in(place.asker.dm_channel.id), WITHIN_S
            )

    def _mend(self, place: Place) -> None:
        faults, path = self.at.discord.faults, f"/channels/{place.room.id}/messages"
        faults.waiting = [each for each in faults.waiting if each.pattern != path]

    def new_place(self, *, in_thread: bool = False) -> Place:
        """Make a room with somebody in it."""
        discord, name = self.at.discord, f"room-{next(_names)}"
        room = building.add_channel(discord.world, discord.guild, name)
        asker = discord.member(name, permissions=int(Permission.MANAGE_MESSAGES))
        if in_thread:
            room = asker.start_thread(asker.say(room, "A topic."))
        return Place(discord, room, asker)

    def _ask(self, place: Place, name: str) -> Message:
        return place.asker.say(place.room, f"{place.discord.mention} {name}: is all well?")

    def spoil(self, place: Place, faults: Sequence[Wrong]) -> None:
        """Let the next posts into a room go wrong."""
        path = f"/channels/{place.room.id}/messages"
        for wrong in faults:
            self.at.discord.faults.add(
                "POST", path, wrong.action, times=wrong.times, afterwards=wrong.afterwards
            )

    def count_all(self) -> None:
        """See, once the bot has stopped, what stands, who was told, and what was sent."""
        calls = self.at.discord.traffic.calls
        for row, place in self.tried:
            self._count_messages(row, place)
            rooms = {str(place.room.id), str(place.asker.dm_channel.id)}
            self._count_invalid(row, [c for c in calls if rooms & set(c.path.split("/"))])
        self.failures += wrong_posts(calls)
        if any(CANARY in each.content for each in self.at.written()):
            self.failures.append("members were shown Discord's words")

    def _count_messages(self, row: Row, place: Place) -> None:
        world = place.discord.world
        ours = [m for m in world.messages_in(place.room.id) if m.author_id == world.bot_id]
        if len(ours) != row.messages:
            self.failures.append(f"{row}: {len(ours)} messages instead of {row.messages}")
        if row.messages and not any(row.shows in m.content for m in ours):
            self.failures.append(f"{row}: nobody was told {row.shows!r}")
        if row.end is not None and any(CANNED in m.content for m in ours):
            self.failures.append(f"{row}: the model's words stand there")
        if (told := len(world.messages_in(place.asker.dm_channel.id))) != row.told:
            self.failures.append(f"{row}: the asker was told {told} times")

    def _count_invalid(self, row: Row | CommandRow, calls: Sequence[Call]) -> None:
        invalid = sum(call.status in (401, 403, 429) for call in calls)
        self.most_invalid = max(self.most_invalid, invalid)
        if invalid > MOST_INVALID:
            self.failures.append(f"{row}: {invalid} invalid requests")


def wrong_posts(calls: Sequence[Call]) -> Iterator[str]:
    """Find messages without a nonce, or that could ping somebody."""
    for call in calls:
        if call.template not in _MESSAGES or not isinstance(call.payload, dict):
            continue
        body = call.payload.get("data", call.payload)
        if call.template == CREATE and call.method == "POST" and not body.get("enforce_nonce"):
            yield f"{call.path}: a message without a nonce"
        if body.get("content") and (body.get("allowed_mentions") or {}).get("parse") != []:
            yield f"{call.method} {call.path}: a message that may ping"


def _held(answer: asyncio.Event) -> Fault:
    async def respond(request: web.Request, make: ModelAnswer) -> web.StreamResponse:
        await answer.wait()
        return await changed(lambda _completion: None)(request, make)

    return respond
