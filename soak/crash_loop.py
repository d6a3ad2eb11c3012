"""A bot that crashes whenever it has begun: how many sessions it begins with Discord in an hour."""

import asyncio
import logging
import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from unittest import mock

from bot import app
from bot.local.chat_server import ChatServer
from bot.local.discord_server.clock import AdvancingClock
from bot.local.discord_server.server import DiscordServer
from bot.local.together import settings_for
from bot.settings import Settings
from bot.tasks import spawn
from soak.questions import CANNED
from soak.trial import Size

HOUR = timedelta(hours=1)
HOURS = {Size.SHORT: 1, Size.FULL: 3}
PER_HOUR = {Size.SHORT: 4, Size.FULL: 20}
"""What SESSION_STARTS_PER_HOUR is; 20 unless somebody sets it."""

CRASHES_PER_HOUR = {Size.SHORT: 10, Size.FULL: 120}
_START_S = 60


async def try_out(size: Size, seed: int) -> tuple[str, list[str]]:
    """Let it begin and crash for simulated hours, and count sessions in any hour of them."""
    clock, most = AdvancingClock(), PER_HOUR[size]
    crashes = CRASHES_PER_HOUR[size] * HOURS[size]
    identified: list[datetime] = []
    with tempfile.TemporaryDirectory() as folder, mock.patch("bot.app.building.now", clock):
        async with DiscordServer(clock=clock) as discord, ChatServer(canned=CANNED) as chat:
            settings = settings_for(discord, chat, Path(folder), SESSION_STARTS_PER_HOUR=str(most))
            for _ in range(crashes):
                if await _crash(discord, settings):
                    identified.append(clock())
                clock.advance(3600 / CRASHES_PER_HOUR[size])
    busiest = max(_within_an_hour(identified), default=0)
    failures = _problems(busiest, len(identified), len(discord.gateway.ops(2)), most, seed)
    return f"{crashes} crashes in {HOURS[size]} h: at most {busiest} sessions an hour", failures


async def _crash(discord: DiscordServer, settings: Settings) -> bool:
    """Start, and cut it off once it has begun a session; False when it waits to begin one."""
    before, waits = len(discord.gateway.ops(2)), _Waits(discord)
    log = logging.getLogger("bot.services.session_starts")
    log.addHandler(waits)
    running = spawn(app.run(settings, asyncio.Event()), name="the bot")
    try:
        await discord.world.changes.until(
            lambda: waits.seen or len(discord.gateway.ops(2)) > before, _START_S
        )
    finally:
        log.removeHandler(waits)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return len(discord.gateway.ops(2)) > before


class _Waits(logging.Handler):
    """Hears the bot say that it waits before another session."""

    def __init__(self, discord: DiscordServer) -> None:
        super().__init__(logging.WARNING)
        self.seen = False
        self._changes = discord.world.changes

    def emit(self, record: logging.LogRecord) -> None:
        """Take the next word as that."""
        self.seen = self.seen or "next one begins" in record.getMessage()
        self._changes.tell()


def _within_an_hour(moments: list[datetime]) -> list[int]:
    """Count, for each moment, those in the hour that begins with it."""
    return [sum(first <= each < first + HOUR for each in moments) for first in moments]


def _problems(busiest: int, seen: int, counted: int, most: int, seed: int) -> list[str]:
    problems = []
    if busiest > most:
        problems.append(f"seed {seed}: {busiest} sessions began within an hour, {most} may")
    if seen != counted:
        problems.append(f"seed {seed}: {counted} sessions began, {seen} of them were meant to")
    if not seen:
        problems.append(f"seed {seed}: no session began at all")
    return problems
