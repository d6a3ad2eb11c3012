"""The gateway breaks in every way it can: nothing that was asked meanwhile is lost.

Cuts come one after the other, each with questions before it, in the gap and after it. Close codes
that end the bot for good are tried on real processes, and so is that a crash loop begins few
sessions.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from discord import Client

from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from bot.local.together import bot_between
from soak import crash_loop, fatal_closes, incidents
from soak.questions import CANNED, SHOWN, UNLIMITED, Questions, told
from soak.trial import Outcome, Size, Trial

CUTS = {Size.SHORT: 60, Size.FULL: 1_000}
MEMBERS = 10
HEARTBEAT_MS = 500
NEW_SESSIONS = {Size.SHORT: 1, Size.FULL: 4}
"""How often a kind of cut that ends the session comes among those that do not: it takes seconds."""

RESUMABLE = (1000, 1001, 1011, 1012, 4000, 4001, 4002, 4003, 4005, 4008)
OVER = (4007, 4009)
"""The session is over; https://docs.discord.com/developers/topics/opcodes-and-status-codes."""

_AWAY_S = 30
_WITHIN_S = 120

Cut = Callable[[DiscordServer], None]


def _closed(code: int) -> Cut:
    def cut(discord: DiscordServer) -> None:
        if code in OVER:
            discord.gateway.forget_sessions()
        discord.gateway.close_all(code)

    return cut


def _forgotten(discord: DiscordServer) -> None:
    discord.gateway.forget_sessions()
    discord.gateway.cut_all()


def _invalid(discord: DiscordServer) -> None:
    discord.gateway.invalidate()


SESSION_KEPT: dict[str, Cut] = {
    **{f"closed with {code}": _closed(code) for code in RESUMABLE},
    "op 7": lambda discord: discord.gateway.ask_to_reconnect(),
    "op 9, resumable": lambda discord: discord.gateway.invalidate(resumable=True),
    "no answer to heartbeats": lambda discord: discord.gateway.go_silent(),
    "reset": lambda discord: discord.gateway.cut_all(),
}
SESSION_OVER: dict[str, Cut] = {
    **{f"closed with {code}": _closed(code) for code in OVER},
    "op 9": _invalid,
    "reset, session forgotten": _forgotten,
}


async def run(size: Size, seed: int) -> Outcome:
    """Cut, ask, and count; then what ends for good, and what crashes again and again."""
    cuts, failures = await _cuts(size, seed)
    fatal, refused = await fatal_closes.try_out(size, seed)
    began, looped = await crash_loop.try_out(size, seed)
    return Outcome(f"{cuts}; {fatal}; {began}", (*failures, *refused, *looped))


async def _cuts(size: Size, seed: int) -> tuple[str, list[str]]:
    chances = random.Random(seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        _new_sessions_at_once(),
        incidents.watched() as failed,
    ):
        async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
            discord.gateway.heartbeat_ms = HEARTBEAT_MS
            questions, asked = Questions(discord), Asked()
            async with bot_between(discord, chat, Path(folder), **UNLIMITED):
                for cut in _plan(size, chances):
                    asked.add(questions, discord, chances)
                    if not await _one(discord, questions, asked, cut, chances):
                        break
                await questions.answered(within_s=_WITHIN_S)
            sessions, resumes = len(discord.gateway.ops(2)), len(discord.gateway.ops(6))
    measured, failures = asked.outcome(questions, CUTS[size], sessions, resumes, seed)
    return measured, [*failures, *(f"seed {seed}: {each}" for each in failed[:SHOWN])]


def _plan(size: Size, chances: random.Random) -> Iterator[Cut]:
    """Mix all kinds of cuts; a new session takes the library seconds, so there are few of those."""
    over = [*SESSION_OVER.values()] * NEW_SESSIONS[size]
    kept = [*SESSION_KEPT.values()]
    plan = [*over, *(kept[n % len(kept)] for n in range(CUTS[size] - len(over)))]
    chances.shuffle(plan)
    yield from plan


async def _one(
    discord: DiscordServer,
    questions: Questions,
    asked: "Asked",
    cut: Cut,
    chances: random.Random,
) -> bool:
    """Cut while something is being answered or nothing is, and ask in the gap and after it.

    False, and nothing is cut any more, once a question is lost.
    """
    if chances.random() < 0.5:
        await questions.answered(within_s=_WITHIN_S)
        if questions.open:
            return False
    connection = len(discord.gateway.connections) and discord.gateway.connections[-1]
    cut(discord)
    asked.add(questions, discord, chances)
    await discord.world.changes.until(
        lambda: discord.gateway.ready and discord.gateway.connections[-1] is not connection,
        _AWAY_S,
    )
    asked.add(questions, discord, chances)
    return True


@contextmanager
def _new_sessions_at_once() -> Iterator[None]:
    """Leave out the library's pause before each new session: the stand-in minds no hurry."""

    async def at_once(*_: object, **__: object) -> None:
        return

    with mock.patch.object(Client, "before_identify_hook", at_once):
        yield


class Asked:
    """Who asked what, so far."""

    def __init__(self) -> None:
        self.ids: list[int] = []

    def add(self, questions: Questions, discord: DiscordServer, chances: random.Random) -> None:
        """Let somebody ask, in a room or in their DM, or nobody."""
        who = discord.member(f"Member {chances.randrange(MEMBERS)}")
        if chances.random() < 0.2:
            return
        self.ids.append(questions.ask(who, discord.general).id)

    def outcome(
        self, questions: Questions, cuts: int, sessions: int, resumes: int, seed: int
    ) -> tuple[str, list[str]]:
        """Count what was lost and what was answered twice."""
        lost = questions.wrong(self.ids, lambda count: count > 0)
        twice = questions.wrong(self.ids, lambda count: count < 2)
        failures = told("not answered", lost, seed=seed) + told("answered twice", twice, seed=seed)
        return (
            f"{cuts} cuts ({resumes} resumed or tried to, {sessions} sessions), {len(self.ids)} "
            f"questions: {len(lost)} lost, {len(twice)} answered twice",
            failures,
        )


TRIAL = Trial(
    "gateway",
    "all close codes, op 7, op 9 (both), unanswered heartbeats and resets, with questions before, "
    "during and after; fatal codes; a crash loop",
    "1,000 cuts, 0 lost; fatal codes end the process with a sentence within 5 s; a crash loop "
    "begins at most 20 sessions an hour",
    run,
)
