"""Configuration: read once from the environment and `.env`, every mistake reported at once."""

from bot.settings.env_file import load_env
from bot.settings.reader import Secret, SettingsError
from bot.settings.servers import ModelServer
from bot.settings.settings import Settings, setting_names

__all__ = ["ModelServer", "Secret", "Settings", "SettingsError", "load_env", "setting_names"]
