"""What is pressed, chosen and typed in the panel of `/settings`."""

from typing import Any

import discord
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io import panel as parts
from bot.discord_io.components import Components, Press, chosen, filled
from bot.discord_io.panel import PanelMessage, read_about, read_place
from bot.discord_io.places import actor_for, place_here, room_here
from bot.domain.panel import MANY, ROLE_LISTS, Panel
from bot.domain.room_settings import setting_named
from bot.domain.rooms import Place
from bot.errors import Refused
from bot.services.panels import Panels
from bot.services.rooms import Outcome, Rooms
from bot.words import Sentence

AGAIN = Sentence("use `/settings panel`")
SET = Sentence("{title} is now: {value}.")
RESET = Sentence("{title} is no longer set there.")
AS_BEFORE = Sentence("{title} was like that before.")
UNDONE = Sentence("Undone: {title} is {value} again.")
UNDONE_TO_NOTHING = Sentence("Undone: {title} is not set there, as before.")
UNKNOWN_ROLE = Sentence("That is no role of this server.")

Interaction = discord.Interaction[Any]


class SettingsPanel(commands.Cog):
    """Does what the panel's components are for.

    What was shown before decides nothing: what the member may do is asked anew at each press.
    """

    def __init__(self, rooms: Rooms, panels: Panels, components: Components) -> None:
        self._rooms = rooms
        self._panels = panels
        self._components = components

    async def cog_load(self) -> None:
        """Take on what the components do."""
        for action, do in (
            (parts.PLACE, self.choose_place),
            (parts.PAGES, self.turn_page),
            (parts.CHOOSE, self.look_at),
            (parts.SET, self.set_chosen),
            (parts.TYPE, self.ask),
            (parts.TYPED, self.set_typed),
            (parts.TAKE_BACK, self.reset),
            (parts.UNDO_CHANGE, self.undo),
        ):
            self._components.route(action, do, again=AGAIN)

    async def choose_place(self, interaction: Interaction, _press: Press) -> None:
        """Show the settings of another place."""
        places = room_here(interaction).places(interaction.user.id)
        await self._show(interaction, read_place(chosen(interaction), places))

    async def turn_page(self, interaction: Interaction, press: Press) -> None:
        """Show other settings of the same place."""
        place, (page,) = _read(interaction, press)
        await self._show(interaction, place, page=int(page))

    async def look_at(self, interaction: Interaction, press: Press) -> None:
        """Show what one setting may be set to."""
        place, _ = _read(interaction, press)
        await self._show(interaction, place, name=" ".join(chosen(interaction)))

    async def set_chosen(self, interaction: Interaction, press: Press) -> None:
        """Set what was chosen; where several values are held, none gives the setting back."""
        place, (name,) = _read(interaction, press)
        values = chosen(interaction)
        if setting_named(name) in MANY and not values:
            await self._reset(interaction, place, name)
            return
        _require_roles(interaction, name, values)
        await self._set(interaction, place, name, " ".join(values))

    async def ask(self, interaction: Interaction, press: Press) -> None:
        """Ask for a value in words."""
        place, (name,) = _read(interaction, press)
        panel = await self._look(interaction, place, name=name)
        if panel.chosen is not None and panel.chosen.lock is not None:
            raise Refused("setting_locked", panel.chosen.lock)
        await interaction.response.send_modal(
            PanelMessage(panel, self._components, interaction.locale).modal()
        )

    async def set_typed(self, interaction: Interaction, press: Press) -> None:
        """Set what was typed."""
        place, (name,) = _read(interaction, press)
        await self._set(interaction, place, name, filled(interaction).get(parts.INPUT, ""))

    async def reset(self, interaction: Interaction, press: Press) -> None:
        """Give a setting back to what it inherits."""
        place, (name,) = _read(interaction, press)
        await self._reset(interaction, place, name)

    async def undo(self, interaction: Interaction, press: Press) -> None:
        """Take back the change that the button named."""
        place, (change_id,) = _read(interaction, press)
        undone = await self._rooms.undo(place, actor_for(interaction, place), int(change_id, 16))
        words = UNDONE if undone.shown is not None else UNDONE_TO_NOTHING
        await self._tell(interaction, place, undone, words)

    async def _set(self, interaction: Interaction, place: Place, name: str, typed: str) -> None:
        actor, room = actor_for(interaction, place), room_here(interaction)
        outcome = await self._panels.set(room, place, name, typed, actor)
        await self._tell(interaction, place, outcome, SET if outcome.change else AS_BEFORE)

    async def _reset(self, interaction: Interaction, place: Place, name: str) -> None:
        outcome = await self._rooms.reset(place, name, actor_for(interaction, place))
        await self._tell(interaction, place, outcome, RESET if outcome.change else AS_BEFORE)

    async def _tell(
        self, interaction: Interaction, place: Place, outcome: Outcome, words: str
    ) -> None:
        news = words.format(title=outcome.setting.title, value=outcome.shown)
        await self._show(interaction, place, news, name=outcome.setting.name)

    async def _show(
        self,
        interaction: Interaction,
        place: Place,
        news: str = "",
        page: int = 0,
        name: str | None = None,
    ) -> None:
        panel = await self._look(interaction, place, page, name)
        message = PanelMessage(panel, self._components, interaction.locale)
        await interaction.response.edit_message(content=message.text(news), view=message.view())

    async def _look(
        self, interaction: Interaction, place: Place, page: int = 0, name: str | None = None
    ) -> Panel:
        actor = actor_for(interaction, place)
        return await self._panels.show(room_here(interaction), place, actor, page=page, name=name)


def _read(interaction: Interaction, press: Press) -> tuple[Place, tuple[str, ...]]:
    """Read which place a press is about, if it counts here, and what more its id says."""
    scope, place_id, rest = read_about(press.arguments)
    return place_here(interaction, scope, place_id), rest


def _require_roles(interaction: Interaction, name: str, values: list[str]) -> None:
    if setting_named(name) not in ROLE_LISTS:
        return
    known = {str(role.id) for role in interaction.guild.roles} if interaction.guild else set()
    if not set(values) <= known:
        raise Refused("role_unknown", UNKNOWN_ROLE)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its services."""
    rooms = bot.services.rooms
    await bot.add_cog(SettingsPanel(rooms, Panels(rooms), bot.components))
