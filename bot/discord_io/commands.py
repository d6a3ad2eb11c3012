"""The commands of a tree as they are sent to Discord."""

from typing import Any

from discord import app_commands


async def definition_of(tree: app_commands.CommandTree[Any]) -> list[dict[str, Any]]:
    """Write all global commands with their translations, as `sync` would send them."""
    commands, translator = tree.get_commands(), tree.translator
    if translator is None:
        return [command.to_dict(tree) for command in commands]
    return [await command.get_translated_payload(tree, translator) for command in commands]
