"""Publishing commands to Discord, which counts how often that is done."""

import logging
from typing import Any, Protocol

import discord
from discord import app_commands

from bot.discord_io.network import CALL_ERRORS

log = logging.getLogger(__name__)

Definition = list[dict[str, Any]]


class Published(Protocol):
    """The memory of what Discord has from us already."""

    async def is_published(self, application_id: int, definition: Definition) -> bool:
        """Tell whether Discord has exactly this definition from us."""
        ...

    async def note_published(self, application_id: int, definition: Definition) -> None:
        """Note that Discord took this definition."""
        ...


async def publish(tree: app_commands.CommandTree[Any], published: Published) -> None:
    """Publish the global commands where they changed; else those of last time stay in use."""
    application_id = tree.client.application_id
    if application_id is None:
        return
    definition = await definition_of(tree)
    if await published.is_published(application_id, definition):
        return
    try:
        await tree.sync()
    except discord.HTTPException as error:
        log.warning("commands not published: status %s, code %s", error.status, error.code)
    except CALL_ERRORS as error:
        log.warning("commands not published: %s", type(error).__name__)
    else:
        log.info("published %s commands", len(definition))
        await published.note_published(application_id, definition)


async def definition_of(tree: app_commands.CommandTree[Any]) -> Definition:
    """Write all global commands with their translations, as `sync` sends them."""
    commands, translator = tree.get_commands(), tree.translator
    if translator is None:
        return [command.to_dict(tree) for command in commands]
    return [await command.get_translated_payload(tree, translator) for command in commands]
