"""The key goes to the server that its owner named, and nobody else can name one."""

import re

import pytest

from bot.app.rules import owner_of
from bot.chat_api.server import Server
from bot.domain.room_settings import SETTINGS
from bot.domain.setting_limits import parse_setting
from bot.errors import Refused
from bot.settings import Settings, SettingsError

LEAST = {"DISCORD_TOKEN": "a.b.c", "OPENAI_API_KEY": "sk-owner-0123456789"}
ADDRESSES = [
    "https://evil.example/v1", "evil.example", "http://127.0.0.1:1/v1", "@evil.example",
    "gpt-audio@https://evil.example", "../../models/x", "?base_url=https://evil.example",
]  # fmt: skip


@pytest.mark.parametrize("typed", ADDRESSES)
def test_no_setting_of_a_room_takes_an_address(typed: str) -> None:
    owner = owner_of(Settings.from_env({**LEAST, "MODELS": "gpt-audio-mini"}))
    for setting in SETTINGS:
        with pytest.raises(Refused):
            parse_setting(setting, typed, owner, ())


def test_no_setting_of_a_room_is_about_servers_or_keys() -> None:
    assert not [s.name for s in SETTINGS if re.search("url|key|server|provider|token$", s.name)]


def test_a_key_is_never_sent_in_the_open_but_to_this_machine() -> None:
    with pytest.raises(SettingsError, match="OPENAI_BASE_URL must be an address"):
        Settings.from_env({**LEAST, "OPENAI_BASE_URL": "http://api.example/v1"})


def test_a_key_shows_nowhere_but_in_its_header() -> None:
    server = Server(base_url="https://api.example/v1", secret="sk-owner-0123456789")
    assert "sk-owner" not in repr(server) + repr(server.key) + repr(server.target("m", None))
    assert server.key.headers == {"Authorization": "Bearer sk-owner-0123456789"}
