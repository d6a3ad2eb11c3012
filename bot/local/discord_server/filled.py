"""What a member's client sends of buttons, menus and modals: only what they offer.

Source: https://docs.discord.com/developers/components/reference
"""

from collections.abc import Mapping, Sequence

from bot.local.discord_server.components import flatten
from bot.local.discord_server.options import NotOffered, resolve_id
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.state import Message
from bot.local.discord_server.world import World

TEXT_INPUT, STRING_MENU = 4, 3
_LINK_STYLES = frozenset({5, 6})
_MENUS = {STRING_MENU: "", 5: "users", 6: "roles", 7: "mentionables", 8: "channels"}
"""Kinds of menus, with what their values name."""

Filled = str | Sequence[str]


def component_data(
    world: World, message: Message, custom_id: str, values: Sequence[str] | None = None
) -> Json:
    """Write the `data` of a pressed button, or of a choice in a menu.

    Raises:
        NotOffered: the message has no such component to use, or the menu not these choices.

    """
    for component in flatten(message.components):
        if component.get("custom_id") == custom_id and not component.get("disabled"):
            return _used(world, message, component, values)
    raise NotOffered(f"the message has no component {custom_id!r} to use")


def modal_data(modal: Json, given: Mapping[str, Filled]) -> Json:
    """Write the `data` of a modal that was filled in; what is left out stays as it came.

    Raises:
        NotOffered: the client would not have sent it like this.

    """
    inner = [row.get("component") or row["components"][0] for row in modal["components"]]
    unknown = set(given) - {each.get("custom_id") for each in inner}
    if unknown:
        raise NotOffered(f"the modal has no part {min(unknown)!r}")
    rows = []
    for row, part in zip(modal["components"], inner, strict=True):
        filled = _filled(part, given.get(part.get("custom_id", "")))
        wrapped = {"component": filled} if "component" in row else {"components": [filled]}
        rows.append({"type": row["type"], **wrapped})
    return {"custom_id": modal["custom_id"], "components": rows}


def _used(world: World, message: Message, component: Json, values: Sequence[str] | None) -> Json:
    kind = component["type"]
    data: Json = {"custom_id": component["custom_id"], "component_type": kind}
    if kind not in _MENUS:
        if values is not None or component.get("style") in _LINK_STYLES:
            raise NotOffered("this is nothing to choose in")
        return data
    chosen = _chosen(component, values or ())
    resolved: Json = {}
    if kind != STRING_MENU:
        for value in chosen:
            resolve_id(world, message.channel_id, _MENUS[kind], value, resolved)
    return data | {"values": chosen} | ({"resolved": resolved} if resolved else {})


def _chosen(menu: Json, values: Sequence[str]) -> list[str]:
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if not least <= len(values) <= most or len(set(values)) < len(values):
        raise NotOffered(f"{menu['custom_id']!r} takes {least} to {most} choices")
    offered = [option["value"] for option in menu.get("options") or ()]
    if menu["type"] == STRING_MENU and not set(values) <= set(offered):
        raise NotOffered(f"{menu['custom_id']!r} does not offer {list(values)!r}")
    return list(values)


def _filled(part: Json, given: Filled | None) -> Json:
    about: Json = {name: part[name] for name in ("type", "custom_id", "id") if name in part}
    if part["type"] != TEXT_INPUT:
        if "custom_id" not in part:
            return about
        return about | {"values": _chosen(part, _listed(part, given))}
    value = part.get("value") or "" if given is None else given
    _check_text(part, value)
    return about | {"value": value}


def _listed(part: Json, given: Filled | None) -> list[str]:
    if given is None:
        return [each["value"] for each in part.get("options") or () if each.get("default")]
    return [given] if isinstance(given, str) else list(given)


def _check_text(part: Json, value: Filled) -> None:
    if not isinstance(value, str):
        raise NotOffered(f"{part['custom_id']!r} takes text")
    if not value and part.get("required", True):
        raise NotOffered(f"{part['custom_id']!r} is required")
    least, most = part.get("min_length", 0), part.get("max_length", 4000)
    if value and not least <= len(value) <= most:
        raise NotOffered(f"{part['custom_id']!r} takes {least} to {most} characters")
