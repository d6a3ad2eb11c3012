"""Close codes after which there is no coming back: the process says why, and ends."""

import asyncio
import os
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

from bot.local.chat_server import ChatServer
from bot.local.discord_server.server import DiscordServer
from bot.local.together import environment_for
from bot.tasks import spawn
from soak.questions import CANNED
from soak.trial import Size

CODES = {Size.SHORT: (4004, 4014), Size.FULL: (4004, 4010, 4011, 4012, 4013, 4014)}
WITHIN_S = {Size.SHORT: 20, Size.FULL: 5}
"""The short form runs beside everything else, and tells nothing of speed."""

_START_S, _END_S = 60, 60


async def try_out(size: Size, seed: int) -> tuple[str, list[str]]:
    """Send each of them to a bot of its own, and see it end."""
    slowest_s, failures = 0.0, []
    for code in CODES[size]:
        took_s, problems = await _one(code, WITHIN_S[size])
        slowest_s = max(slowest_s, took_s)
        failures += [f"seed {seed}: close code {code}: {each}" for each in problems]
    return f"{len(CODES[size])} fatal codes ended it within {slowest_s:.1f} s", failures


async def _one(code: int, within_s: float) -> tuple[float, list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        async with DiscordServer() as discord, ChatServer(canned=CANNED) as chat:
            environment = environment_for(discord, chat, Path(folder))
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", stdin=DEVNULL, stdout=PIPE, stderr=PIPE,
                env={"PATH": os.environ.get("PATH", ""), **environment},
            )  # fmt: skip
            await discord.wait_until_ready(_START_S)
            begun = time.monotonic()
            closing = spawn(_close_again_and_again(discord, code), name="closing")
            said = await _end_of(process)
            closing.cancel()
            return time.monotonic() - begun, _problems(process, said, begun, within_s)


async def _close_again_and_again(discord: DiscordServer, code: int) -> None:
    """Do as Discord does: who comes back without a change is sent away again."""
    while True:
        discord.gateway.close_all(code)
        await discord.world.changes.until(lambda: not discord.gateway.ready, _END_S)
        await discord.world.changes.until(lambda: discord.gateway.ready, _END_S)


async def _end_of(process: Process) -> str:
    try:
        async with asyncio.timeout(_END_S):
            _, said = await process.communicate()
    except TimeoutError:
        process.kill()
        _, said = await process.communicate()
    return said.decode()


def _problems(process: Process, said: str, begun: float, within_s: float) -> list[str]:
    took_s = time.monotonic() - begun
    last = (said.strip().splitlines() or [""])[-1]
    return [
        problem
        for problem, is_there in (
            (f"exit code {process.returncode}", process.returncode != 1),
            (f"it took {took_s:.1f} s to end", took_s > within_s),
            ("a traceback was shown", "Traceback" in said),
            (f"no sentence at the end: {last!r}", not last.endswith(".") or " " not in last),
        )
        if is_there
    ]
