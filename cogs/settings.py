"""/settings: a panel to see and change what is set, and a summary in words."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.components import Components
from bot.discord_io.panel import PanelMessage
from bot.discord_io.places import actor_for, own_place, place_of, room_here
from bot.discord_io.whispers import tell
from bot.domain.access import Act, may, require
from bot.domain.describing import Line, describe, lines, name_scope
from bot.domain.effective import RoomRules
from bot.services.panels import Panels
from bot.services.rooms import Rooms
from bot.words import Sentence, join

WHAT_HAPPENS = Sentence("**What happens here**\n- {text}\n- {voice}")
WHAT_IS_SET = Sentence("**What is set, and where**")
LINE = Sentence("- {title}: {value} · {source}")

Interaction = discord.Interaction[Any]


@app_commands.allowed_contexts(guilds=True, dms=True)
class Settings(commands.GroupCog, name="settings", description="How I speak here, and to whom"):
    """The two commands; what is pressed in the panel goes to `cogs.panel`."""

    def __init__(self, rooms: Rooms, panels: Panels, components: Components) -> None:
        super().__init__()
        self._rooms = rooms
        self._panels = panels
        self._components = components

    @app_commands.command(name="panel", description="See and change what is set here")
    async def panel(self, interaction: Interaction) -> None:
        """Open the panel on this room where the member may change it, else on their own choices."""
        place = place_of(interaction, None)
        if not may(Act.CHANGE, place, actor_for(interaction, place)):
            place = own_place(interaction)
        panel = await self._panels.show(
            room_here(interaction), place, actor_for(interaction, place)
        )
        message = PanelMessage(panel, self._components, interaction.locale)
        await interaction.response.send_message(message.text(), view=message.view(), ephemeral=True)

    @app_commands.command(name="show", description="What happens to messages here, and why")
    async def show(self, interaction: Interaction) -> None:
        """Say what will happen to a text and to a voice message, and list what is set."""
        place = place_of(interaction, None)
        require(Act.LOOK, place, actor_for(interaction, place))
        rules = await self._rooms.rules(room_here(interaction), interaction.user.id)
        await tell(interaction, _summary(rules))


def _summary(rules: RoomRules) -> str:
    told = describe(rules)
    happens = WHAT_HAPPENS.format(text=told.text, voice=told.voice)
    return join("\n", (happens, WHAT_IS_SET, *(_line(rules, each) for each in lines(rules))))


def _line(rules: RoomRules, line: Line) -> str:
    source = name_scope(rules, line.scope)
    return LINE.format(title=line.setting.title, value=line.text, source=source)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its services."""
    rooms = bot.services.rooms
    await bot.add_cog(Settings(rooms, Panels(rooms), bot.components))
