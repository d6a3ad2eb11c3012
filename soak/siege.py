"""One bot between stand-ins of its own, asked all the time, while it dies again and again."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from bot.local.discord_server.server import DiscordServer
from bot.local.together import environment_for
from bot.tasks import spawn
from soak import deaths
from soak.canaries import files_with_one
from soak.crowd import Crowd
from soak.deaths import Bill
from soak.echo import EchoServer
from soak.fickle import FickleFaults
from soak.ledger import Ledger
from soak.trial import Outcome

SETTINGS = {
    "MEMBER_RATE": "0",
    "SERVER_RATE": "0",
    "SESSION_STARTS_PER_HOUR": "1000",
    "MAX_IN_FLIGHT": "32",
}
"""No rates: what is refused for coming too often would hide what is lost."""

READY_WITHIN_S = 120.0
_ASKED_EVERY_S = 0.9
_CALM_WITHIN_S = 90.0
_QUIET_S = 3.0
_SHORT_NONCES = timedelta(seconds=10)
_API_FAILING = 4.0


class Life(Protocol):
    """A running bot."""

    @property
    def ended(self) -> "asyncio.Future[int]":
        """How it ended."""
        ...

    async def kill(self) -> int:
        """Kill it, and wait until it is gone."""
        ...

    async def stop(self) -> int:
        """Ask it to stop in order, and wait for that."""
        ...


class Begin(Protocol):
    """Makes bots run."""

    async def __call__(self, environment: Mapping[str, str], log: Path) -> Life:
        """Make one run with these settings."""
        ...


@dataclass
class Siege:
    """The stand-ins, the members, and one bot after the other.

    Attributes:
        failures: what went wrong so far.

    """

    discord: DiscordServer
    chat: EchoServer
    fickle: FickleFaults
    folder: Path
    begin: Begin
    chances: random.Random
    ledger: Ledger
    crowd: Crowd
    bill: Bill = field(default_factory=Bill)
    failures: list[str] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """What all its bots write their logs to."""
        return self.folder / "log"

    async def live(self) -> Life:
        """Make a bot run."""
        self.discord.gateway.forget_sessions()
        environment = environment_for(self.discord, self.chat, self.folder, **SETTINGS)
        return await self.begin(environment, self.log)

    async def listens(self, life: Life) -> None:
        """Wait until a bot hears what Discord tells; one that ends or never does is a failure."""
        waiting = spawn(self.discord.wait_until_ready(READY_WITHIN_S), name="bot connects")
        await asyncio.wait((waiting, life.ended), return_when=asyncio.FIRST_COMPLETED)
        if life.ended.done():
            self.failures.append(f"the bot ended by itself: {life.ended.result()}")
            waiting.cancel()
        elif waiting.exception() is not None:
            self.failures.append(f"the bot was not there within {READY_WITHIN_S} s")

    async def settle_in(self) -> Life:
        """Have everybody greet a first bot in peace: a DM that it never saw nobody could find."""
        life = await self.live()
        await self.listens(life)
        self.crowd.greet()
        await self._all_over()
        return life

    async def died(self) -> None:
        """Write down what a bot that has died was at."""
        left = await asyncio.to_thread(deaths.look, self.folder)
        self.bill.note(left, self.ledger, self.chat.paid)

    @asynccontextmanager
    async def under_load(self) -> AsyncIterator[None]:
        """Let members ask, and servers fail, while the block runs."""
        self.fickle.fickle, self.chat.failing = True, _API_FAILING
        asking = spawn(self.crowd.go_on(_ASKED_EVERY_S), name="members ask")
        try:
            yield
        finally:
            asking.cancel()
            self.fickle.fickle, self.chat.failing = False, 0.0

    async def calm_down(self) -> None:
        """Let a last bot bring all to an end, and one more find nothing left to do."""
        life = await self.live()
        await self.listens(life)
        await self._all_over()
        await asyncio.sleep(_QUIET_S)
        await self.stop(life)
        life = await self.live()
        await self.listens(life)
        await asyncio.sleep(_QUIET_S)
        await self.stop(life)

    async def _all_over(self) -> None:
        with suppress(TimeoutError):  # the verdict names what is missing
            changes = self.discord.world.changes
            await changes.until(lambda: not self.ledger.open, _CALM_WITHIN_S)

    async def stop(self, life: Life) -> None:
        """Stop a bot in order; anything but 0 is a failure."""
        if (code := await life.stop()) != 0:
            self.failures.append(f"the bot that was asked to stop ended with {code}")

    def verdict(self) -> list[str]:
        """Hold all that was posted, stored and paid against what was asked."""
        chat, ledger = self.chat, self.ledger
        return [
            *self.failures,
            *ledger.wrong(self.bill.excuses),
            *self.bill.too_much(ledger, chat.paid, chat.wasted),
            *deaths.faults_of(self.folder),
            *(f"{each.name} holds a secret" for each in files_with_one(self.folder)),
        ]


@asynccontextmanager
async def besiege(folder: Path, seed: int, begin: Begin, number: int) -> AsyncIterator[Siege]:
    """Set everything up; every other Discord forgets nonces soon."""
    chances = random.Random(f"{seed} {number}")
    discord, chat = DiscordServer(), EchoServer(random.Random(f"{seed} {number} chat"))
    fickle = FickleFaults(random.Random(f"{seed} {number} discord"))
    discord.faults = fickle
    if number % 2:
        discord.world.nonce_window = _SHORT_NONCES
    async with discord, chat:
        ledger = Ledger(discord.world)
        crowd = Crowd(discord, ledger, random.Random(f"{seed} {number} crowd"))
        yield Siege(discord, chat, fickle, folder, begin, chances, ledger, crowd)


def told(sieges: Sequence[Siege], seed: int, what: str) -> Outcome:
    """Put the verdicts together."""
    failures = tuple(f"seed {seed}: {each}" for siege in sieges for each in siege.failures)
    questions = sum(len(siege.ledger.questions) for siege in sieges)
    extra = sum(
        siege.bill.extra(siege.ledger, siege.chat.paid, siege.chat.wasted.total())
        for siege in sieges
    )
    in_flight = sum(siege.bill.in_flight for siege in sieges)
    notices = sum(siege.ledger.notices for siege in sieges)
    kinds = [sum(f": {kind}" in each for each in failures) for kind in ("lost", "double")]
    return Outcome(
        f"{what}, {questions} questions: {kinds[0]} lost, {kinds[1]} double, "
        f"{notices} given up after three deaths, {extra} extra paid calls "
        f"with {in_flight} in flight at deaths, {sum(s.fickle.happened for s in sieges)} faults of "
        "Discord, databases sound" + (f", {len(failures)} failures" if failures else ""),
        failures,
    )
