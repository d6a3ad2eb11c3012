"""One bot in a process of its own, between stand-ins of its own, and what is measured of it."""

import asyncio
import os
import signal
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from aiohttp import web

from bench.audio_memory import peak_mb
from bot.local.chat_server import ChatServer, faults
from bot.local.chat_server.bodies import json_response
from bot.local.discord_server import building
from bot.local.discord_server.gateway import HEARTBEAT_MS
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from bot.local.discord_server.world import Event
from bot.local.together import environment_for

SAID = (
    "Yes, golden retrievers are among the best family dogs there are: patient, "
    "gentle with children, and easy to train."
)
"""About five seconds of speech."""

THINKING_S = 0.1
"""How long the API takes; a real one takes seconds, in which a bot can show that it is typing."""

CHANNELS = 20
_ALL_CALLS = 100_000
_ANSWER_WITHIN_S = 60


@dataclass
class Side:
    """A bot with its stand-ins.

    Attributes:
        answers: by the id of the question, when each message in answer to it stood.
        incomplete: how many of those lack the words or the sound.
        api_s: how long each call of the model took on the server's side.

    """

    discord: DiscordServer
    chat: ChatServer
    asker: MemberClient
    channels: list[Channel]
    process: asyncio.subprocess.Process
    answers: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    incomplete: int = 0
    api_s: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.discord.world.subscribe(self._note_answer)
        self.chat.faults.next(self._time_call, _ALL_CALLS)

    def _note_answer(self, event: Event) -> None:
        if event.name == "MESSAGE_CREATE":
            newest = next(reversed(self.discord.world.state.messages.values()))
            if newest.reference and newest.author_id == self.discord.world.bot_id:
                self.answers[newest.reference.message_id].append(time.perf_counter())
                self.incomplete += newest.content != SAID or not newest.attachments

    async def _time_call(self, _request: web.Request, answer: faults.Answer) -> web.Response:
        """Answer as always, but not at once: the server's faults are the place to get between."""
        begun = time.perf_counter()
        await asyncio.sleep(THINKING_S)
        response = json_response(await answer())
        self.api_s.append(time.perf_counter() - begun)
        return response

    def ask(self, channel: Channel) -> Message:
        """Mention the bot."""
        words = "Is a golden retriever a good family dog?"
        return self.asker.say(channel, f"{self.discord.mention} {words}")

    async def answered(self, questions: list[Message]) -> None:
        """Wait until each of them has an answer."""
        ids = [question.id for question in questions]
        await self.discord.world.changes.until(
            lambda: all(self.answers.get(id_) for id_ in ids), _ANSWER_WITHIN_S
        )

    async def share_s(self, channel: Channel) -> float:
        """Ask once; the time from the gateway's event to the posted answer, less the API's."""
        del self.api_s[:]
        begun = time.perf_counter()
        question = self.ask(channel)
        await self.answered([question])
        return self.answers[question.id][0] - begun - sum(self.api_s)

    async def answers_per_s(self, count: int) -> float:
        """Ask so many questions at once, over all channels."""
        begun = time.perf_counter()
        questions = [self.ask(self.channels[n % CHANNELS]) for n in range(count)]
        await self.answered(questions)
        return count / (max(self.answers[question.id][0] for question in questions) - begun)

    def cpu_s(self) -> float:
        """What the bot and its worker have computed so far."""
        times = [process.cpu_times() for process in self._processes()]
        return sum(each.user + each.system for each in times)

    def peak_mb(self) -> float:
        """The most memory the bot ever had, and its worker's most."""
        return sum(peak_mb(process.pid) for process in self._processes())

    def _processes(self) -> list[psutil.Process]:
        bot = psutil.Process(self.process.pid)
        return [bot, *bot.children(recursive=True)]

    def watch_loop(self) -> None:
        """Begin to measure how late the bot's event loop is."""
        self.process.send_signal(signal.SIGUSR1)

    async def worst_stall_ms(self) -> float:
        """End measuring, and tell the worst."""
        worst, _ = await self.stalls_ms()
        return worst

    async def stalls_ms(self) -> tuple[float, float]:
        """End measuring, and tell the worst and what ninety-nine of a hundred keep to."""
        self.process.send_signal(signal.SIGUSR1)
        assert self.process.stdout is not None
        worst, most = (await self.process.stdout.readline()).split()
        return float(worst), float(most)


@asynccontextmanager
async def start(
    name: str, folder: Path, heartbeat_ms: int = HEARTBEAT_MS, /, **settings: str
) -> AsyncIterator[Side]:
    """Start a bot of `bench.watched` with further settings, and wait until it is connected."""
    async with DiscordServer() as discord, ChatServer(canned=SAID) as chat:
        discord.gateway.heartbeat_ms = heartbeat_ms
        asker = discord.member("Ada")
        channels = [
            building.add_channel(discord.world, discord.guild, f"room-{n}") for n in range(CHANNELS)
        ]
        environment = environment_for(discord, chat, folder, **settings)
        with (folder / f"{name}.log").open("w") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.watched", name,
                env={"PATH": os.environ.get("PATH", ""), **environment},
                stdout=asyncio.subprocess.PIPE, stderr=errors,
            )  # fmt: skip
        try:
            await discord.wait_until_ready(30)
            yield Side(discord, chat, asker, channels, process)
        finally:
            process.terminate()
            await process.communicate()
