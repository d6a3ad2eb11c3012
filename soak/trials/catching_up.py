"""The bot was down: what was asked meanwhile is answered, at the cost of few reads.

Members asked in fifty rooms, and a few in their DMs and in threads. Some asked long ago: a room
hears once that this is too old. In the full form the same is done once more with a bot that is
stopped again and again in the midst of it.
"""

import random
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from bot.domain.catching_up import MOST_READS
from bot.local.chat_server import ChatServer
from bot.local.discord_server import building
from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel
from bot.local.together import bot_between
from soak.questions import CANNED, UNLIMITED, Questions, states, told
from soak.trial import Outcome, Size, Trial

ROOMS, MENTIONS, MEMBERS = 50, 500, 40
PRIVATE = 3
"""So many asked in their DM, and as many in threads."""

LATE_ROOMS = 5
"""So many rooms have questions that are too old."""

DOWN_S, BOUND_MINUTES = 900, 20
LONG_AGO_S = 3 * BOUND_MINUTES * 60
STOPS = {Size.SHORT: (0,), Size.FULL: (0, 5)}

_WITHIN_S = 240


@dataclass
class Place:
    """Where everything happens, and what was asked there."""

    discord: DiscordServer
    clock: AdvancingClock
    rooms: list[Channel]
    threads: list[Channel]
    members: list[MemberClient]
    questions: Questions
    asked: list[int] = field(default_factory=list)
    too_old: list[int] = field(default_factory=list)

    @property
    def dms(self) -> list[Channel]:
        """The DMs of those who ask there."""
        return [who.dm_channel for who in self.members[:PRIVATE]]


async def run(size: Size, seed: int) -> Outcome:
    """Do it with as many stops as belong to this size."""
    outcomes = [await _one(stops, seed) for stops in STOPS[size]]
    measured = "; ".join(outcome.measured for outcome in outcomes)
    return Outcome(measured, tuple(each for outcome in outcomes for each in outcome.failures))


async def _one(stops: int, seed: int) -> Outcome:
    chances, clock = random.Random(seed), AdvancingClock()
    clock.advance(-LONG_AGO_S - DOWN_S - 60)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with DiscordServer(clock=clock) as discord, ChatServer(canned=CANNED) as chat:
            place = _furnish(discord, clock)
            async with bot_between(discord, chat, folder, **UNLIMITED):
                for who in place.members[:PRIVATE]:
                    place.asked.append(place.questions.expect(who.say(who.dm_channel, "Hello?")).id)
                await place.questions.answered(within_s=_WITHIN_S)
            before = len(discord.traffic.calls)
            _ask_long_ago(place, chances)
            _ask_while_down(place, chances)
            settings = {**UNLIMITED, "CATCH_UP_MINUTES": str(BOUND_MINUTES)}
            await _come_back(place, chat, folder, stops, chances, settings)
            paths = [
                call.path
                for call in discord.traffic.calls[before:]
                if _is_read(call.method, call.path)
            ]
        return _outcome(place, paths, states(folder), stops, seed)


def _furnish(discord: DiscordServer, clock: AdvancingClock) -> Place:
    world, guild = discord.world, discord.guild
    rooms = [building.add_channel(world, guild, f"room-{n}") for n in range(ROOMS)]
    members = [discord.member(f"Member {n}") for n in range(MEMBERS)]
    threads = [who.start_thread(who.say(discord.general, "A topic")) for who in members[:PRIVATE]]
    return Place(discord, clock, rooms, threads, members, Questions(discord))


def _ask_long_ago(place: Place, chances: random.Random) -> None:
    place.clock.advance(60)
    for room in place.rooms[:LATE_ROOMS] * 2:
        who = chances.choice(place.members)
        place.too_old.append(who.say(room, f"{place.discord.mention} Anybody?").id)
    place.clock.advance(LONG_AGO_S)


def _ask_while_down(place: Place, chances: random.Random) -> None:
    """Ask everywhere in any order, over the whole time that the bot is down."""
    where = [*place.rooms * (MENTIONS // ROOMS), *place.threads, *place.dms]
    chances.shuffle(where)
    for room in where:
        who = chances.choice(place.members)
        if room.guild_id is None:
            who = place.members[place.dms.index(room)]
        place.asked.append(place.questions.ask(who, room).id)
        place.clock.advance(DOWN_S / len(where))


async def _come_back(
    place: Place,
    chat: ChatServer,
    folder: Path,
    stops: int,
    chances: random.Random,
    settings: dict[str, str],
) -> None:
    for _ in range(stops):
        with mock.patch("bot.app.running.DRAIN_S", 0):
            async with bot_between(place.discord, chat, folder, **settings):
                enough = chances.randrange(len(place.questions.open) // 3 + 1)
                left = len(place.questions.open) - enough
                await place.questions.answered(but=left, within_s=_WITHIN_S)
    async with bot_between(place.discord, chat, folder, **settings):
        await place.questions.answered(within_s=_WITHIN_S)


def _is_read(method: str, path: str) -> bool:
    return method == "GET" and path.endswith("/messages")


def _outcome(
    place: Place, paths: list[str], ends: dict[str, int], stops: int, seed: int
) -> Outcome:
    lost = place.questions.wrong(place.asked, lambda count: count > 0)
    twice = place.questions.wrong([*place.asked, *place.too_old], lambda count: count < 2)
    late = place.questions.wrong(place.too_old, lambda count: count == 0)
    failures = [
        *told("not answered", lost, seed=seed),
        *told("answered twice", twice, seed=seed),
        *told("too old and yet answered", late, seed=seed),
        *(f"seed {seed}: {each}" for each in _odd(place, paths, stops)),
    ]
    if left := ends.get("received", 0) + ends.get("claimed", 0):
        failures.append(f"seed {seed}: {left} questions have no end: {ends}")
    often = f", stopped {stops} times" if stops else ""
    return Outcome(
        f"{len(place.asked)} questions{often}: {len(lost)} lost, {len(twice)} answered twice, "
        f"{len(paths)} reads",
        tuple(failures),
    )


def _odd(place: Place, paths: list[str], stops: int) -> list[str]:
    """Find what is wrong with the reads, and with what is said of questions that are too old."""
    problems = []
    if not stops:
        if len(paths) > MOST_READS:
            problems.append(f"{len(paths)} pages of history were read")
        urgent = [f"/channels/{room.id}/messages" for room in (*place.dms, *place.threads)]
        first, second = sorted(paths[:PRIVATE]), sorted(paths[PRIVATE : 2 * PRIVATE])
        if [first, second] != [sorted(urgent[:PRIVATE]), sorted(urgent[PRIVATE:])]:
            problems.append(f"DMs and threads were not read first: {paths[: 2 * PRIVATE]}")
    for room in place.rooms:
        said = sum("too old" in each.content for each in place.discord.world.messages_in(room.id))
        meant = 1 if room in place.rooms[:LATE_ROOMS] else 0
        if said != meant and (not stops or not meant):
            problems.append(f"room {room.id} heard {said} times that it asked too long ago")
    return problems


TRIAL = Trial(
    "catching_up",
    "15 minutes down, 500 mentions in 50 rooms meanwhile, others in DMs, threads and long ago; "
    "then the same with five stops in the midst of catching up",
    "all answered once, at most 100 reads, DMs and threads first, too old said once in a room",
    run,
)
