"""The bot between both stand-ins, one for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e.world import Talk, fresh, talking


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Path:
    """Where the bot keeps its data."""
    return fresh(tmp_path / "data", migrated_file)


@pytest_asyncio.fixture
async def talk(folder: Path) -> AsyncIterator[Talk]:
    async with talking(folder) as talk:
        yield talk
