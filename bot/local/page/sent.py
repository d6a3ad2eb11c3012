"""What a browser sends as a message: as Discord's own client may, and nothing of another shape."""

from typing import Any

from bot.local.discord_server.drafts import Draft, Part, read_draft
from bot.local.discord_server.errors import ApiError, invalid_form
from bot.local.discord_server.kinds import MessageFlag

_SHAPES: dict[str, tuple[type, ...]] = {
    "content": (str,),
    "nonce": (str, int),
    "message_reference": (dict,),
    "allowed_mentions": (dict,),
    "flags": (int,),
    "attachments": (list,),
}
_OF_ATTACHMENTS: dict[str, tuple[type, ...]] = {
    "id": (str, int),
    "filename": (str,),
    "description": (str,),
    "duration_secs": (int, float),
    "waveform": (str,),
}
_FLAGS = MessageFlag.VOICE | MessageFlag.SUPPRESS_NOTIFICATIONS


def read_message(payload: dict[str, Any], parts: tuple[Part, ...]) -> Draft:
    """Read a message, without what Discord takes from bots only: embeds, components, other flags.

    Raises:
        ApiError: 50035 when a field has the wrong shape.

    """
    sent = _shaped(payload, _SHAPES, "")
    attachments = sent.get("attachments", [])
    sent["attachments"] = [_attachment(each, index) for index, each in enumerate(attachments)]
    return read_draft(sent | {"flags": sent.get("flags", 0) & _FLAGS}, parts)


def _attachment(said: object, index: int) -> dict[str, Any]:
    at = f"attachments.{index}"
    if not isinstance(said, dict):
        raise _misshapen(at)
    shaped = _shaped(said, _OF_ATTACHMENTS, f"{at}.")
    if not 0 <= shaped.get("duration_secs", 0) < 2**31:
        raise _misshapen(f"{at}.duration_secs")
    return shaped


def _shaped(said: dict[str, Any], shapes: dict[str, tuple[type, ...]], at: str) -> dict[str, Any]:
    """Keep the known fields that are there, or refuse the first that is of another type."""
    kept = {name: said[name] for name in shapes if said.get(name) is not None}
    for name, value in kept.items():
        if not isinstance(value, shapes[name]) or isinstance(value, bool):
            raise _misshapen(at + name)
    return kept


def _misshapen(field: str) -> ApiError:
    return invalid_form(field, "BASE_TYPE_CONVERT", "This value has another type.")
