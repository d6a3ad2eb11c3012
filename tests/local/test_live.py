"""The real model in the demo: asked for, never taken."""

import io
from pathlib import Path

import pytest

from bot.local.live import live_settings, wants_live
from bot.settings import SettingsError


def env(tmp_path: Path, text: str) -> Path:
    path = tmp_path / ".env"
    path.write_text(text)
    path.chmod(0o600)
    return path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stdout", Terminal())


@pytest.mark.parametrize(
    ("typed", "live"), [("y\n", True), ("Yes\n", True), ("\n", False), ("n\n", False)]
)
def test_a_person_at_a_terminal_is_asked_when_there_is_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, live: bool
) -> None:
    at_a_terminal(monkeypatch, typed)
    assert wants_live(False, env(tmp_path, "export OPENAI_API_KEY='sk-x'\n")) is live


@pytest.mark.parametrize("text", ["", "OPENAI_API_KEY=\n", "# OPENAI_API_KEY=sk\n", "OTHER=1\n"])
def test_nobody_is_asked_where_there_is_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    at_a_terminal(monkeypatch, "y\n")
    assert wants_live(False, env(tmp_path, text)) is False
    assert wants_live(False, tmp_path / "missing") is False


def test_without_a_terminal_it_stays_offline_and_says_how_to_change_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = env(tmp_path, "OPENAI_API_KEY=sk-secret\n")
    assert wants_live(False, path) is False
    said = capsys.readouterr().out
    assert "--live" in said
    assert "sk-secret" not in said
    assert wants_live(True, path) is True


def test_only_the_model_is_taken_from_the_owners_settings(tmp_path: Path) -> None:
    path = env(
        tmp_path,
        "OPENAI_API_KEY=sk-secret\nOPENAI_MODEL=gpt-audio-mini\nDISCORD_TOKEN=a.b.c\n"
        "DATABASE_URL=sqlite+aiosqlite:///data/own.db\n",
    )
    settings = live_settings(path, {})
    assert (settings.servers[0].key.value, settings.model) == ("sk-secret", "gpt-audio-mini")
    assert settings.servers[0].base_url == "https://api.openai.com/v1"
    assert settings.discord_token.value != "a.b.c"
    assert "own.db" not in settings.database_url


def test_live_without_a_key_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        live_settings(tmp_path / "missing", {})
