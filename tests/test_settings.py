import logging
import os
import pickle
from itertools import pairwise
from pathlib import Path

import pytest

from bot.domain.setting_words import Transcribe
from bot.services.tools.table import NAMES
from bot.settings import Secret, Settings, SettingsError, load_env, setting_names

ROOT = Path(__file__).parents[1]
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz0123456789ab"
KEY = "sk-proj-0123456789abcdef"
LEAST = {"DISCORD_TOKEN": TOKEN, "OPENAI_API_KEY": KEY}
LOCAL = {
    "DISCORD_TOKEN": "stand-in",
    "OPENAI_BASE_URL": "http://127.0.0.1:8081",
    "DISCORD_API_URL": "http://127.0.0.1:8080/api/v10",
    "DISCORD_GATEWAY_URL": "ws://127.0.0.1:8080/gateway",
    "ATTACHMENT_HOSTS": "127.0.0.1:8080",
}


def problems_of(env: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(env)
    assert all(problem.endswith(".") for problem in caught.value.problems)
    return "\n".join(caught.value.problems)


def test_a_token_and_a_key_are_enough() -> None:
    settings = Settings.from_env(LEAST)
    assert settings.discord_token.value == TOKEN
    assert settings.servers[0].key.value == KEY
    assert settings.servers[0].base_url == "https://api.openai.com/v1"
    assert settings.model == "gpt-audio-1.5"
    assert settings.database_url == "sqlite+aiosqlite:///data/bot.db"
    assert settings.attachment_hosts == {"cdn.discordapp.com"}
    assert (settings.default_voice, settings.audio_format) == ("alloy", "mp3")
    assert (settings.discord_api_url, settings.is_local) == (None, False)
    assert settings.secrets == (TOKEN, KEY)


def test_a_stand_in_on_this_machine_needs_no_key_and_no_tls() -> None:
    settings = Settings.from_env(LOCAL)
    assert settings.is_local
    assert not settings.servers[0].key
    assert settings.secrets == ("stand-in",)
    assert settings.attachment_hosts == {"127.0.0.1:8080"}


def test_an_address_that_cannot_be_taken_apart_is_a_mistake_as_any_other() -> None:
    problems = problems_of({**LEAST, "OPENAI_BASE_URL": "http://[::1"})
    assert problems.startswith("OPENAI_BASE_URL must be an address")


def test_a_secret_in_the_wrong_setting_too_is_not_told() -> None:
    problems = problems_of({**LEAST, "TOOLS": KEY, "MAX_IN_FLIGHT": f"DISCORD_TOKEN={TOKEN}"})
    assert "it is 'DISCORD_TOKEN=***'" in problems
    assert KEY not in problems


def test_every_mistake_is_reported_at_once_and_says_how_to_mend_it() -> None:
    problems = problems_of(
        {
            "OPENAI_BASE_URL": "http://api.example",
            "DATABASE_URL": "postgres://x",
            "DEFAULT_VOICE": "bob",
            "AUDIO_FORMAT": "ogg",
            "MESSAGE_CONTENT": "maybe",
            "MAX_INPUT_SECONDS": "451",
            "HISTORY_TURNS": "many",
            "LOG_LEVEL": "LOUD",
        }
    )
    for expected in (
        "DISCORD_TOKEN is missing. It is in the developer portal",
        "OPENAI_API_KEY is missing",
        "OPENAI_BASE_URL must be an address such as https://host/path",
        "DATABASE_URL must name a file, as in sqlite+aiosqlite:///data/bot.db",
        "DEFAULT_VOICE: There is no such voice",
        "AUDIO_FORMAT must be one of wav, mp3, flac, opus, aac, pcm16; it is 'ogg'",
        "MESSAGE_CONTENT must be one of auto, on, off",
        "MAX_INPUT_SECONDS must be a whole number from 1 to 450; it is '451'",
        "HISTORY_TURNS must be a whole number",
        "LOG_LEVEL must be one of",
    ):
        assert expected in problems


@pytest.mark.parametrize(
    "pasted",
    [f" {KEY}\n", f'"{KEY}"', f"Bearer {KEY}", f"'bearer  {KEY} '", f"Authorization: Bearer {KEY}"],
)
def test_what_was_copied_along_with_a_key_is_taken_off(pasted: str) -> None:
    assert Settings.from_env(LEAST | {"OPENAI_API_KEY": pasted}).servers[0].key.value == KEY


def test_bot_in_front_of_a_token_is_taken_off() -> None:
    assert Settings.from_env(LEAST | {"DISCORD_TOKEN": f"Bot {TOKEN}"}).discord_token.value == TOKEN


@pytest.mark.parametrize("pasted", ["sk-one two", "sk-one\ntwo", "sk-\u201cone", "sk-\x07"])
def test_a_key_that_cannot_be_cleaned_is_named_but_not_shown(pasted: str) -> None:
    problems = problems_of(LEAST | {"OPENAI_API_KEY": pasted})
    assert "OPENAI_API_KEY has blanks, line ends or foreign characters" in problems
    assert pasted not in problems


def test_something_else_than_a_token_is_named_but_not_shown() -> None:
    problems = problems_of(LEAST | {"DISCORD_TOKEN": KEY})
    assert "three parts" in problems
    assert KEY not in problems


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_BASE_URL", "api.openai.com"),
        ("OPENAI_BASE_URL", "https://"),
        ("OPENAI_BASE_URL", "https://user:word@api.example"),
        ("OPENAI_BASE_URL", "https://api.example:port"),
        ("OPENAI_BASE_URL", "http://127.0.0.1.evil.example"),
        ("DISCORD_API_URL", "http://10.0.0.1/api"),
        ("DISCORD_GATEWAY_URL", "https://gateway.example"),
        ("OPENAI_MODEL", "gpt audio"),
        ("SAMPLING_ALLOWED", "temperature, logit_bias"),
        ("TOOLS", "roll_dice, delete_channel"),
        ("TRANSCRIBE", "sometimes"),
        ("PERSONA_MAX_CHARS", "4001"),
        ("DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
        ("DATABASE_URL", "sqlite+aiosqlite:///"),
        ("ATTACHMENT_HOSTS", "https://cdn.discordapp.com"),
        ("ATTACHMENT_HOSTS", "cdn.discordapp.com/path"),
        ("ATTACHMENT_HOSTS", "cdn.discordapp.com,127.0.0.1"),
        ("ATTACHMENT_HOSTS", "localhost:80"),
        ("MAX_ATTACHMENT_BYTES", "25 MB"),
        ("ATTACHMENT_HOSTS", ","),
        ("HEALTH_PORT", "65536"),
        ("HEALTH_HOST", "http://127.0.0.1"),
        ("HEALTH_HOST", ".."),
        ("SEED", "9223372036854775808"),
        ("SEED", "1e3"),
        ("STOP", '["a", ""]'),
        ("LOGIT_BIAS", '{"\u0663": 1}'),
    ],
)
def test_values_that_cannot_work_are_refused(name: str, value: str) -> None:
    assert name in problems_of(LEAST | {name: value})


def test_a_token_never_goes_to_discord_while_the_rest_goes_to_a_stand_in() -> None:
    env = {**LOCAL, "ATTACHMENT_HOSTS": ""}
    del env["DISCORD_GATEWAY_URL"]
    assert "or neither" in problems_of(env)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("DEFAULT_VOICE", " Coral", "default_voice", "coral"),
        ("DEFAULT_VOICE", "voice_1234", "default_voice", "voice_1234"),
        ("AUDIO_FORMAT", "FLAC", "audio_format", "flac"),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("LOG_FORMAT", "JSON", "log_format", "json"),
        ("HEALTH_HOST", "0.0.0.0", "health_host", "0.0.0.0"),  # noqa: S104 - a container's
        ("HEALTH_HOST", "[::1]", "health_host", "::1"),
        ("HEALTH_HOST", "localhost", "health_host", "localhost"),
        ("MAX_INPUT_SECONDS", "450", "max_input_seconds", 450),
        ("HISTORY_TURNS", "0", "history_turns", 0),
        ("SYSTEM_PROMPT", "You are a pirate.", "system_prompt", "You are a pirate."),
        ("SYSTEM_PROMPT", '"You are a pirate."', "system_prompt", "You are a pirate."),
        ("SYSTEM_PROMPT", '"Ahoy" is "hello"', "system_prompt", '"Ahoy" is "hello"'),
        ("OPENAI_MODEL", "", "model", "gpt-audio-1.5"),
        ("MODELS", "", "models", ("gpt-audio-1.5",)),
        ("MODELS", "a, b,gpt-audio-1.5", "models", ("gpt-audio-1.5", "a", "b")),
        ("SAMPLING_ALLOWED", "", "sampling_allowed", frozenset()),
        ("SAMPLING_ALLOWED", "Temperature,seed", "sampling_allowed",
         frozenset({"temperature", "seed"})),
        ("TRANSCRIBE", "", "transcribe", Transcribe.OFF),
        ("TRANSCRIBE", "Always", "transcribe", Transcribe.ALWAYS),
        ("TRANSCRIBE_MODEL", "", "transcribe_model", "gpt-transcribe"),
        ("TOOLS", "", "tools", frozenset()),
        ("TOOLS", "Roll_dice pick", "tools", frozenset({"roll_dice", "pick"})),
        ("TOOLS", "all", "tools", frozenset(NAMES)),
        ("ATTACHMENT_HOSTS", "CDN.example, b.example:8443", "attachment_hosts",
         frozenset({"cdn.example", "b.example:8443"})),
    ],
)  # fmt: skip
def test_values_are_read_with_some_tolerance(
    name: str, value: str, field: str, expected: object
) -> None:
    assert getattr(Settings.from_env(LEAST | {name: value}), field) == expected


@pytest.mark.parametrize("seed", [2**53 + 1, 2**63 - 1, -(2**63), 0])
def test_a_seed_is_taken_to_its_last_digit(seed: int) -> None:
    assert Settings.from_env(LEAST | {"SEED": str(seed)}).sampling.seed == seed


def test_what_is_not_kept_cannot_be_written_down_later() -> None:
    env = LEAST | {"TRANSCRIBE": "press", "KEEP_AUDIO_DAYS": "0"}
    with pytest.raises(SettingsError, match="KEEP_AUDIO_DAYS must be 1 or more"):
        Settings.from_env(env)
    Settings.from_env(env | {"TRANSCRIBE": "always"})


def test_no_secret_is_shown_or_pickled() -> None:
    settings = Settings.from_env(LEAST)
    assert KEY not in repr(settings)
    assert TOKEN not in str(settings)
    assert f"{settings.servers[0].key}" == "***"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(settings.servers[0].key)


def test_secrets_compare_by_value() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


# --- .env ------------------------------------------------------------------------------------


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.touch(0o600)
    return path


def test_the_environment_wins_over_the_file(env_file: Path) -> None:
    env_file.write_text("OPENAI_MODEL=from-file\nDEFAULT_VOICE=coral\n")
    env = load_env(env_file, {"OPENAI_MODEL": "from-environment"})
    assert (env["OPENAI_MODEL"], env["DEFAULT_VOICE"]) == ("from-environment", "coral")


def test_an_empty_variable_does_not_hide_the_file(env_file: Path) -> None:
    env_file.write_text("OPENAI_MODEL=from-file\nBARE\n")
    env = load_env(env_file, {"OPENAI_MODEL": " "})
    assert env == {"OPENAI_MODEL": "from-file"}


def test_dollar_signs_in_keys_stay_as_they_are(env_file: Path) -> None:
    env_file.write_text("OPENAI_API_KEY=sk-a$b${HOME}c\n")
    assert load_env(env_file, {"HOME": "/home"})["OPENAI_API_KEY"] == "sk-a$b${HOME}c"


def test_without_a_file_the_environment_is_all(tmp_path: Path) -> None:
    assert load_env(tmp_path / ".env", {"A": "1"}) == {"A": "1"}


def test_a_file_that_others_may_read_is_named(
    env_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    env_file.write_text(f"OPENAI_API_KEY={KEY}\n")
    load_env(env_file, {})
    assert not caplog.records
    env_file.chmod(0o644)
    load_env(env_file, {})
    assert "chmod 600" in caplog.text
    assert KEY not in caplog.text


def test_mistyped_names_in_the_file_are_named(
    env_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    env_file.write_text("DISCORD_TOKE=x\nopenai_api_key=y\nHOMEPAGE=z\nOPENAI_MODEL=m\n")
    with caplog.at_level(logging.WARNING):
        load_env(env_file, {"DISCORD_TOKENS": "not of the file"})
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert "is DISCORD_TOKEN meant?" in said[0]
    assert "is OPENAI_API_KEY meant?" in said[1]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", None])
def test_a_file_that_cannot_be_read_is_a_clear_mistake(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / ".env"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_env(path, os.environ)


def test_the_example_file_names_every_setting_with_a_line_of_its_own() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = [
        line.lstrip("#").partition("=")[0] for line in lines if "=" in line and " =" not in line
    ]
    named = [name for name in named if name.isupper()]
    assert sorted(named) == sorted(setting_names())
    for before, line in pairwise(lines):
        if line.lstrip("#").partition("=")[0] in named:
            assert before.startswith("# ")


def test_the_example_file_states_the_defaults(tmp_path: Path) -> None:
    example = tmp_path / ".env"
    example.write_text(
        "\n".join(
            line.removeprefix("#") if not line.startswith("# ") else line
            for line in (ROOT / ".env.example").read_text().splitlines()
        )
    )
    example.chmod(0o600)
    assert Settings.from_env(load_env(example, LEAST)) == Settings.from_env(LEAST)


def test_the_languages_of_the_voices_are_read_in_any_case() -> None:
    settings = Settings.from_env(LOCAL | {"SPEECH_LANGUAGES": "EN, pt-BR"})
    assert settings.speech_languages == {"en", "pt-br"}
    assert Settings.from_env(LOCAL).speech_languages == frozenset()
    assert "'klingon'" in problems_of(LOCAL | {"SPEECH_LANGUAGES": "klingon"})
