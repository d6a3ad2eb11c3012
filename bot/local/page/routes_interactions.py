"""Commands, buttons, menus and modals."""

import asyncio
from typing import Any

from bot.local.discord_server import interactions, invocations
from bot.local.discord_server.interactions import ANSWER_WITHIN
from bot.local.discord_server.kinds import InteractionType
from bot.local.discord_server.state import Interaction
from bot.local.discord_server.world import World
from bot.local.page.api import Call, Reply, Route
from bot.local.page.used import read_use

LOOK_EVERY_S = 0.25


def routes() -> list[Route]:
    """List them."""
    return [
        Route("GET", "/channels/{channel}/commands", list_commands),
        Route("POST", "/interactions", use),
    ]


async def list_commands(call: Call) -> Reply:
    """List the commands that are offered there."""
    return Reply(invocations.offered(call.world, call.me, call.channel))


async def use(call: Call) -> Reply:
    """Tell the bot what was used; suggestions are waited for."""
    used = read_use(call)
    begun = interactions.begin(
        call.world, used.kind, call.me, used.channel, used.data, used.message_id
    )
    invocations.send(call.world, begun)
    if used.kind is not InteractionType.AUTOCOMPLETE:
        return Reply({"id": str(begun.id)}, 201)
    return Reply({"id": str(begun.id), "choices": await _choices(call.world, begun)})


async def tell_failures(world: World) -> None:
    """Tell members again and again what was not answered in time, until cancelled."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        interactions.fail_overdue(world)


async def _choices(world: World, asked: Interaction) -> list[dict[str, Any]]:
    try:
        await world.changes.until(lambda: asked.choices is not None, ANSWER_WITHIN.total_seconds())
    except TimeoutError:
        return []
    return asked.choices or []
