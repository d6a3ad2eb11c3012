"""What tests of several floors share."""

import asyncio
import functools
import gc
import inspect
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio

from bot import loops
from bot.storage.database import Database, migrate, open_database
from soak.canaries import sung
from tests.canaries import Watch, set_watch

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run tests on the event loop that the bot runs on."""
    return {"the bot's": loops.new_event_loop}


_ONCE = ("page", "local", "soak")
"""Folders of what is the same on every Python."""

_EVERYWHERE = ("test_conversation", "test_process", "test_start", "test_talking")
"""Of the tests of the whole bot, those that run on every Python."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what only the newest Python runs, folder by folder."""
    here = Path(__file__).parent
    for item in items:
        folder, *rest = item.path.relative_to(here).parts
        if folder in _ONCE or (folder == "e2e" and Path(*rest).stem not in _EVERYWHERE):
            item.add_marker("once")


def pytest_collection_finish() -> None:
    """Let garbage collections pass over what was loaded for good: a tenth of all time is theirs."""
    gc.collect()
    gc.freeze()


def _limited(
    test: Callable[..., Awaitable[None]], seconds: float
) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def run(*args: object, **kwargs: object) -> None:
        async with asyncio.timeout(seconds):
            await test(*args, **kwargs)

    return run


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a test that waits for ever fail where it waits, shortly before its worker is ended."""
    if not isinstance(item, pytest.Function) or not inspect.iscoroutinefunction(item.obj):
        return
    mark, option = item.get_closest_marker("timeout"), item.config.getoption("timeout")
    marked = (*mark.args, mark.kwargs.get("timeout"))[0] if mark else None
    seconds = next(
        each for each in (marked, option, item.config.getini("timeout"), 0) if each is not None
    )
    if float(seconds):
        item.obj = _limited(item.obj, 0.9 * float(seconds))


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch]:
    """Looks for the secrets of the tests' bots where they must not be."""
    with pytest.MonkeyPatch.context() as patch:
        yield set_watch(patch)


@pytest.fixture(autouse=True)
def _no_secret_escapes(watch: Watch, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    folder = request.node.funcargs.get("tmp_path")
    escaped = watch.look_behind(folder if isinstance(folder, Path) else None)
    assert not escaped, f"secrets of the bot got out: {escaped}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that printed a secret."""
    report = yield
    printed = [text for name, text in report.sections if name.startswith("Captured std")]
    if any(map(sung, printed)):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} printed a secret of the bot"
    return report


def url_of(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database as the migrations make it; copy it, never open it."""
    path = tmp_path_factory.mktemp("migrated") / "bot.db"
    migrate(url_of(path))
    return path


@pytest.fixture
def database_file(migrated_file: Path, tmp_path: Path) -> Path:
    """An empty database of the test's own."""
    return Path(shutil.copy(migrated_file, tmp_path / "bot.db"))


@pytest_asyncio.fixture
async def database(database_file: Path) -> AsyncIterator[Database]:
    """The test's own database, open."""
    async with open_database(url_of(database_file)) as database:
        yield database
