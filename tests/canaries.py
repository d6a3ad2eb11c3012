"""A watch over the stand-ins' secrets in every test; `soak.canaries` knows how they may look.

Whatever is logged at DEBUG is looked at, however quiet a logger is set: records of our own must
not hold a secret at all, those of libraries not once the log has hidden what it hides. So is what
is printed, stored, measured, and sent to where it does not belong.
"""

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.health.metrics import Metrics
from bot.local.chat_server.server import KEY, ChatServer
from bot.local.discord_server.building import TOKEN
from bot.local.discord_server.server import DiscordServer
from bot.log import RedactingFormatter
from soak.canaries import TOKENS, files_with_one, sung, sung_in

_WATCHED = ("bot", "cogs", "migrations", "discord", "aiohttp", "asyncio", "alembic", "py.warnings")
"""Loggers whose DEBUG is looked at. The database's drivers would repeat every row: their files
are looked at instead."""

_OURS = ("bot", "cogs", "migrations")
_METHODS = ("debug", "info")

_REDACTION = RedactingFormatter([TOKEN, KEY])


class Watch(logging.Handler):
    """Looks at all that is logged, and remembers what is to be looked at after the test."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.escaped: list[str] = []
        self.made: list[object] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a record, as it is and as the log would show it."""
        try:
            said = logging.Formatter().format(record)
        except Exception:  # noqa: BLE001 - pytest tells of it
            return
        if not sung(said):
            return
        if record.name.partition(".")[0] in _OURS:
            self.escaped.append(f"{record.name} was given one to log")
        elif sung(_REDACTION.format(record)):
            self.escaped.append(f"{record.name} logged one")

    def look_behind(self, folder: Path | None) -> list[str]:
        """Look at what a test leaves; gives what got out, and forgets it."""
        for made in self.made:
            self.escaped += _looked_at(made)
        if folder is not None:
            self.escaped += (f"{path.name} holds one" for path in files_with_one(folder))
        escaped, self.escaped, self.made = self.escaped, [], []
        return escaped


def _looked_at(made: object) -> Iterator[str]:
    """Look at a stand-in, or at the figures of a bot."""
    if isinstance(made, Metrics) and sung_in(_text(made)):
        yield "/metrics shows one"
    if isinstance(made, DiscordServer):
        for call in made.traffic.calls:
            if sung(repr(call.payload)) or any(sung_in(part.data) for part in call.parts):
                yield f"Discord was sent one: {call.method} {call.path}"
    if isinstance(made, ChatServer):
        for seen in made.seen:
            if sung_in(seen.raw) or sung(repr(seen.headers), TOKENS):
                yield f"the model was sent one: {seen.path}"


def _text(metrics: Metrics) -> bytes:
    try:
        return metrics.text()
    except Exception:  # noqa: BLE001 - some figures look at what is closed by now
        return b""


def set_watch(patch: pytest.MonkeyPatch) -> Watch:
    """Begin to watch this process."""
    watch = Watch()
    logging.getLogger().addHandler(watch)
    for method in _METHODS:
        patch.setattr(logging.Logger, method, _watched(watch, getattr(logging.Logger, method)))
    for kind in (DiscordServer, ChatServer, Metrics):
        patch.setattr(kind, "__init__", _remembered(watch, getattr(kind, "__init__")))  # noqa: B009
    return watch


def _watched(watch: Watch, log: Callable[..., None]) -> Callable[..., None]:
    """Look also at what a logger would keep to itself."""
    level = getattr(logging, log.__name__.upper())

    def logged(
        logger: logging.Logger,
        msg: object,
        *args: object,
        **kwargs: Any,  # noqa: ANN401 - as logging takes them
    ) -> None:
        if logger.isEnabledFor(level):
            kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1
            log(logger, msg, *args, **kwargs)
        elif logger.name.startswith(_WATCHED):
            info = kwargs.get("exc_info") and sys.exc_info()
            watch.emit(logger.makeRecord(logger.name, level, "", 0, msg, args, info or None))

    return logged


def _remembered(watch: Watch, make: Callable[..., None]) -> Callable[..., None]:
    def made(self: object, *args: object, **kwargs: object) -> None:
        make(self, *args, **kwargs)
        watch.made.append(self)

    return made
