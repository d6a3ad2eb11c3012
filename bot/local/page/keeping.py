"""The world on disk: saved as it changes, and there again at the next start."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from bot.local.discord_server.world import World
from bot.storage.hold import Held, hold

SAVE_AT_MOST_EVERY_S = 1.0


class FolderInUse(Exception):
    """Another demo works in this folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other demos out of a folder; the hold ends with the process, however that ends.

    Raises:
        FolderInUse: another one has it.

    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(hold(folder / "lock"))
        except Held:
            raise FolderInUse(
                f"Another demo works in {folder}. Stop it first, or open its page."
            ) from None
        yield


class Keeper:
    """Saves a world into a folder: files once each, and the rest as one JSON file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._world_file = folder / "world.json"
        self._files = folder / "files"
        self._writing = threading.Lock()

    def load(self) -> World | None:
        """Read what was saved; None when there is nothing.

        Raises:
            ValueError: it is damaged.

        """
        try:
            written = self._world_file.read_bytes()
        except FileNotFoundError:
            return None
        try:
            world = World.load(json.loads(written))
        except (msgspec.MsgspecError, TypeError, RecursionError) as error:
            raise ValueError(str(error)) from error
        if self._files.is_dir():
            world.state.files = {
                int(path.name): path.read_bytes()
                for path in self._files.iterdir()
                if path.name.isdigit()
            }
        return world

    def put_aside(self) -> Path:
        """Move a damaged file out of the way."""
        return self._world_file.replace(self._world_file.with_suffix(".damaged.json"))

    async def save_changes(self, world: World, every_s: float = SAVE_AT_MOST_EVERY_S) -> None:
        """Save again and again, until cancelled."""
        while True:
            await world.changes.next()
            await asyncio.sleep(every_s)
            plain, files = _parts(world)
            await asyncio.to_thread(self._write, plain, files)

    def save(self, world: World) -> None:
        """Save at once."""
        self._write(*_parts(world))

    def _write(self, plain: dict[str, Any], files: dict[int, bytes]) -> None:
        """Replace what is kept; a kill at any moment leaves the old or the new."""
        # The last save may find that of a cancelled `save_changes` still at work in its thread.
        with self._writing:
            self._write_alone(plain, files)

    def _write_alone(self, plain: dict[str, Any], files: dict[int, bytes]) -> None:
        self._files.mkdir(parents=True, exist_ok=True)
        there = {path.name for path in self._files.iterdir()}
        wanted = {str(id_): data for id_, data in files.items()}
        for name in wanted.keys() - there:
            _replace(self._files / name, wanted[name])
        _replace(self._world_file, json.dumps(plain).encode())
        for name in there - wanted.keys():
            (self._files / name).unlink()


def _parts(world: World) -> tuple[dict[str, Any], dict[int, bytes]]:
    """Take a picture of the world: what JSON holds, and the files."""
    files = dict(world.state.files)
    return World(replace(world.state, files={}), world.clock).dump(), files


def _replace(path: Path, data: bytes) -> None:
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(data)
    unfinished.replace(path)
