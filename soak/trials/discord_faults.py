"""Every fault of Discord's REST API, each on a question in a room of its own."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.audio.transcode import encode
from bot.discord_io import posting, restraint
from bot.local.chat_server import ChatServer
from bot.local.discord_server import building
from bot.local.discord_server.faults import banned
from bot.local.discord_server.server import DiscordServer
from bot.local.espeak import Espeak
from bot.services import patience
from soak.assigned import Assigned
from soak.discord_rows import (
    AMBIGUOUS,
    CANNED,
    COMMANDS,
    GONE,
    IN_THREADS,
    LIMITED,
    OFTEN,
    REFUSED,
    SHUT,
    Place,
    Row,
    Wrong,
    refusal,
)
from soak.rooming import CREATE, MOST_INVALID, WITHIN_S, Rooming
from soak.stage import new_folder, stage
from soak.trial import Outcome, Size, Trial

BAN_S = 5.0
WINDOW_S = 6.0
MOST_IN_WINDOW = 8
STORM = 4
"""Questions, each of which leads to two or three invalid requests."""


@dataclass(slots=True)
class Scene:
    """What several bots share, one after the other, and what was counted of all."""

    folder: Path
    chat: ChatServer
    failures: list[str]
    tried: int = 0
    posts: int = 0
    most_invalid: int = 0

    @asynccontextmanager
    async def bot(self, name: str) -> AsyncIterator[Rooming]:
        """Run a bot in a Discord of its own, and count once it has stopped."""
        self.chat.faults = plan = Assigned()
        async with DiscordServer() as discord:
            async with stage(new_folder(self.folder, name), discord, self.chat) as at:
                yield (rooming := Rooming(at, plan, self.failures))
            rooming.count_all()
            self.tried += len(rooming.tried) + rooming.commands
            self.posts += sum(call.template == CREATE for call in discord.traffic.calls)
            self.most_invalid = max(self.most_invalid, rooming.most_invalid)


async def run(_size: Size, seed: int) -> Outcome:
    """Try every row; the seed orders them."""
    chance = random.Random(seed)
    rows = [*LIMITED, *AMBIGUOUS, *SHUT, *GONE, *REFUSED, *IN_THREADS]
    with TemporaryDirectory(prefix="soak-") as folder, _impatient():
        async with ChatServer(canned=CANNED) as chat:
            scene = Scene(Path(folder), chat, [])
            async with scene.bot("rows") as rooming:
                await rooming.try_all(chance.sample(rows, len(rows)))
                await _try_denial(rooming)
                await _try_voice(rooming)
                await _try_removal(rooming)
            async with scene.bot("commands") as rooming:
                for row in COMMANDS:
                    await rooming.try_command(row)
            async with scene.bot("ban") as rooming:
                await _try_ban(rooming)
            with _easily_restrained():
                async with scene.bot("storm") as rooming:
                    await _try_storm(rooming)
    return Outcome(
        f"{scene.tried} questions and commands, each with the end of its row; {scene.posts} posts, "
        f"at most {scene.most_invalid} invalid requests for one fault",
        tuple(scene.failures),
    )


async def _try_voice(rooming: Rooming) -> None:
    """Row 37: where Discord takes no voice message, an ordinary file comes."""
    discord, row = rooming.at.discord, Row(37, "50173", [Wrong(refusal(50173))])
    speaker = discord.member("Speaker")
    place = Place(discord, speaker.dm_channel, speaker)
    rooming.spoil(place, row.faults)
    question = speaker.speak(place.room, encode(Espeak().speak("Is all well?", "onyx"), "opus"))
    end = await rooming.at.end_of(question, WITHIN_S)
    ours = [m for m in rooming.at.written() if m.channel_id == place.room.id]
    if str(end) != "answered" or [(m.is_voice, len(m.attachments)) for m in ours] != [(False, 1)]:
        rooming.failures.append(f"{row}: {end}, {len(ours)} messages")


async def _try_removal(rooming: Rooming) -> None:
    """Row 37: thrown out of the server while the model answers, it leaves quietly."""
    discord = rooming.at.discord
    asker, before = discord.member("Guard"), len(discord.traffic.invalid)
    guild = building.add_guild(discord.world, "Elsewhere", asker.user.id)
    place = Place(discord, building.add_channel(discord.world, guild, "hall"), asker)
    row = Row(
        37,
        "thrown out meanwhile",
        during=lambda _: building.remove_bot(discord.world, guild),
        end="no_access",
        messages=0,
        told=True,
    )
    await rooming.try_row(row, place)
    if (invalid := len(discord.traffic.invalid) - before) > MOST_INVALID:
        rooming.failures.append(f"{row}: {invalid} invalid requests")


async def _try_denial(rooming: Rooming) -> None:
    """Row 33: what a room refused is not made for it again for a while."""
    shut = [Wrong(refusal(50013, 403), OFTEN)]
    row = Row(33, "50013 midway", shut, end="no_access", messages=0, told=True)
    place = rooming.new_place()
    await rooming.try_row(row, place)
    other = replace(place, asker=rooming.at.discord.member("Another"))
    await rooming.try_row(replace(row, what="the next question there", faults=(), paid=0), other)


async def _try_ban(rooming: Rooming) -> None:
    """Row 29: nothing goes out while Cloudflare shuts us out, and all is answered afterwards."""
    traffic, changes = rooming.at.discord.traffic, rooming.at.discord.world.changes
    row = Row(29, "shut out by Cloudflare", [Wrong(banned())])
    first = asyncio.gather(rooming.try_all([row]))
    await changes.until(lambda: traffic.invalid, WITHIN_S)
    calls, paid = len(traffic.calls), rooming.plan.calls
    meanwhile = asyncio.gather(rooming.try_all([replace(row, faults=())] * 3))
    await asyncio.sleep(0.4 * BAN_S)
    if len(traffic.calls) > calls or rooming.plan.calls > paid:
        rooming.failures.append(f"{row}: {len(traffic.calls) - calls} calls went out meanwhile")
    await asyncio.gather(first, meanwhile)


async def _try_storm(rooming: Rooming) -> None:
    """Row 30: after so many invalid requests none goes out until the oldest are old."""
    traffic, changes = rooming.at.discord.traffic, rooming.at.discord.world.changes
    row = Row(
        30,
        "403 everywhere",
        [Wrong(refusal(50013, 403), OFTEN)],
        end="no_access",
        messages=0,
        told=True,
    )
    asking = asyncio.gather(rooming.try_all([row] * STORM, at_once=1))
    await changes.until(lambda: len(traffic.invalid) >= MOST_IN_WINDOW, WITHIN_S)
    await asyncio.sleep(0.4 * WINDOW_S)
    if (found := len(traffic.invalid)) > MOST_IN_WINDOW:
        rooming.failures.append(f"{row}: {found} invalid requests at once")
    await asking


@contextmanager
def _impatient() -> Iterator[None]:
    """Let the bot's own waits be short: they are in no row."""
    kept = posting.PAUSES_S, posting.ATTEMPT_S, restraint.BAN_S, patience.PAUSES_S
    posting.PAUSES_S, posting.ATTEMPT_S, restraint.BAN_S = (0.1, 0.3, 0.6), 6, BAN_S
    patience.PAUSES_S = (0.5,) * 100
    try:
        yield
    finally:
        posting.PAUSES_S, posting.ATTEMPT_S, restraint.BAN_S, patience.PAUSES_S = kept


@contextmanager
def _easily_restrained() -> Iterator[None]:
    """Let few invalid requests be enough."""
    kept = restraint.MOST_INVALID, restraint.WINDOW_S
    restraint.MOST_INVALID, restraint.WINDOW_S = MOST_IN_WINDOW, WINDOW_S
    try:
        yield
    finally:
        restraint.MOST_INVALID, restraint.WINDOW_S = kept


TRIAL = Trial(
    "discord_faults",
    "rows 28-40 of the list of faults: every refusal, limit and accident of Discord's REST API, "
    "each on a question in a room of its own, or a command, to a real bot between the stand-ins",
    "exactly one answer or one clear line, never two; every Create Message with a nonce, every "
    "message with `parse: []`; at most 5 invalid requests for each fault",
    run,
)
