"""Every fault of the model's server, each on questions of its own, between the stand-ins."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from aiohttp import web

from bot.local.chat_server import ChatServer, faults
from bot.local.discord_server.server import DiscordServer
from soak.api_rows import (
    BREAKER,
    BUSY,
    CIRCUIT,
    DOWN,
    LATE,
    MENDED,
    ODD,
    PASSING,
    REFUSED,
    STREAMED,
    Row,
    redirects,
)
from soak.assigned import Assigned
from soak.questioning import PLAIN, Questioning
from soak.stage import new_folder, stage
from soak.trial import Outcome, Size, Trial

PATIENCE_S, SHORT_PATIENCE_S = 30, 6
"""Deadlines of bots; the short one is for those that are to run into it."""

AT_ONCE_DOWN, AT_ONCE_OUT = 4, 2
"""So many failures in a row are too few to break with a server."""

PAUSE_S = 1.5

OUT_CODES = 6
"""The kinds of failures that only whoever runs the bot can mend."""


@dataclass(slots=True)
class Trying:
    """The stand-ins, and what was found so far."""

    folder: Path
    chat: ChatServer
    plan: Assigned
    elsewhere: "Elsewhere"
    chance: random.Random
    failures: list[str]
    rows: int = 0
    slowest_s: float = 0.0

    @asynccontextmanager
    async def bot(self, name: str, deadline_s: int, **settings: str) -> AsyncIterator[Questioning]:
        """Run a bot of its own, and see in the end that each question had exactly one end."""
        deadline = {"REQUEST_DEADLINE_SECONDS": str(deadline_s)}
        folder = new_folder(self.folder, name)
        async with DiscordServer() as discord:
            async with stage(folder, discord, self.chat, **deadline, **settings) as at:
                asking = Questioning(at, self.plan, deadline_s)
                yield asking
            asking.count_ends()
        self.failures += [f"{name}: {each}" for each in asking.failures]
        self.rows += len(asking.asked)
        self.slowest_s = max(self.slowest_s, asking.slowest_s)

    def shuffled(self, rows: Sequence[Row]) -> list[Row]:
        """Give them in an order by chance."""
        return self.chance.sample(rows, len(rows))


class Elsewhere:
    """Another server, which nobody is to ask."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.url = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Elsewhere"]:
        """Listen on any free port."""
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._note)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/chat/completions"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _note(self, request: web.Request) -> web.Response:
        self.seen.append(request.method)
        return web.Response()


async def run(_size: Size, seed: int) -> Outcome:
    """Try every row; the seed orders them."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="soak-")))
        chat = await stack.enter_async_context(ChatServer(canned="Yes."))
        elsewhere = await stack.enter_async_context(Elsewhere().open())
        chat.faults = plan = Assigned()
        trying = Trying(folder, chat, plan, elsewhere, random.Random(seed), [])
        await _try_most(trying)
        await _try_late(trying)
        await _try_streams(trying)
        for name, rows in (("busy", BUSY), ("circuit", CIRCUIT), ("breaker", BREAKER)):
            await _try_in_turn(trying, name, rows)
        await _try_unreachable(trying)
    return Outcome(
        f"{trying.rows} questions, each answered or told in one line, the slowest after "
        f"{trying.slowest_s:.1f} s; {len(elsewhere.seen)} calls followed redirects",
        tuple(trying.failures),
    )


async def _try_most(trying: Trying) -> None:
    async with trying.bot("most", PATIENCE_S) as asking:
        for rows in (PASSING, ODD, MENDED):
            await asking.try_all(trying.shuffled(rows))
        await asking.try_in_groups(trying.shuffled(DOWN), AT_ONCE_DOWN)
        await _try_out(trying, asking)
        await _try_ids(asking)
        await _try_pause(asking)


async def _try_out(trying: Trying, asking: Questioning) -> None:
    """Rows 41, 42, 48, 56: who runs the bot is told of each kind once, whatever comes again."""
    discord = asking.at.discord
    operator = discord.member("owner")
    rows = [*REFUSED, *redirects(trying.elsewhere.url)]
    await asking.try_in_groups(trying.shuffled(rows), AT_ONCE_OUT)
    told = discord.world.messages_in(operator.dm_channel.id)
    if len(told) != OUT_CODES:
        asking.failures.append(f"{len(told)} alarms instead of {OUT_CODES}")
    if trying.elsewhere.seen:
        asking.failures.append("a redirect was followed")


async def _try_ids(asking: Questioning) -> None:
    """Rows 54: an id that the server forgot is asked for once, one about to expire never."""
    forgotten = await asking.ask_plainly()
    asking.at.chat.memory.forget()
    row = Row(54, "id that the server forgot", [], (2, 2))
    await asking.try_row(row, after=asking.reply_to(forgotten))
    soon = faults.changed(
        lambda c: c["choices"][0]["message"]["audio"].update(expires_at=c["created"] + 100)
    )
    expiring = await asking.ask_plainly(soon)
    row = Row(54, "id about to expire", [], (1, 1))
    await asking.try_row(row, after=asking.reply_to(expiring))
    told = asking.at.chat.completions_seen[-1]["messages"]
    if any("audio" in message for message in told):
        asking.failures.append(f"{row}: it was sent")


async def _try_pause(asking: Questioning) -> None:
    """Row 46: what a server orders one call to wait holds for all with its key."""
    row = Row(46, "429 whose wait holds for all", [faults.rate_limited(str(PAUSE_S))], (2, 2))
    name = asking.next_name()
    first = asyncio.gather(asking.try_row(row, name=name))
    await asking.plan.came(name)
    refused_at = asking.plan.came_at[name][0]
    other = asking.next_name()
    await asking.try_row(PLAIN, name=other)
    await first
    if (waited_s := asking.plan.came_at[other][0] - refused_at) < PAUSE_S:
        asking.failures.append(f"{row}: another call came after {waited_s:.2f} s")


async def _try_late(trying: Trying) -> None:
    async with trying.bot("late", SHORT_PATIENCE_S) as asking:
        await asking.try_all(trying.shuffled(LATE))


async def _try_streams(trying: Trying) -> None:
    async with trying.bot("streams", PATIENCE_S, STREAM="on") as asking:
        await asking.try_all(trying.shuffled(STREAMED))


async def _try_in_turn(trying: Trying, name: str, rows: Sequence[Row]) -> None:
    async with trying.bot(name, PATIENCE_S) as asking:
        for row in rows:
            await asking.try_row(row)


async def _try_unreachable(trying: Trying) -> None:
    port = urlsplit(trying.chat.base_url).port
    for name, url in (
        ("refused", "http://127.0.0.1:1/v1"),
        ("unknown_host", "https://nobody.invalid/v1"),
        ("no_tls", f"https://127.0.0.1:{port}/v1"),
    ):
        row = Row(49, name, [], (0, 0), "unreachable", shows="⚠️")
        async with trying.bot(name, PATIENCE_S, OPENAI_BASE_URL=url) as asking:
            await asking.try_row(row)


TRIAL = Trial(
    "api_faults",
    "rows 41-57 of the list of faults: every refusal, failure, odd answer and accident of the "
    "model's server, each on a question of its own to a real bot between the stand-ins",
    "answered or one clear line within the deadline in 100 %; as many calls as the row says; 0 "
    "repeated on an empty account, 401 and 403; 0 redirects followed",
    run,
)
