"""The watch over the bot's secrets sees what gets out; each way is tried on one of its own."""

import base64
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.health.metrics import Metrics
from bot.local.chat_server import ChatServer
from bot.local.chat_server.server import KEY, Seen
from bot.local.discord_server.building import TOKEN
from bot.local.discord_server.server import DiscordServer
from soak.canaries import sung
from tests.canaries import Watch


@pytest.fixture
def own() -> Watch:
    return Watch()


def told(watch: Watch, logger: str, message: str, *arguments: object) -> None:
    watch.emit(logging.LogRecord(logger, logging.DEBUG, "", 0, message, arguments, None))


@pytest.mark.parametrize("secret", [TOKEN, KEY])
def test_what_we_log_ourselves_holds_no_secret_even_before_it_is_hidden(
    own: Watch, secret: str
) -> None:
    told(own, "bot.services.x", "with %s", secret)
    assert own.look_behind(None) == ["bot.services.x was given one to log"]
    assert own.look_behind(None) == []


def test_of_what_libraries_log_only_what_is_hidden_is_let_pass(own: Watch) -> None:
    told(own, "discord.http", "with %s", TOKEN)
    assert own.look_behind(None) == []
    told(own, "discord.http", "with %s", base64.b64encode(TOKEN.encode()).decode())
    assert own.look_behind(None) == ["discord.http logged one"]


def test_a_debug_line_that_nobody_asked_for_is_looked_at(watch: Watch) -> None:
    logging.getLogger("bot.quiet").debug("with %s", KEY)
    assert not logging.getLogger("bot.quiet").isEnabledFor(logging.DEBUG)
    assert watch.look_behind(None) == ["bot.quiet was given one to log"]


def test_a_traceback_is_looked_at(watch: Watch) -> None:
    try:
        int(TOKEN)
    except ValueError:
        logging.getLogger("bot.quiet").debug("failed", exc_info=True)
    assert watch.look_behind(None) == ["bot.quiet was given one to log"]


def test_files_are_looked_at_but_for_the_one_for_secrets(own: Watch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(TOKEN)
    assert own.look_behind(tmp_path) == []
    file = tmp_path / "bot.db-wal"
    file.write_bytes(b"\0" + KEY.encode() + b"\0")
    assert own.look_behind(tmp_path) == ["bot.db-wal holds one"]
    file.unlink()


def test_figures_are_looked_at(own: Watch) -> None:
    figures = Metrics()
    leak = figures.gauge("leak", "A leak.", "of")
    leak.labels(KEY).set(1)
    own.made.append(figures)
    assert own.look_behind(None) == ["/metrics shows one"]
    leak.clear()


def test_what_goes_to_discord_and_the_model_is_looked_at(own: Watch) -> None:
    discord, chat = DiscordServer(), ChatServer()
    call = SimpleNamespace(method="POST", path="/x", payload={"content": KEY}, parts=())
    discord.traffic.calls.append(call)  # type: ignore[arg-type]
    chat.seen.append(Seen("POST", "/v1", {}, TOKEN.encode()))
    own.made += [discord, chat]
    assert own.look_behind(None) == ["Discord was sent one: POST /x", "the model was sent one: /v1"]
    discord.traffic.calls.clear()
    chat.seen.clear()


def test_every_bot_and_stand_in_of_a_test_is_known(watch: Watch) -> None:
    made = [DiscordServer(), ChatServer(), Metrics()]
    assert watch.made[-3:] == made


def test_forms_of_a_secret_are_known() -> None:
    assert sung(f"Bot {TOKEN}")
    assert not sung("Bot ***")
