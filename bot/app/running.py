"""Runs the bot until it is asked to stop: intents, and winding down in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

from bot.app.building import build
from bot.app.stalls import watched
from bot.client import redirect
from bot.discord_io.application import content_allowed
from bot.errors import BotError, DiscordDown, IntentRefused
from bot.services.turnstile import Turnstile
from bot.settings import Settings
from bot.tasks import spawn

T = TypeVar("T")

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 300.0
"""How long to wait after a defect before the bot runs again: twice as long each time."""

SHUT_OUT_PAUSE_S = 600.0
"""How long to wait at least where Discord, or Cloudflare before it, shuts our address out."""

LONG_RUN_S = 600.0
"""Who ran for longer begins with short pauses again."""

DRAIN_S = 20
"""How long answers under way may take once the bot is asked to stop."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set; while Discord is out of reach, try again and again.

    Raises:
        StartError: Discord does not let us in.
        DatabaseError: the database cannot be used.

    """
    redirect(settings.discord_api_url, settings.discord_gateway_url)
    loop, pause_s = asyncio.get_running_loop(), FIRST_PAUSE_S
    while not stop.is_set():
        began = loop.time()
        try:
            await _run(settings, stop)
        except DiscordDown as error:
            if loop.time() - began > LONG_RUN_S:
                pause_s = FIRST_PAUSE_S
            wait_s = SHUT_OUT_PAUSE_S if error.code == "discord_shut_out" else pause_s
            log.error("%s The next attempt is in %.0f s.", error.sentence, wait_s)  # noqa: TRY400
            await _until(stop, asyncio.sleep(wait_s))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        else:
            return


async def _run(settings: Settings, stop: asyncio.Event) -> None:
    message_content = await _until(stop, _wants_content(settings))
    if message_content is None:
        return
    try:
        await _keep_running(settings, stop, message_content=message_content)
    except IntentRefused as error:
        log.warning("%s", error.sentence)
        await _keep_running(settings, stop, message_content=False)


async def _wants_content(settings: Settings) -> bool:
    if settings.message_content == "auto":
        return await content_allowed(settings.discord_token.value)
    return settings.message_content == "on"


async def _keep_running(settings: Settings, stop: asyncio.Event, *, message_content: bool) -> None:
    """Run, and run again after a defect that ended what had begun well; ever later, if often."""
    loop = asyncio.get_running_loop()
    pause_s = FIRST_PAUSE_S
    while not stop.is_set():
        began = loop.time()
        if await _run_once(settings, stop, message_content=message_content):
            return
        if loop.time() - began > LONG_RUN_S:
            pause_s = FIRST_PAUSE_S
        await _until(stop, asyncio.sleep(pause_s))
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


async def _run_once(settings: Settings, stop: asyncio.Event, *, message_content: bool) -> bool:
    """Run until the end; False when that was a defect, which is logged."""
    async with build(settings, message_content=message_content) as bot:
        serving = bot.serve(settings.discord_token.value)
        try:
            with watched(bot.is_ready):
                await _until(stop, serving, partial(_drain, bot.services.turnstile, stop))
        except BotError:
            raise
        except Exception:
            if not bot.is_ready():
                raise
            log.critical("A defect of ours ended the connection; it begins anew.", exc_info=True)
            return False
    return True


async def _nothing_to_finish() -> None:
    """Wind nothing down."""


async def _until(
    stop: asyncio.Event,
    work: Coroutine[Any, Any, T],
    wind_down: Callable[[], Awaitable[None]] = _nothing_to_finish,
) -> T | None:
    """Work to the end, or until `stop` is set: then wind down first and cancel afterwards."""
    working, stopping = spawn(work, name="work"), spawn(stop.wait(), name="stop signal")
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        await wind_down()
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.wait((working, stopping))
    return None if working.cancelled() else working.result()


async def _drain(turnstile: Turnstile, stop: asyncio.Event) -> None:
    """Let answers under way end before what they stand on is closed; without Discord none can."""
    if stop.is_set():
        log.info("stopping: answers under way are finished first")
    if not await turnstile.drain(DRAIN_S if stop.is_set() else 0):
        log.warning("answers were cut short; the next start takes them up again")
