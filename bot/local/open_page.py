"""`python -m bot demo`: a page that looks like Discord, with the bot in it, until Ctrl-C."""

import asyncio
import contextlib
import signal
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import log
from bot.local.chat_server import ChatServer
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.world import World
from bot.local.espeak import SpeechMissing
from bot.local.page.keeping import FolderInUse, Keeper, held
from bot.local.page.scenery import new_demo_world
from bot.local.page.server import HOST, Backstage, PageServer
from bot.local.together import together
from bot.tasks import spawn

FOLDER = Path("data/demo/page")


@dataclass(frozen=True, slots=True)
class Opening:
    """How the page is opened; see `python -m bot demo --help`.

    Attributes:
        port: 0 for any free one.
        browse: whether a browser is opened where a person sits at a terminal.

    """

    host: str = HOST
    port: int = 0
    browse: bool = True
    folder: Path = FOLDER


async def run(opening: Opening) -> int:
    """Serve the page until Ctrl-C.

    Raises:
        BotError: the bot does not start.

    """
    log.configure("WARNING", ())
    try:
        with held(opening.folder):
            return await _serve(opening, _stop_signal())
    except SpeechMissing as error:
        return _fail(f"{error} Install it with: pip install -r requirements-demo.lock")
    except FolderInUse as error:
        return _fail(str(error))
    except OSError as error:
        return _fail(f"The demo cannot go on: {error}")


async def _serve(opening: Opening, stop: asyncio.Event) -> int:
    keeper = Keeper(opening.folder)
    discord = DiscordServer(_world(keeper))
    chat = ChatServer()
    backstage = Backstage(engine=_engine)
    async with (
        kept(keeper, discord.world),
        PageServer(discord.world, backstage, host=opening.host, port=opening.port) as page,
        together(opening.folder, discord=discord, chat=chat),
    ):
        _say(f"Open {page.url}")
        if opening.browse and sys.stdout.isatty():
            await asyncio.to_thread(webbrowser.open, page.url)
        await stop.wait()
        _say("Stopping.")
    return 0


@asynccontextmanager
async def kept(keeper: Keeper, world: World) -> AsyncIterator[None]:
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


def _engine() -> Json:
    return {
        "live": False,
        "ready": True,
        "progress": 1.0,
        "hears": True,
        "thinks": "rules",
        "speaks": "espeak",
        "notice": "Offline demo model: it hears and speaks, do not expect wisdom.",
    }


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def _fail(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1
