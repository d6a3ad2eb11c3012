"""A place for the data of bots between both stand-ins."""

from pathlib import Path

import pytest

from tests.e2e.world import fresh


@pytest.fixture
def folder(tmp_path: Path, migrated_file: Path) -> Path:
    """Where the bot keeps its data."""
    return fresh(tmp_path / "data", migrated_file)
