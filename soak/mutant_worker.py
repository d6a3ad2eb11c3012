"""`python -m soak.mutant_worker`: runs tests against one mutant after the other.

Everything that no mutant concerns is imported once; each mutant then lives in a fork of its own.
An order is a line of JSON, and so is what came of it: whether a test noticed.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from types import ModuleType

import hypothesis
import pytest

LOADED = (
    "pytest_asyncio", "hypothesis", "sqlalchemy.ext.asyncio", "aiosqlite", "alembic.command",
    "alembic.runtime.environment", "msgspec", "aiohttp.web", "discord.ext.commands", "av",
    "babel.messages", "prometheus_client", "bot.tasks", "bot.errors", "bot.words",
)  # fmt: skip
_LOOK_EVERY_S = 0.01

HANGS_AFTER_S = 600
"""Whoever computes no more and does not end is stuck, however busy the machine is."""

WAITS_S = 30
"""Of one test, which takes a fraction of a second: by then it waits for what a wrong has undone."""

hypothesis.settings.register_profile(
    "few", max_examples=30, deadline=None, suppress_health_check=list(hypothesis.HealthCheck)
)


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives a module another source."""

    def __init__(self, name: str, file: str, source: str) -> None:
        self._name = name
        self._file = file
        self._source = source

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Find the one module."""
        if name != self._name:
            return None
        return importlib.util.spec_from_loader(name, self, origin=self._file)

    def exec_module(self, module: ModuleType) -> None:
        """Run the other source."""
        module.__file__ = self._file
        exec(compile(self._source, self._file, "exec"), module.__dict__)


def main() -> None:
    """Take orders until there are no more."""
    for name in LOADED:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as examples:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = examples
        for line in sys.stdin:
            order = json.loads(line)
            print(json.dumps(_try(order)), flush=True)


def _try(order: dict[str, object]) -> str:
    process_id = os.fork()
    if process_id == 0:
        _run(order)
    deadline = time.monotonic() + HANGS_AFTER_S
    while time.monotonic() < deadline:
        ended, status = os.waitpid(process_id, os.WNOHANG)
        if ended:
            return _end(os.waitstatus_to_exitcode(status))
        time.sleep(_LOOK_EVERY_S)
    os.killpg(process_id, signal.SIGKILL)
    os.waitpid(process_id, 0)
    return "stuck"


def _end(code: int) -> str:
    if code == -signal.SIGXCPU:
        return "endless"
    return "survived" if code == 0 else "killed"


def _run(order: dict[str, object]) -> None:
    """Run the tests in this process, and leave with their exit code."""
    os.setsid()
    seconds = int(str(order["seconds"]))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    changed = Changed(str(order["module"]), str(order["file"]), str(order["source"]))
    sys.meta_path.insert(0, changed)
    code = 1
    try:
        code = next(filter(None, map(_tests, order["tests"])), 0)  # type: ignore[call-overload]
    finally:
        os._exit(code)


def _tests(file: str) -> int:
    """Run the tests of a file, up to the first that fails; the nearest files come first."""
    return pytest.main(
        ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", f"--timeout={WAITS_S}",
         "--hypothesis-seed=1", "--hypothesis-profile=few",
         "-W", "ignore::pytest.PytestAssertRewriteWarning", file]
    )  # fmt: skip


if __name__ == "__main__":
    main()
