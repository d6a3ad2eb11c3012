"""What the bot may answer with besides messages: suggestions and modals."""

from typing import Any

from bot.local.discord_server.errors import bad_length, too_long


def read_choices(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Read suggestions: 25 at most, each with a name."""
    choices: list[dict[str, Any]] = data.get("choices") or []
    if len(choices) > 25:
        raise too_long("data.choices", 25)
    for index, choice in enumerate(choices):
        if not 1 <= len(choice.get("name") or "") <= 100:
            raise bad_length(f"data.choices.{index}.name", 1, 100)
    return choices


def read_modal(data: dict[str, Any]) -> dict[str, Any]:
    """Read a modal: it has a title, an id, and 1 to 5 parts."""
    if not 1 <= len(data.get("title") or "") <= 45:
        raise bad_length("data.title", 1, 45)
    if not 1 <= len(data.get("custom_id") or "") <= 100:
        raise bad_length("data.custom_id", 1, 100)
    if not 1 <= len(data.get("components") or ()) <= 5:
        raise bad_length("data.components", 1, 5)
    return data
