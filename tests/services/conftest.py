"""The services, fresh for each test."""

import pytest

from bot.storage.database import Database
from tests.services.world import Services, build_services


@pytest.fixture
def services(database: Database) -> Services:
    return build_services(database)
