"""Reading single fields of requests."""

from collections.abc import Mapping
from typing import Any

from bot.local.discord_server.errors import ApiError, invalid_form


def read_id(values: Mapping[str, Any], name: str, field: str | None = None) -> int:
    """Read a snowflake, written as a string or a number.

    Raises:
        ApiError: 50035 when it is missing or no number.

    """
    value = values.get(name)
    try:
        return int(str(value))
    except ValueError:
        raise _no_snowflake(field or name, value) from None


def read_ids(values: object, field: str) -> frozenset[int]:
    """Read a list of snowflakes; None is an empty one."""
    if not isinstance(values, list | tuple | None):
        raise invalid_form(field, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    return frozenset(read_id({"id": value}, "id", field) for value in values or ())


def read_int(values: Mapping[str, Any], name: str, default: int, least: int, most: int) -> int:
    """Read a whole number within bounds, from JSON or from a query."""
    try:
        number = int(values.get(name, default))
    except (TypeError, ValueError):
        raise invalid_form(name, "NUMBER_TYPE_COERCE", "Value is not int.") from None
    if not least <= number <= most:
        raise invalid_form(name, "NUMBER_TYPE_RANGE", f"Must be between {least} and {most}.")
    return number


def _no_snowflake(field: str, value: object) -> ApiError:
    return invalid_form(field, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
