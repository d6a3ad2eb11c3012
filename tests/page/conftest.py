"""One browser for all tests of a process; everything else is each test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.world import fresh
from tests.page.browser import Complaints, chromium, visit, why_not
from tests.page.spoken import spoken_wav
from tests.page.visitor import DESKTOP, Visitor, arrive
from tests.page.world import Demo, demonstrated

_HERE = Path(__file__).parent
SHOWN_MS = 20_000
"""A busy machine shows everything late; what is shown ends the wait at once."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A browser is bound to the event loop that started it: all tests here share that loop."""
    ours = [item for item in items if _HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    if ours and (reason := why_not()):
        _skip_as_one(config, items, ours, reason)


def _skip_as_one(
    config: pytest.Config, items: list[pytest.Item], ours: list[pytest.Item], reason: str
) -> None:
    """Leave one test to be skipped for all of them: one line in the summary instead of many."""
    first, *others = ours
    first.add_marker(pytest.mark.skip(f"with all {len(ours)} tests of the page: {reason}"))
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    microphone = tmp_path_factory.mktemp("microphone") / "spoken.wav"
    microphone.write_bytes(spoken_wav())
    expect.set_options(timeout=SHOWN_MS)
    async with chromium(microphone) as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def complaints() -> AsyncIterator[Complaints]:
    """What the browser complains of; a test fails on any it does not expect."""
    complaints = Complaints()
    yield complaints
    assert complaints.unexpected == []


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Path:
    """Where the bot keeps its data."""
    return fresh(tmp_path / "data", migrated_file)


@pytest_asyncio.fixture(loop_scope="session")
async def demo(folder: Path) -> AsyncIterator[Demo]:
    async with demonstrated(folder) as demo:
        yield demo


@pytest_asyncio.fixture(loop_scope="session")
async def you(browser: Browser, complaints: Complaints, demo: Demo) -> AsyncIterator[Visitor]:
    """Alice, who has just opened the page."""
    async with visit(browser, complaints, viewport=DESKTOP) as context:
        yield await arrive(context, demo)
