"""What is written in the modals of `/persona add` and `/persona edit`."""

from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.components import AnyInteraction, Components, Press
from bot.discord_io.persona_form import ADD, EDIT, mark_of, read_form
from bot.discord_io.places import library_here
from bot.discord_io.whispers import tell
from bot.errors import Refused
from bot.services.personas import Personas
from bot.words import Sentence

ADDED = Sentence("There is a persona **{name}** now. `/persona use` chooses it for a room.")
EDITED = Sentence("**{name}** is changed, from the next answer on.")
GONE = Sentence("That persona was removed meanwhile. `/persona list` shows those that there are.")


class PersonaForms(commands.Cog):
    """Keeps what was written."""

    def __init__(self, personas: Personas, components: Components) -> None:
        self._personas = personas
        self._components = components

    async def cog_load(self) -> None:
        """Take on what is sent in."""
        self._components.route(ADD, self.add, again=Sentence("use `/persona add`"))
        self._components.route(EDIT, self.edit, again=Sentence("use `/persona edit`"))

    async def add(self, interaction: AnyInteraction, _press: Press) -> None:
        """Add a persona."""
        home, actor = library_here(interaction)
        form = read_form(interaction)
        added = await self._personas.add(home, form.name, form.prompt, form.voice, actor)
        await tell(interaction, ADDED.format(name=added.name))

    async def edit(self, interaction: AnyInteraction, press: Press) -> None:
        """Change the persona that the modal was opened for."""
        home, actor = library_here(interaction)
        form, (mark,) = read_form(interaction), press.arguments
        for persona in await self._personas.all(home, actor):
            if mark_of(persona.name) == mark:
                break
        else:
            raise Refused("persona_gone", GONE)
        edited = await self._personas.edit(home, persona.name, form.prompt, form.voice, actor)
        await tell(interaction, EDITED.format(name=edited.name))


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service."""
    await bot.add_cog(PersonaForms(bot.services.personas, bot.components))
