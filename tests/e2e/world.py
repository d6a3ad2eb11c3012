"""The whole bot over real sockets, and what members do with it."""

import asyncio
import re
import shutil
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp.web import Request, StreamResponse

from bot.audio.transcode import decode, encode
from bot.domain.reply import SoundFormat
from bot.local import together
from bot.local.chat_server import ChatServer
from bot.local.chat_server.faults import Answer, Fault, changed
from bot.local.discord_server.drafts import Upload
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Message
from bot.local.espeak import Espeak
from tests.local.chat_spec import request_problems, speech_problems
from tests.local.discord_spec import load_spec, spec_problems

GOLDEN = "Is a golden retriever a good family dog?"


@dataclass
class Talk:
    """Ada and the bot in a server of the stand-in Discord."""

    discord: DiscordServer
    chat: ChatServer
    folder: Path
    ada: MemberClient

    @property
    def general(self) -> Channel:
        return self.discord.general

    def mention(self, text: str = "", *, files: tuple[Upload, ...] = ()) -> Message:
        """Ada mentions the bot in #general."""
        return self.ada.say(self.general, f"{self.discord.mention} {text}".strip(), files=files)

    async def answer(self, question: Message, count: int = 1) -> list[Message]:
        """Wait for so many messages in answer."""
        return await self.ada.answers(question, count, timeout_s=20)

    async def card(self, question: Message) -> Message:
        """Wait for an answer of one message."""
        [card] = await self.answer(question)
        return card

    async def voice_note(self, question: Message) -> tuple[Message, Message]:
        """Wait for a bubble and its transcript."""
        bubble, words = await self.answer(question, 2)
        assert bubble.is_voice
        assert not words.is_voice
        return bubble, words

    @property
    def last_request(self) -> list[dict[str, object]]:
        """The messages of the newest call to the model."""
        return list(self.chat.completions_seen[-1]["messages"])


@asynccontextmanager
async def talking(
    folder: Path,
    *,
    discord: DiscordServer | None = None,
    chat: ChatServer | None = None,
    **settings: str,
) -> AsyncIterator[Talk]:
    """Start everything; in the end all traffic is held against the published specifications."""
    discord, chat = discord or DiscordServer(), chat or ChatServer()
    async with together.together(folder, discord=discord, chat=chat, **settings):
        yield Talk(discord, chat, folder, discord.member("Ada"))
    assert discord.traffic.unknown == []
    assert problems_in(discord, chat) == []


@asynccontextmanager
async def bot_between(
    discord: DiscordServer, chat: ChatServer, folder: Path, **settings: str
) -> AsyncIterator[Talk]:
    """Start the bot alone: the servers, and with them their addresses, outlive it."""
    async with together.bot_between(discord, chat, folder, **settings):
        yield Talk(discord, chat, folder, discord.member("Ada"))


def problems_in(discord: DiscordServer, chat: ChatServer) -> list[str]:
    """What the published specifications, where they are at hand, find wrong with the traffic."""
    asked = [problem for body in chat.completions_seen for problem in request_problems(body)]
    spoken = [seen.body for seen in chat.seen if seen.path.endswith("/audio/speech")]
    asked += [problem for body in spoken for problem in speech_problems(body)]
    spec = load_spec()
    if spec is None:
        return asked
    calls = [call for call in discord.traffic.calls if not call.faulty]
    return asked + [problem for call in calls for problem in spec_problems(call, spec)]


def without_number(notice: Message) -> str:
    """What a notice says of a failure, without the number of its incident."""
    words, number = notice.content.split("\n")
    assert re.fullmatch("-# Incident `[0-9a-f]{8}`", number)
    return words


def held(release: asyncio.Event) -> Fault:
    """A model that answers as always, but not before it is let."""

    async def respond(request: Request, answer: Answer) -> StreamResponse:
        await release.wait()
        return await changed(lambda _completion: None)(request, answer)

    return respond


def fresh(folder: Path, migrated_file: Path) -> Path:
    """A folder with an empty database that needs no migration."""
    folder.mkdir(exist_ok=True)
    shutil.copy(migrated_file, folder / "bot.db")
    return folder


@cache
def speech(text: str = GOLDEN, voice: str = "onyx") -> bytes:
    """A person who speaks, as 24 kHz PCM."""
    return Espeak().speak(text, voice)


@cache
def recording(kind: SoundFormat = "opus", text: str = GOLDEN, voice: str = "onyx") -> bytes:
    """The same as a file."""
    return encode(speech(text, voice), kind)


def upload(name: str, data: bytes, content_type: str | None = None) -> Upload:
    return Upload(name, data, content_type)


def seconds_of(data: bytes) -> float:
    """Decode a posted sound and measure it."""
    return decode(data, max_seconds=600, deadline_s=20).seconds


def opus_head(data: bytes) -> tuple[int, int]:
    """Channels and input sample rate that an Ogg Opus file declares (RFC 7845, 5.1)."""
    start = data.index(b"OpusHead")
    channels = data[start + 9]
    [rate] = struct.unpack_from("<I", data, start + 12)
    return channels, rate
