"""Buttons, menus and their rows: what is taken, and how it is kept.

Source: https://docs.discord.com/developers/components/reference
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from bot.local.discord_server.errors import bad_length, invalid_form, too_long

ROW, BUTTON = 1, 2


def check_components(components: Iterable[dict[str, Any]]) -> None:
    """Refuse too many rows or buttons, and custom ids that are missing, too long or doubled."""
    rows = list(components)
    if len(rows) > 40 or (len(rows) > 5 and all(row.get("type") == ROW for row in rows)):
        raise bad_length("components", 1, 5)
    seen: set[str] = set()
    for index, row in enumerate(rows):
        if row.get("type") == ROW and not 1 <= len(row.get("components") or ()) <= 5:
            raise bad_length(f"components.{index}.components", 1, 5)
    for part in flatten(rows):
        _check_part(part, seen)


def flatten(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Walk over components and those within them."""
    for component in components:
        yield component
        yield from flatten(component.get("components") or ())
        if accessory := component.get("accessory"):
            yield accessory


def numbered(components: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every component that has none an id of its own, counted through the message."""
    ids = itertools.count(1)
    return [_numbered(component, ids) for component in components]


def _numbered(component: dict[str, Any], ids: Iterator[int]) -> dict[str, Any]:
    copied = {**component, "id": component.get("id") or next(ids)}
    if emoji := copied.get("emoji"):
        copied["emoji"] = {name: value for name, value in emoji.items() if value is not None}
    if "components" in copied:
        copied["components"] = [_numbered(inner, ids) for inner in copied["components"]]
    if "accessory" in copied:
        copied["accessory"] = _numbered(copied["accessory"], ids)
    if "default_values" in copied:  # ids are taken as numbers, and given as text
        copied["default_values"] = [
            {**each, "id": str(each["id"])} for each in copied["default_values"]
        ]
    return copied


def _check_part(part: dict[str, Any], seen: set[str]) -> None:
    if part.get("type") == BUTTON:
        _check_button(part)
    custom_id = part.get("custom_id")
    if custom_id is None:
        return
    if not 1 <= len(custom_id) <= 100:
        raise bad_length("components.custom_id", 1, 100)
    if custom_id in seen:
        raise invalid_form(
            "components", "COMPONENT_CUSTOM_ID_DUPLICATED",
            "Component custom id cannot be duplicated",
        )  # fmt: skip
    seen.add(custom_id)


def _check_button(button: dict[str, Any]) -> None:
    if button.get("style") not in range(1, 7):
        raise invalid_form("components.style", "BASE_TYPE_CHOICES", "Not a button style.")
    if len(button.get("label") or "") > 80:
        raise too_long("components.label", 80)
