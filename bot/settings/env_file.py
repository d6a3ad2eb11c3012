"""The `.env` file: secrets and choices of the owner, beside the environment."""

import difflib
import logging
import os
import stat
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from bot.settings.reader import SettingsError
from bot.settings.servers import names_of_servers
from bot.settings.settings import setting_names

log = logging.getLogger(__name__)


def load_env(path: Path, environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Put an `.env` file under the environment, which wins where it says anything.

    Names in the file that look like a mistyped setting are logged, and so is a file that other
    users of the machine can read.

    Raises:
        SettingsError: the file is there but cannot be read.

    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            mode = os.fstat(file.fileno()).st_mode
            # Interpolation would change keys that hold a `$`.
            values = dotenv_values(stream=file, interpolate=False)
    except FileNotFoundError:
        return dict(environment)
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"{path} cannot be read: it must be a file in UTF-8 that this user may read."
        ) from None
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        log.warning("%s can be read by other users of this machine: chmod 600 %s", path, path)
    in_file = {name: value for name, value in values.items() if value is not None}
    _name_typos(path, in_file)
    return in_file | {n: v for n, v in environment.items() if v.strip() or n not in in_file}


def _name_typos(path: Path, names: Mapping[str, str]) -> None:
    known = (*setting_names(), *names_of_servers())
    for name in names:
        if name not in known and (near := difflib.get_close_matches(name.upper(), known, 1, 0.8)):
            log.warning("%s in %s is no setting; is %s meant?", name, path, near[0])
