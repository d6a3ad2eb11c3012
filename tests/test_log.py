import base64
import json
import logging
import sys
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from bot import log
from bot.log import LIBRARY_LEVELS, JsonFormatter, RedactingFormatter

TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789ab"
OTHER_TOKEN = "OTg3NjU0MzIxMDk4NzY1NDMy.Gzyxwv.zyxwvutsrqponmlkjihgfedcba9876543210zy"
KEY = "local/key+with=signs"
SIGNED = "ex=65d0&is=65ce&hm=0123456789abcdef0123456789abcdef"
AUDIO = base64.b64encode(bytes(range(256)) * 4).decode()


def record_of(
    message: str, *arguments: object, error: BaseException | None = None
) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("bot.x", logging.INFO, "x.py", 1, message, arguments, info)


def formatted(message: str, *arguments: object, error: BaseException | None = None) -> str:
    record = record_of(message, *arguments, error=error)
    return RedactingFormatter([TOKEN, KEY, "short"]).format(record)


def as_json(message: str, *arguments: object, error: BaseException | None = None) -> str:
    record = record_of(message, *arguments, error=error)
    return JsonFormatter([TOKEN, KEY, "short"]).format(record)


def test_a_record_is_one_line_with_time_level_and_name() -> None:
    record = logging.LogRecord("bot.x", logging.INFO, "x.py", 1, "hello %s", ("Ada",), None)
    record.created = 0
    assert RedactingFormatter([]).format(record) == "1970-01-01T00:00:00Z INFO    bot.x: hello Ada"


SECRETS = pytest.mark.parametrize(
    ("text", "canary"),
    [
        (f"token {TOKEN}", TOKEN),
        (f"key {KEY}", KEY),
        (f"https://x.example/?a={quote(KEY, safe='')}", quote(KEY, safe="")),
        (f"another token {OTHER_TOKEN}", OTHER_TOKEN),
        ("key sk-proj-abcdef0123456789", "abcdef0123456789"),
        ("{'Authorization': 'Bearer abcdef0123456789'}", "abcdef0123456789"),
        ("<CIMultiDict('Authorization': 'Bot stand-in-token')>", "stand-in-token"),
        ("authorization: abc", "abc"),
        ("sent bearer abcdefgh12345678", "abcdefgh12345678"),
        (f"https://cdn.discordapp.com/attachments/1/2/a.ogg?{SIGNED}", "0123456789abcdef"),
        (f"http://127.0.0.1:80/attachments/1/2/a.ogg?{SIGNED}", "0123456789abcdef"),
        ("POST /webhooks/123/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEy", "aW50ZXJhY3Rpb24"),
        ("POST /interactions/123/aW50ZXJhY3Rpb246MTIz/callback", "aW50ZXJhY3Rpb24"),
        (f'{{"data": "{AUDIO}"}}', AUDIO[10:60]),
    ],
)


@SECRETS
def test_secrets_signed_links_and_sound_are_hidden(text: str, canary: str) -> None:
    assert canary not in formatted("%s", text)
    assert "***" in formatted("%s", text)


@SECRETS
def test_json_hides_the_same(text: str, canary: str) -> None:
    assert canary not in as_json("%s", text)
    assert "***" in json.loads(as_json("%s", text))["message"]


def test_a_record_in_json_is_one_object_on_one_line() -> None:
    record = record_of("hello %s", "Ada\nBob \u202e\x1b é")
    record.created = 0
    line = JsonFormatter([]).format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {
        "time": "1970-01-01T00:00:00Z",
        "level": "INFO",
        "logger": "bot.x",
        "message": "hello Ada\nBob \u202e\x1b é",
    }


def test_a_traceback_in_json_is_in_the_object_and_redacted() -> None:
    with pytest.raises(ValueError, match="server said") as caught:
        raise ValueError(f"server said {KEY}")
    line = as_json("failed", error=caught.value)
    assert KEY not in line
    error = json.loads(line)["error"]
    assert error.startswith("Traceback")
    assert error.endswith("ValueError: server said ***")


def test_a_traceback_is_redacted_too() -> None:
    message = f"server said {KEY}: Bearer abcdef0123456789\n2026-01-01T forged line"
    with pytest.raises(ValueError, match="server said") as caught:
        raise ValueError(message)
    text = formatted("failed", error=caught.value)
    assert KEY not in text
    assert "abcdef0123456789" not in text
    assert "ValueError" in text
    assert all(line.startswith("    ") for line in text.split("\n")[1:])


def test_what_others_wrote_cannot_forge_a_line_or_move_the_cursor() -> None:
    text = formatted("name %s", "a\n2026-01-01T00:00:00Z ERROR bot: forged\r\x1b[2J\u202e\x85")
    assert "\n" not in text
    assert "a\\n2026" in text
    assert not set("\r\x1b\u202e\x85") & set(text)


def test_hiding_takes_time_in_proportion_to_the_text() -> None:
    begun = time.process_time()
    formatted("%s", "cdn.discordapp.com/" * 20_000)
    assert time.process_time() - begun < 5, "a pattern that looks at every rest took a minute"


def test_ordinary_text_and_ids_stay_readable() -> None:
    said = (
        "reply 1234567890123456789: 5.2 s, 812 tokens, gpt-audio-1.5, a short task, Bot connected"
    )
    assert formatted(said).endswith(said)


@pytest.fixture
def levels_restored() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in (None, *LIBRARY_LEVELS)]
    before = [(logger, logger.level) for logger in loggers]
    handlers = list(logging.getLogger().handlers)
    yield
    for logger, level in before:
        logger.setLevel(level)
    logging.getLogger().handlers[:] = handlers


@pytest.mark.usefixtures("levels_restored")
def test_libraries_stay_quiet_however_much_is_asked_for() -> None:
    log.configure("DEBUG", [])
    assert logging.getLogger("bot.services").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("discord.http").isEnabledFor(logging.DEBUG)
    assert logging.getLogger("discord.gateway").isEnabledFor(logging.INFO)
    for name in ("sqlalchemy.engine", "aiosqlite", "aiohttp.access", "alembic.runtime"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)


@pytest.mark.usefixtures("levels_restored")
def test_libraries_are_no_louder_than_the_bot() -> None:
    log.configure("ERROR", [])
    assert not logging.getLogger("discord").isEnabledFor(logging.WARNING)


@pytest.mark.usefixtures("levels_restored")
def test_configuring_twice_logs_once_and_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure("INFO", [])
    log.configure("INFO", [KEY])
    logging.getLogger("bot.x").info("the key is %s", KEY)
    assert capsys.readouterr().err.count("the key is ***\n") == 1
    assert sys.stderr is not sys.__stderr__


@pytest.mark.usefixtures("levels_restored")
def test_configuring_json_after_text_leaves_json_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure("INFO", [])
    log.configure("INFO", [KEY], as_json=True)
    logging.getLogger("bot.x").info("the key is %s", KEY)
    [line] = capsys.readouterr().err.splitlines()
    assert json.loads(line)["message"] == "the key is ***"


@pytest.mark.usefixtures("levels_restored")
def test_a_lost_connection_is_a_line_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log.configure("INFO", [])
    failure = ConnectionResetError("reset")
    logger = logging.getLogger("discord.client")
    logger.error("Attempting a reconnect in %.2fs", 1.5, exc_info=failure)
    logger.error("something else", exc_info=failure)
    errors = capsys.readouterr().err
    assert "Attempting a reconnect in 1.50s" in errors
    assert errors.count("ConnectionResetError") == 1
