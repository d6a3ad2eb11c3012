"""/persona add, edit, use, remove, list: who I am in a room, from a library of the server."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.components import Components
from bot.discord_io.persona_form import form_to_add, form_to_edit
from bot.discord_io.places import AnyRoom, actor_for, library_here, place_of, room_here
from bot.discord_io.whispers import Choices, choices_of, tell
from bot.domain.access import Act, require
from bot.domain.personas import NO_PERSONA, Persona
from bot.domain.room_settings import PERSONA
from bot.domain.rooms import Place
from bot.domain.setting_kinds import Option
from bot.domain.text import safe_text
from bot.services.personas import Personas
from bot.services.rooms import Rooms
from bot.words import Sentence, join

REMOVED = Sentence(
    "**{name}** is removed; rooms that used it inherit theirs again. It was told:\n{prompt}"
)
USED = Sentence("From now on I am **{name}** here: {place}.")
USED_NONE = Sentence("From now on I am no persona here: {place}.")
LIST = Sentence("**Personas to choose from**")
LIST_EMPTY = Sentence(
    "There are no personas yet. Whoever has the permission Manage Server can add "
    "one with `/persona add`."
)
LIST_EMPTY_DM = Sentence("There are no personas yet. `/persona add` makes one.")
LISTED = "- **{name}**"
LISTED_VOICE = Sentence("- **{name}** · voice {voice}")
IN_FORCE = Sentence("-# Here I am {name}.")
OUR_CONVERSATION = Sentence("our conversation")
NAME_OPTION = "The persona's name"
USE_OPTION = "The persona's name, or none"
ROOM_OPTION = "A channel, thread or category; this room when left out"

Interaction = discord.Interaction[Any]


@app_commands.allowed_contexts(guilds=True, dms=True)
class PersonaLibrary(commands.GroupCog, name="persona", description="Who I am in a room"):
    """The commands; what is written in their modals goes to `cogs.persona_forms`."""

    def __init__(self, personas: Personas, rooms: Rooms, components: Components) -> None:
        super().__init__()
        self._personas = personas
        self._rooms = rooms
        self._components = components

    @app_commands.command(name="add", description="Add a persona to choose from")
    async def add(self, interaction: Interaction) -> None:
        """Ask for a new persona."""
        home, actor = library_here(interaction)
        require(Act.KEEP_PERSONAS, home, actor)
        characters = self._personas.prompt_characters
        await interaction.response.send_modal(
            form_to_add(self._components, actor.id, characters, interaction.locale)
        )

    @app_commands.command(name="edit", description="Change a persona")
    @app_commands.describe(name=NAME_OPTION)
    async def edit(self, interaction: Interaction, name: str) -> None:
        """Ask for another prompt and voice."""
        home, actor = library_here(interaction)
        require(Act.KEEP_PERSONAS, home, actor)
        persona = await self._personas.find(home, name, actor)
        characters = self._personas.prompt_characters
        await interaction.response.send_modal(
            form_to_edit(self._components, actor.id, characters, persona, interaction.locale)
        )

    @app_commands.command(name="use", description="Choose who I am in this room, or in another")
    @app_commands.describe(name=USE_OPTION, room=ROOM_OPTION)
    async def use(self, interaction: Interaction, name: str, room: AnyRoom | None = None) -> None:
        """Choose the persona of a room."""
        place = place_of(interaction, room)
        actor = actor_for(interaction, place, room)
        outcome = await self._rooms.set(place, PERSONA.name, name, actor)
        words = USED_NONE if outcome.value == NO_PERSONA else USED
        await tell(interaction, words.format(name=outcome.shown, place=_name(place)))

    @app_commands.command(name="remove", description="Remove a persona for good")
    @app_commands.describe(name=NAME_OPTION)
    async def remove(self, interaction: Interaction, name: str) -> None:
        """Remove a persona, and give its words back once more."""
        home, actor = library_here(interaction)
        removed = await self._personas.remove(home, name, actor)
        await tell(interaction, REMOVED.format(name=removed.name, prompt=safe_text(removed.prompt)))

    @app_commands.command(name="list", description="Show the personas to choose from")
    async def list(self, interaction: Interaction) -> None:
        """Show the library, and who is in force here."""
        home, actor = library_here(interaction)
        found = await self._personas.all(home, actor)
        if not found:
            await tell(interaction, LIST_EMPTY_DM if home.is_dm else LIST_EMPTY)
            return
        rules = await self._rooms.rules(room_here(interaction), actor.id)
        current = rules.persona.value
        lines = [LIST, *map(_line, found)]
        if current is not None:
            lines.append(IN_FORCE.format(name=current.name))
        await tell(interaction, join("\n", lines))

    @edit.autocomplete("name")
    @remove.autocomplete("name")
    async def suggest_kept(self, interaction: Interaction, typed: str) -> Choices:
        """Suggest the personas of the library."""
        found = await self._personas.all(*library_here(interaction))
        kept = [Option(each.name, each.name) for each in found]
        return choices_of(kept, typed, interaction.locale)

    @use.autocomplete("name")
    async def suggest_usable(self, interaction: Interaction, typed: str) -> Choices:
        """Suggest the personas of the library, and none."""
        place, user = place_of(interaction, None), interaction.user
        found = await self._rooms.options(PERSONA.name, place, user.id)
        return choices_of(found, typed, interaction.locale)


def _line(persona: Persona) -> str:
    words = LISTED if persona.voice is None else LISTED_VOICE
    return words.format(name=persona.name, voice=persona.voice)


def _name(place: Place) -> str:
    return OUR_CONVERSATION if place.is_dm else f"<#{place.id}>"


async def setup(bot: VoiceBot) -> None:
    """Give the cog its services."""
    services = bot.services
    await bot.add_cog(PersonaLibrary(services.personas, services.rooms, bot.components))
