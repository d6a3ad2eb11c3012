"""Every event comes three times, and in any order: each question is answered once."""

import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.local.chat_server import ChatServer
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.sessions import Session
from bot.local.together import bot_between
from soak import incidents
from soak.questions import CANNED, SHOWN, UNLIMITED, Questions, states, told
from soak.trial import Outcome, Size, Trial

MESSAGES = {Size.SHORT: 300, Size.FULL: 10_000}
MEMBERS = 40
BATCH = 30
"""So many messages are written at a time; their events come mixed."""

TIMES = 3
_STILL_OPEN = 60
_WITHIN_S = 120

PLAIN, EDITED, MADE_A_QUESTION, WITHDRAWN, DELETED = "plain", "edited", "made", "withdrawn", "gone"
_MIX = (PLAIN,) * 6 + (EDITED, MADE_A_QUESTION, WITHDRAWN, DELETED)


@dataclass
class Written:
    """What was written.

    Attributes:
        sure: questions that are to be answered once.
        perhaps: those that were taken back: whether before or after is up to the order of events.

    """

    sure: list[int] = field(default_factory=list)
    perhaps: list[int] = field(default_factory=list)


async def run(size: Size, seed: int) -> Outcome:
    """Write, deliver thrice, and count."""
    chances = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, incidents.watched() as failed:
        async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
            questions, written = Questions(discord), Written()
            async with bot_between(discord, chat, Path(folder), **UNLIMITED):
                for count in _batches(MESSAGES[size]):
                    _deliver(discord, questions, written, count, chances)
                    await questions.answered(but=_STILL_OPEN, within_s=_WITHIN_S)
                await questions.answered(within_s=_WITHIN_S)
            paid = len(chat.completions_seen)
        return _outcome(questions, written, paid, failed, Path(folder), seed)


def _batches(count: int) -> Iterator[int]:
    while count > 0:
        yield min(BATCH, count)
        count -= BATCH


def _deliver(
    discord: DiscordServer,
    questions: Questions,
    written: Written,
    count: int,
    chances: random.Random,
) -> None:
    """Write a few messages while no event gets through, and send their events mixed."""
    [session] = discord.gateway.sessions.values()
    connection, session.connection = session.connection, None
    begin = len(session.log)
    members = [discord.member(f"Member {n}") for n in range(MEMBERS)]
    for _ in range(count):
        _write(discord, questions, written, chances.choice(members), chances.choice(_MIX))
    session.connection = connection
    _push(session, begin, chances)


def _push(session: Session, begin: int, chances: random.Random) -> None:
    events = session.log[begin:] * TIMES
    chances.shuffle(events)
    for event in events:
        session.push(event)


def _write(
    discord: DiscordServer, questions: Questions, written: Written, who: MemberClient, kind: str
) -> None:
    room, question = discord.general, f"{discord.mention} Is it so?"
    message = who.say(room, "By the way." if kind == MADE_A_QUESTION else question)
    if kind in {EDITED, MADE_A_QUESTION}:
        who.edit(message, f"{question} Really?")
    elif kind == WITHDRAWN:
        who.edit(message, "Never mind.")
    elif kind == DELETED:
        who.delete(message)
    if kind in {WITHDRAWN, DELETED}:
        written.perhaps.append(message.id)
    else:
        written.sure.append(questions.expect(message).id)


def _outcome(
    questions: Questions, written: Written, paid: int, failed: list[str], folder: Path, seed: int
) -> Outcome:
    lost = questions.wrong(written.sure, lambda count: count > 0)
    twice = questions.wrong([*written.sure, *written.perhaps], lambda count: count < 2)
    count, ends = len(written.sure) + len(written.perhaps), states(folder)
    open_, asked = ends["received"] + ends["claimed"], len(written.sure)
    failures = told("not answered", lost, seed=seed) + told("answered twice", twice, seed=seed)
    failures += [f"seed {seed}: {each}" for each in failed[:SHOWN]]
    if open_:
        failures.append(f"seed {seed}: {open_} questions have no end: {dict(ends)}")
    if paid > count:
        failures.append(f"seed {seed}: {paid} calls were paid for {count} messages")
    return Outcome(
        f"{count} messages: {len(lost)} of {asked} lost, {len(twice)} answered twice, "
        f"{len(written.perhaps)} taken back",
        tuple(failures),
    )


TRIAL = Trial(
    "thrice",
    "every event is delivered three times, edits and deletions too, in random order",
    "10,000 messages, one answer each",
    run,
)
