"""The whole suite of tests, each of which fails where a secret of its bots gets out."""

import asyncio
import os
import re
import sys
from pathlib import Path

from soak.trial import Outcome, Size, Trial

ROOT = Path(__file__).parents[2]
SUITES = {
    Size.SHORT: ("tests/test_canaries.py", "tests/test_log.py", "tests/health"),
    Size.FULL: ("tests", "--ignore=tests/soak/test_trials.py"),
}
_COUNT = re.compile(r"\b(\d+) (passed|failed|errors?)\b")
_LEAK = re.compile(r"^(?:FAILED|ERROR) .*(?:secrets? of the bot).*$", re.MULTILINE)
_FAILURE = re.compile(r"^(?:FAILED|ERROR) .*$", re.MULTILINE)


async def run(size: Size, _seed: int) -> Outcome:
    """Run the tests; one during which a secret got out fails."""
    workers = 2 * (os.cpu_count() or 1) if size is Size.FULL else 0
    ended, said = await _run_tests(*SUITES[size], "-n", str(workers))
    return read(ended, said)


def read(ended: int, said: str) -> Outcome:
    """Tell what came of the tests from how pytest ended, and from its summary."""
    *_, last = said.strip().splitlines() or [""]
    counts = {what: int(number) for number, what in _COUNT.findall(last)}
    leaks, failures = _LEAK.findall(said), _FAILURE.findall(said)
    failed = len(failures) - len(leaks)
    others = f", {failed} failed over something else" if failed else ""
    if (ended or not counts.get("passed")) and not failures:
        failures = [f"the tests ended with {ended}: {last}"]
    return Outcome(
        f"{counts.get('passed', 0):,} tests passed{others}: {len(leaks)} found", tuple(failures)
    )


async def _run_tests(*arguments: str) -> tuple[int, str]:
    """Run them in a process of their own, which knows nothing of a run of tests around it."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "COV_", "COVERAGE_"))
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments,
        cwd=ROOT, env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode(errors="replace")


TRIAL = Trial(
    "canaries",
    "all tests run; after each, what its bots logged, at DEBUG too, printed, stored, measured and "
    "sent is searched for the secrets they run with, in several spellings",
    "0 found anywhere",
    run,
)
