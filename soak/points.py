"""Named points before and after every border of the bot, at which a bot dies or fails on purpose.

The bot knows nothing of them: a process that was forked for it wraps, before it begins, every
coroutine method of the stores, of the database, of what stands behind the ports and of the events.
All are found by looking, so that a border that is added has its points at once.
"""

import contextlib
import errno
import functools
import importlib
import inspect
import os
import pkgutil
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from discord.ext import commands
from discord.http import HTTPClient

import bot
from bot.app import building, running
from bot.client import COGS, VoiceBot
from bot.services import ports
from bot.services.session_starts import SessionStarts
from bot.storage.database import Database

KILL, RAISE = "kill", "raise"
_LEFT_OUT = ("bot.local", "bot.__main__", "bot.services", "bot.health")
_PORTS = ("Speaker", "Reciter", "Writer", "Transcoder", "Attachments", "Outlet")
_OUTSIDE = ("bot.chat_api", "bot.audio", "bot.discord_io", "discord.http")
"""Where what goes wrong is the network or a file; elsewhere it is a defect."""

_START = (
    (building, "open_database"),
    (running, "build"),
    (VoiceBot, "setup_hook"),
    (VoiceBot, "before_identify_hook"),
    (SessionStarts, "wait"),
    (HTTPClient, "request"),
    (HTTPClient, "static_login"),
)


@dataclass(frozen=True, slots=True)
class Border:
    """Something of the bot's that is called and may not come back."""

    owner: Any
    method: str
    name: str

    @property
    def points(self) -> tuple[str, str]:
        """Its two points."""
        return f"{self.name}:before", f"{self.name}:after"


@dataclass
class Plan:
    """What is to happen at which point; with none it is only written down who comes by."""

    point: str | None = None
    mode: str = KILL
    nth: int = 1
    record: int | None = None
    _seen: int = field(default=0)

    def reach(self, point: str, where: str) -> None:
        """Come by a point."""
        if self.record is not None:
            os.write(self.record, f"{point}\n".encode())
        if point != self.point:
            return
        self._seen += 1
        if self._seen != self.nth:
            return
        if self.mode == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if where.startswith(_OUTSIDE):
            raise OSError(errno.EIO, f"on purpose at {point}")
        raise RuntimeError(f"on purpose at {point}")


def set_up(order: Mapping[str, Any]) -> None:
    """Wrap all borders of this process for good."""
    record = order.get("record")
    opened = None if record is None else os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    plan = Plan(order.get("point"), order.get("mode", KILL), order.get("nth", 1), opened)
    for border in borders():
        _wrap(border, plan)
    _wrap_cogs(plan)


def names() -> list[str]:
    """Name all points."""
    found = [point for border in borders() for point in border.points]
    for name in COGS:
        for cog in _cogs_in(importlib.import_module(name)):
            found += [f"{cog.__name__}.{each}:{side}" for each in _handlers(cog) for side in SIDES]
    return sorted(set(found))


SIDES = ("before", "after")


def borders() -> Iterator[Border]:
    """Find all borders but those of cogs, which are loaded anew by each bot."""
    for kind in _border_classes():
        for name, value in vars(kind).items():
            if not name.startswith("_") and _is_awaited(value):
                yield Border(kind, name, f"{kind.__name__}.{name}")
    for owner, name in _START:
        prefix = owner.__name__.rpartition(".")[2]
        yield Border(owner, name, f"{prefix}.{name}")


def _border_classes() -> list[type]:
    wanted = [frozenset(_protocol_methods(getattr(ports, name))) for name in _PORTS]
    found: list[type] = [Database]
    for kind in _classes():
        methods = frozenset(name for name in dir(kind) if not name.startswith("_"))
        is_store = kind.__module__.startswith("bot.storage.") and kind.__name__.endswith("Store")
        if is_store or any(port <= methods for port in wanted):
            found.append(kind)
    return found


def _classes() -> Iterator[type]:
    """Find all classes of the bot, each where it is defined."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if module.name.startswith(_LEFT_OUT) or module.name.endswith(".worker"):
            continue
        loaded = importlib.import_module(module.name)
        for value in vars(loaded).values():
            if inspect.isclass(value) and value.__module__ == module.name:
                yield value


def _protocol_methods(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]


def _is_awaited(value: object) -> bool:
    if isinstance(value, staticmethod | classmethod | property):
        return False
    return inspect.iscoroutinefunction(value) or _is_block(value)


def _is_block(value: object) -> bool:
    """Tell whether it is a function for `async with`."""
    return callable(value) and inspect.isasyncgenfunction(inspect.unwrap(value))


def _wrap(border: Border, plan: Plan) -> None:
    original = getattr(border.owner, border.method)
    setattr(border.owner, border.method, _wrapped(original, border.name, plan))


def _wrapped(original: Callable[..., Any], name: str, plan: Plan) -> Callable[..., Any]:
    where = original.__module__
    if _is_block(original):

        @contextlib.asynccontextmanager
        async def block(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever it wraps
            plan.reach(f"{name}:before", where)
            async with original(*args, **kwargs) as value:
                yield value
            plan.reach(f"{name}:after", where)

        return functools.wraps(original)(block)

    async def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever it wraps
        plan.reach(f"{name}:before", where)
        result = await original(*args, **kwargs)
        plan.reach(f"{name}:after", where)
        return result

    return functools.wraps(original)(run)


def _wrap_cogs(plan: Plan) -> None:
    """Have the handlers of each cog wrapped when it is added: its module is loaded anew then."""
    add = VoiceBot.add_cog

    async def add_wrapped(self: VoiceBot, cog: commands.Cog, **more: Any) -> None:  # noqa: ANN401
        for name in _handlers(type(cog)):
            original = getattr(cog, name)
            setattr(cog, name, _wrapped(original, f"{type(cog).__name__}.{name}", plan))
        await add(self, cog, **more)

    VoiceBot.add_cog = add_wrapped  # type: ignore[method-assign, assignment]


def _cogs_in(module: object) -> Iterator[type[commands.Cog]]:
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, commands.Cog) and value is not commands.Cog:
            yield value


def _handlers(cog: type[commands.Cog]) -> list[str]:
    """Name what Discord's events and the start call in a cog."""
    listeners = [method for _, method in cog.__cog_listeners__]
    return [*listeners, *(["cog_load"] if "cog_load" in vars(cog) else [])]


if __name__ == "__main__":
    print(*names(), sep="\n")
