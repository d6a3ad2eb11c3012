"""What application commands must look like to be registered.

Source: https://docs.discord.com/developers/interactions/application-commands
"""

import re
from collections import Counter
from typing import Any

from bot.local.discord_server.errors import bad_length, invalid_form, too_long

MOST_BY_TYPE = {1: 100, 2: 15, 3: 15}
"""Chat input, user and message commands, each globally and per server."""

SUBCOMMAND, SUBCOMMAND_GROUP = 1, 2
_OPTION_TYPES = range(1, 12)
_WITH_CHOICES = frozenset({3, 4, 10})
_CHARACTERS = 8000
_NAME = re.compile(r"[-_'\w]{1,32}")

Json = dict[str, Any]


def check_commands(commands: object, *, is_global: bool) -> None:
    """Refuse with 50035 a list of commands that Discord refuses."""
    if not isinstance(commands, list) or not all(isinstance(each, dict) for each in commands):
        raise invalid_form("_", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    kinds = Counter(command.get("type") or 1 for command in commands)
    for kind, count in kinds.items():
        if count > MOST_BY_TYPE.get(kind, 0):
            raise invalid_form(
                "_", "APPLICATION_COMMAND_TOO_MANY", "Maximum number of commands reached."
            )
    names = Counter((command.get("type") or 1, command.get("name")) for command in commands)
    if names and max(names.values()) > 1:
        raise invalid_form(
            "_", "APPLICATION_COMMANDS_DUPLICATE_NAME",
            "Application command names must be unique",
        )  # fmt: skip
    for index, command in enumerate(commands):
        _check_command(command, str(index), is_global=is_global)


def _check_command(command: Json, at: str, *, is_global: bool) -> None:
    if (command.get("type") or 1) == 1:
        _check_words(command, at)
    else:
        _check_length(command.get("name"), f"{at}.name", 32)
        for locale, name in _translated(command, "name"):
            _check_length(name, f"{at}.name_localizations.{locale}", 32)
        if command.get("description") or command.get("options"):
            raise invalid_form(
                f"{at}.description", "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_CANNOT_BE_SET",
                "Context menu commands cannot have description or options.",
            )  # fmt: skip
    if not is_global and (command.get("contexts") or command.get("integration_types")):
        raise invalid_form(
            f"{at}.contexts", "APPLICATION_COMMAND_GUILD_CONTEXTS", "Only for global commands."
        )
    _check_options(command.get("options") or [], f"{at}.options", depth=0)
    if _count_characters(command) > _CHARACTERS:
        raise invalid_form(at, "APPLICATION_COMMAND_TOO_LARGE", "Command exceeds maximum size.")


def _check_options(options: list[Json], at: str, depth: int) -> None:
    if len(options) > 25:
        raise too_long(at, 25)
    names = [option.get("name") for option in options]
    if len(set(names)) < len(names):
        raise invalid_form(
            at, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option names must be unique."
        )
    required = [bool(option.get("required")) for option in options]
    if sorted(required, reverse=True) != required:
        raise invalid_form(
            at, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
            "Required options must be placed before non-required options",
        )  # fmt: skip
    nested = {option.get("type") in {SUBCOMMAND, SUBCOMMAND_GROUP} for option in options}
    if len(nested) > 1:
        raise invalid_form(
            at, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
            "Sub-command and sub-command group option types are mutually exclusive to all other "
            "types",
        )  # fmt: skip
    for index, option in enumerate(options):
        _check_option(option, f"{at}.{index}", depth)


def _check_option(option: Json, at: str, depth: int) -> None:
    kind = option.get("type")
    if not isinstance(kind, int) or kind not in _OPTION_TYPES or _is_too_deep(kind, depth):
        raise invalid_form(f"{at}.type", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Bad type.")
    _check_words(option, at)
    _check_choices(option, at)
    _check_options(option.get("options") or [], f"{at}.options", depth + 1)


def _is_too_deep(kind: int, depth: int) -> bool:
    return (kind == SUBCOMMAND_GROUP and depth > 0) or (kind == SUBCOMMAND and depth > 1)


def _check_choices(option: Json, at: str) -> None:
    choices = option.get("choices") or []
    if len(choices) > 25:
        raise too_long(f"{at}.choices", 25)
    if choices and (option.get("autocomplete") or option["type"] not in _WITH_CHOICES):
        raise invalid_form(
            f"{at}.choices", "APPLICATION_COMMAND_AUTOCOMPLETE_NOT_ALLOWED",
            "Choices exclude autocomplete and need text or numbers.",
        )  # fmt: skip
    for index, choice in enumerate(choices):
        _check_length(choice.get("name"), f"{at}.choices.{index}.name", 100)
        for locale, name in _translated(choice, "name"):
            _check_length(name, f"{at}.choices.{index}.name_localizations.{locale}", 100)
        if isinstance(choice.get("value"), str):
            _check_length(choice["value"], f"{at}.choices.{index}.value", 100)


def _check_words(node: Json, at: str) -> None:
    """Hold a command's or option's name and description, in all languages, against the rules."""
    _check_name(node.get("name"), f"{at}.name")
    for locale, name in _translated(node, "name"):
        _check_name(name, f"{at}.name_localizations.{locale}")
    _check_length(node.get("description"), f"{at}.description", 100)
    for locale, description in _translated(node, "description"):
        _check_length(description, f"{at}.description_localizations.{locale}", 100)


def _translated(node: Json, key: str) -> list[tuple[str, object]]:
    return list((node.get(f"{key}_localizations") or {}).items())


def _check_name(name: object, at: str) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name != name.lower():
        raise invalid_form(
            at, "APPLICATION_COMMAND_INVALID_NAME",
            "Command name is invalid. Names must be all lower case, using word characters, - or '",
        )  # fmt: skip


def _check_length(text: object, at: str, most: int) -> None:
    if not isinstance(text, str) or not 1 <= len(text) <= most:
        raise bad_length(at, 1, most)


def _count_characters(node: Json) -> int:
    """Count as Discord does: of all translations only the longest."""
    own = _longest(node, "name") + _longest(node, "description")
    own += sum(
        len(choice["name"]) + len(str(choice["value"])) for choice in node.get("choices") or ()
    )
    return own + sum(_count_characters(option) for option in node.get("options") or ())


def _longest(node: Json, key: str) -> int:
    texts = [node.get(key) or "", *(text for _, text in _translated(node, key))]
    return max(len(str(text)) for text in texts)
