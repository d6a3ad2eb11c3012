"""The bot between both stand-ins, one for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from discord.ext import commands

from tests.e2e.world import Talk, fresh, talking


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Path:
    """Where the bot keeps its data."""
    return fresh(tmp_path / "data", migrated_file)


@pytest_asyncio.fixture
async def talk(folder: Path) -> AsyncIterator[Talk]:
    async with talking(folder) as talk:
        yield talk


@pytest.fixture
def sessions_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin each new session at once: the library waits for five seconds."""

    async def at_once(*_: object, **__: object) -> None:
        """Wait for nothing: the stand-in minds no new sessions."""

    monkeypatch.setattr(commands.Bot, "before_identify_hook", at_once)
