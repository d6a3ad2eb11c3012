"""A network that resets, cuts, drips, corrupts and keeps silent, below the bot's real clients."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import discord
import psutil
from discord.http import Route

from bot.chat_api.attempts import Patience
from bot.chat_api.client import ChatApi, open_session
from bot.chat_api.server import Server
from bot.discord_io import posting
from bot.discord_io.posting import Kind as MessageKind
from bot.discord_io.posting import post
from bot.discord_io.restraint import Restraint
from bot.domain.prompt import FromMember, Prompt
from bot.domain.reply import SpokenReply
from bot.errors import BotError
from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from soak.proxy import Fault, Kind, Proxy
from soak.trial import Outcome, Size, Trial

CUT_BYTES = 2_000

CUTS = {Size.SHORT: 80, Size.FULL: CUT_BYTES}
"""So many of the first bytes of answers, evenly spread, are the last ones."""

OTHERS = {Size.SHORT: 20, Size.FULL: 1_000}
SPOILT = {Size.SHORT: 20, Size.FULL: 800}
"""Other faults, and bytes that are changed, for each of the three clients."""

PROMISED = {Size.SHORT: 0, Size.FULL: 5_000}
"""So many requests, most of which meet more than one fault."""

DEADLINE_S = 3
GRACE_S = 8.0
"""A busy machine is no hang."""

AT_ONCE = 16
CANNED = "Yes, all is well."
_BY_CHANCE = (Kind.SILENCE, Kind.DRIP, Kind.LATENCY, Kind.HALF_CLOSE, Kind.LOST)


@dataclass(slots=True)
class Found:
    """What came of requests."""

    ends: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    slowest_s: float = 0.0
    failures: list[str] = field(default_factory=list)

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """See that a request ends in time, and in an answer or a named error."""
        begun = time.monotonic()
        try:
            yield
        except BotError as error:
            self.ends[error.code] += 1
        except Exception as error:  # noqa: BLE001 - whatever rises is what is looked for
            self.failures.append(f"{what}: {type(error).__name__} {error}")
        took_s = time.monotonic() - begun
        self.slowest_s = max(self.slowest_s, took_s)
        if took_s > DEADLINE_S + GRACE_S:
            self.failures.append(f"{what}: ended after {took_s:.1f} s")


async def run(size: Size, seed: int) -> Outcome:
    """Let every client ask until all faults are met, and see that nothing is left behind."""
    chance, found = random.Random(seed), Found()
    async with ChatServer(canned=CANNED) as chat, DiscordServer() as discord_server:
        await _ask_all(chat, [], found, stream=False)  # what is loaded once is no leak
        before = _held()
        for stream in (False, True):
            await _ask_all(chat, _cuts(size, chance), found, stream=stream)
            await _ask_all(chat, _spoilt(size, chance), found, stream=stream, compare=False)
        posts = await _post_all(discord_server, _cuts(size, chance), found)
        left = await _left_since(before)
    found.failures += [*_wrong_posts(discord_server, posts), *left]
    requests = sum(found.ends.values())
    if requests < PROMISED[size]:
        found.failures.append(f"only {requests} requests of {PROMISED[size]}")
    ends = ", ".join(f"{count} {end}" for end, count in found.ends.most_common())
    return Outcome(
        f"{found.faults} faults in {requests} requests: {ends}; the slowest "
        f"{found.slowest_s:.1f} s with a deadline of {DEADLINE_S} s; {len(left)} left behind",
        tuple(found.failures),
    )


def _cuts(size: Size, chance: random.Random) -> list[Fault]:
    """Cut at bytes one after the other, and stand still, drip and so on at some by chance."""
    step = CUT_BYTES / CUTS[size]
    plan = [
        Fault(chance.choice((Kind.RESET, Kind.CUT)), round(step * number))
        for number in range(CUTS[size] + 1)
    ]
    plan += [
        Fault(chance.choice(_BY_CHANCE), chance.randrange(CUT_BYTES)) for _ in range(OTHERS[size])
    ]
    chance.shuffle(plan)
    return plan


def _spoilt(size: Size, chance: random.Random) -> list[Fault]:
    """Change bytes by chance; what is said then may well be something else.

    Only the model is asked so: local servers have no TLS, which Discord's always has.
    """
    return [Fault(Kind.CORRUPT, chance.randrange(CUT_BYTES)) for _ in range(SPOILT[size])]


async def _ask_all(
    chat: ChatServer,
    plan: Sequence[Fault],
    found: Found,
    *,
    stream: bool,
    compare: bool = True,
) -> None:
    """Ask the model through the proxy until every fault was met."""
    async with Proxy.before(chat.base_url) as proxy, open_session() as session:
        server = Server(base_url=proxy.url, secret=chat.key)
        patience = Patience(DEADLINE_S, pause=_hardly)
        api = ChatApi(session, server, "gpt-audio-1.5", stream=stream, stall_s=1, patience=patience)
        whole = await api.speak(_question())
        proxy.plan.extend(plan)

        async def ask() -> None:
            near = f"{'streamed ' * stream}answer, near {proxy.plan[0]}"
            with found.timed(near):
                reply = await api.speak(_question())
                found.ends[reply.finish] += 1
                if compare and (problem := _difference(reply, whole)):
                    found.failures.append(f"{near}: {problem}")

        await _until_met(proxy, ask)
        found.faults += proxy.met


def _question() -> Prompt:
    messages = (FromMember(("Is all well?",)),)
    return Prompt(messages, voice="coral", format="mp3", max_tokens=2048, asker="asker-1")


def _difference(reply: SpokenReply, whole: SpokenReply) -> str | None:
    """Tell what is missing of an answer that calls itself whole."""
    if reply.finish == "broken_off":
        return None
    if reply.sound is None or whole.sound is None or reply.sound != whole.sound:
        return "not all of the sound is there"
    return None if reply.transcript == whole.transcript else "not all of the words are there"


async def _hardly(_seconds: float) -> None:
    """Wait between attempts for as short as can be."""
    await asyncio.sleep(0)


async def _until_met(proxy: Proxy, request: Callable[[], Awaitable[None]]) -> None:
    """Make requests, so many at a time, while there are faults to be met."""

    async def go_on() -> None:
        while proxy.plan:
            await request()

    await asyncio.gather(*(go_on() for _ in range(AT_ONCE)))


async def _post_all(
    server: DiscordServer, plan: Sequence[Fault], found: Found
) -> dict[str, int | None]:
    """Post through the proxy until every fault was met; gives the id of each post, if one came."""
    posts: dict[str, int | None] = {}
    client = discord.Client(intents=discord.Intents.none(), http_trace=Restraint().trace)
    async with Proxy.before(server.api_url) as proxy, client:
        with _impatient(proxy.url):
            await client.login(server.token)
            room = client.get_partial_messageable(server.general.id)
            proxy.plan.extend(plan)

            async def say() -> None:
                name = f"post{len(posts)}"
                posts[name] = None
                with found.timed(f"post, near {proxy.plan[0]}"):
                    posts[name] = await _post(room, name)
                    found.ends["posted"] += 1

            await _until_met(proxy, say)
        found.faults += proxy.met
    return posts


async def _post(room: discord.PartialMessageable, name: str) -> int:
    async def send(_reference: discord.MessageReference | None) -> int:
        return (await room.send(name, nonce=name)).id

    return await post(send, None, MessageKind.WORDS)


def _wrong_posts(server: DiscordServer, posts: dict[str, int | None]) -> Iterator[str]:
    """Find posts that stand twice, and those that were confirmed and do not stand."""
    stand = Counter(m.content for m in server.world.messages_in(server.general.id))
    for name, message_id in posts.items():
        if stand[name] > 1 or (message_id is not None and not stand[name]):
            yield f"{name} stands {stand[name]} times"


@contextmanager
def _impatient(api_url: str) -> Iterator[None]:
    """Post to the proxy, and wait for little."""
    kept = Route.BASE, posting.PAUSES_S, posting.ATTEMPT_S, posting.DEADLINE_S
    Route.BASE, posting.PAUSES_S = api_url, (0.0, 0.0, 0.0)
    posting.ATTEMPT_S, posting.DEADLINE_S = 1, DEADLINE_S
    try:
        yield
    finally:
        Route.BASE, posting.PAUSES_S, posting.ATTEMPT_S, posting.DEADLINE_S = kept


def _held() -> tuple[int, int]:
    return len(asyncio.all_tasks()), psutil.Process().num_fds()


async def _left_since(before: tuple[int, int]) -> list[str]:
    """Wait for what is just ending, and name what stays."""
    for _ in range(100):
        tasks, files = _held()
        if tasks <= before[0] and files <= before[1]:
            return []
        await asyncio.sleep(0.05)
    return [f"{tasks - before[0]} tasks and {files - before[1]} files are left behind"]


TRIAL = Trial(
    "wire",
    "resets, cuts at each of the first 2,000 bytes of answers, half-closed and silent connections, "
    "drips, delays and changed bytes, below the real clients of the model (whole and streamed) and "
    "of Discord",
    "5,000 requests: 0 that outlast their deadline, 0 tasks or sockets left behind, every "
    "end an answer or a named error, no part taken for the whole, no message twice",
    run,
)
