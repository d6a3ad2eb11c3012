"""`python -m bot demo`: a page that looks like Discord, with the bot in it, until Ctrl-C."""

import asyncio
import contextlib
import ipaddress
import os
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import log
from bot.local import answering
from bot.local.answering import Answering
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.world import World
from bot.local.espeak import SpeechMissing
from bot.local.live import live_settings
from bot.local.page.calls import CallLog
from bot.local.page.keeping import FolderInUse, Keeper, held
from bot.local.page.relay import Relay
from bot.local.page.scenery import new_demo_world
from bot.local.page.server import HOST, Backstage, PageServer
from bot.local.page.wire import Wire
from bot.local.together import Together, database_url, together
from bot.storage.answers import open_answers
from bot.tasks import spawn

FOLDER = Path("data/demo/page")


@dataclass(frozen=True, slots=True)
class Opening:
    """How the page is opened; see `python -m bot demo --help`.

    Attributes:
        port: 0 for any free one.
        browse: whether a browser is opened where a person sits at a terminal.
        live: whether the real model answers.
        tiny: whether the smallest engines answer, though there are better ones.

    """

    host: str = HOST
    port: int = 0
    browse: bool = True
    live: bool = False
    tiny: bool = False
    folder: Path = FOLDER


async def run(opening: Opening) -> int:
    """Serve the page until Ctrl-C.

    Raises:
        BotError: the bot does not start.
        SettingsError: the real model is asked for, and not set up.

    """
    log.configure("WARNING", ())
    if problem := _problem_with(opening.host):
        return _fail(problem)
    try:
        model = _model(opening)
        log.configure("WARNING", (model.key,))
        with held(opening.folder):
            return await _serve(opening, model, _stop_signal())
    except (SpeechMissing, FolderInUse) as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"The demo cannot go on: {error}")


def _model(opening: Opening) -> Answering:
    if opening.live:
        return answering.real(live_settings())
    return answering.offline(_progress, tiny=opening.tiny)


async def _serve(opening: Opening, model: Answering, stop: asyncio.Event) -> int:
    async with running(opening, model) as (page, bot):
        _say(f"Open {page.url}")
        if opening.browse and sys.stdin.isatty() and sys.stdout.isatty():
            await asyncio.to_thread(webbrowser.open, page.url)
        stopping = spawn(stop.wait(), name="stop signal")
        await asyncio.wait((stopping, bot.running), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        _say("Stopping.")
    return 0


@asynccontextmanager
async def running(opening: Opening, model: Answering) -> AsyncIterator[tuple[PageServer, Together]]:
    """Start everything; the last that is started is the first to stop."""
    keeper = Keeper(opening.folder)
    discord = DiscordServer(_world(keeper))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_kept(keeper, discord.world))
        relay = await stack.enter_async_context(_relay(opening.folder, model))
        answers = await stack.enter_async_context(open_answers(database_url(opening.folder)))
        backstage = Backstage(model.describe, Wire(relay.exchanges, answers))
        page = await stack.enter_async_context(
            PageServer(discord.world, backstage, host=opening.host, port=opening.port)
        )
        bot = await stack.enter_async_context(
            together(
                opening.folder,
                discord=discord,
                chat=model.chat,
                OPENAI_BASE_URL=relay.base_url,
                OPENAI_API_KEY=relay.key,
                **model.settings,
            )
        )
        yield page, bot


def _relay(folder: Path, model: Answering) -> Relay:
    """Only the real model knows its audio ids again after a restart."""
    port_file = folder / "relay-port" if model.live else None
    log = CallLog(folder / "calls.jsonl")
    return Relay(lambda: model.url, model.key, log=log, port_file=port_file)


@asynccontextmanager
async def _kept(keeper: Keeper, world: World) -> AsyncIterator[None]:
    """Save a world as it changes, and a last time at the end."""
    saving = spawn(keeper.save_changes(world), name="save the demo's world")
    try:
        yield
    finally:
        saving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await saving
        keeper.save(world)


def _world(keeper: Keeper) -> World:
    try:
        return keeper.load() or new_demo_world()
    except ValueError:
        aside = keeper.put_aside()
        sys.stderr.write(f"The kept world is damaged. It stays as {aside}; the demo starts anew.\n")
        return new_demo_world()


def _problem_with(host: str) -> str | None:
    """Refuse what is no address; warn of one that others reach."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return f"--host must be an address of this machine, and {host} is none."
    if address.is_unspecified:
        return "--host must be the address that browsers open, not all of them at once."
    if not address.is_loopback:
        sys.stderr.write(
            f"Warning: {host} can be reached by other machines, and what goes there and back can "
            "be read on the way. Whoever has the whole address, token included, can use the page.\n"
        )
    return None


def _progress(what: str, share: float) -> None:
    """Told by the thread that loads."""
    _say("The model is ready." if share >= 1 else f"Loading {what} ({share:.0%}) …")


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop_or_leave, stop)
    return stop


def _stop_or_leave(stop: asyncio.Event) -> None:
    """Stop in order on the first signal, at once on the second."""
    if stop.is_set():
        os._exit(1)
    stop.set()


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _fail(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1
