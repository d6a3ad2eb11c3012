"""A process that has imported the whole bot, and forks one whenever it is told to.

It runs no loop and no threads, so that what it forks is as fresh as `python -m bot` is after its
imports. `forks` is the other side; both speak in lines of JSON over one socket.
"""

import contextlib
import importlib
import json
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from bot import __main__ as command_line
from bot import app, log, loops
from bot.client import COGS
from bot.settings import Settings

_DEFECT = 70
_LATE = ("aiosqlite", "alembic.command", "alembic.runtime.environment")
"""What the bot imports only once it runs."""


def serve(harness: socket.socket) -> None:
    """Fork, kill and report until the other side hangs up; then nothing that was forked lives."""
    _load()
    woken, waker = os.pipe2(os.O_NONBLOCK)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    alive: set[int] = set()
    begun = b""
    while True:
        ready, _, _ = select.select([harness.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 1 << 16)
        _report_ends(alive, harness)
        if harness.fileno() in ready:
            if not (heard := _hear(harness)):
                break
            *orders, begun = (begun + heard).split(b"\n")
            for order in orders:
                _obey(json.loads(order), alive, harness)
    for process_id in alive:
        os.kill(process_id, signal.SIGKILL)


def _hear(harness: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionError):
        return harness.recv(1 << 16)
    return b""


def _load() -> None:
    for name in (*COGS, *_LATE):
        importlib.import_module(name)
    app.freeze_loaded()
    if (threads := len(os.listdir("/proc/self/task"))) != 1:
        raise RuntimeError(f"{threads} threads: a fork would lose all but one of them")


def _obey(order: dict[str, Any], alive: set[int], harness: socket.socket) -> None:
    if "fork" in order:
        process_id = _fork(order["fork"])
        alive.add(process_id)
        _say(harness, {"forked": process_id})
    # Whoever was not reaped yet still owns its number.
    elif order["to"] in alive:
        os.kill(order["to"], order["signal"])


def _report_ends(alive: set[int], harness: socket.socket) -> None:
    for process_id in list(alive):
        found, status = os.waitpid(process_id, os.WNOHANG)
        if found:
            alive.remove(process_id)
            _say(harness, {"ended": process_id, "code": os.waitstatus_to_exitcode(status)})


def _say(harness: socket.socket, said: dict[str, Any]) -> None:
    harness.sendall(json.dumps(said).encode() + b"\n")


def _fork(order: dict[str, Any]) -> int:
    process_id = os.fork()
    if process_id:
        return process_id
    code = _DEFECT
    try:
        code = _live(order)
    finally:
        sys.stderr.flush()
        os._exit(code)


def _live(order: dict[str, Any]) -> int:
    """Be a bot; what `python -m bot` does after its imports."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.closerange(3, 64)
    said = os.open(Path(order["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, 1)
    os.dup2(said, 2)
    if (points := order.get("points")) is not None:
        importlib.import_module("soak.points").set_up(points)
    settings = Settings.from_env(order["environment"])
    log.configure(settings.log_level, settings.secrets)
    return loops.run(command_line._run(settings))


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
