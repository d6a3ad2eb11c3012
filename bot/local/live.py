"""The real model in the demo: asked for, never taken."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.local.discord_server.building import TOKEN
from bot.settings import Settings, load_env

ENV_FILE = Path(".env")
_OF_THE_MODEL = ("PROVIDER", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL")
_STAND_IN = {
    "DISCORD_TOKEN": TOKEN,
    "DISCORD_API_URL": "http://127.0.0.1:1/api",
    "DISCORD_GATEWAY_URL": "ws://127.0.0.1:1/gateway",
}


def wants_live(asked: bool, env_file: Path = ENV_FILE) -> bool:
    """Tell whether the real model is wanted: by `--live`, or by a yes at the terminal.

    Nobody is asked where no key is written down, or no person sits there.
    """
    if asked or not _names_a_key(env_file):
        return asked
    sys.stdout.write(f"{env_file} holds a key: with --live the real model answers, and costs.\n")
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return input("Use the real model now? [y/N] ").strip().lower() in {"y", "yes"}


def live_settings(
    env_file: Path = ENV_FILE, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Read key, address and name of the real model, and nothing else of the owner's settings.

    Raises:
        SettingsError: one of them is missing or wrong.

    """
    env = load_env(env_file, environment)
    return Settings.from_env(
        _STAND_IN | {name: env[name] for name in _OF_THE_MODEL if env.get(name)}
    )


def _names_a_key(env_file: Path) -> bool:
    """Look whether there is a key, without reading which."""
    try:
        lines = env_file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    bare = (line.strip().removeprefix("export ") for line in lines)
    parts = (line.partition("=") for line in bare)
    return any(name.strip() == "OPENAI_API_KEY" and value.strip("\"' ") for name, _, value in parts)
