"""/voice preview: hear the voices before choosing one."""

import io
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.components import PANEL_LIFE, Components, Press, chosen, unkept
from bot.discord_io.places import caller_of
from bot.discord_io.whispers import Choices, choices_of
from bot.domain.access import Act
from bot.domain.languages import show_language
from bot.domain.samples import Sample
from bot.domain.setting_limits import voice_options
from bot.domain.text import safe_text
from bot.domain.voices import VOICES
from bot.i18n import say
from bot.services.previews import Listener, Previews
from bot.words import Sentence, join

VOICE_OPTION = "A named voice, random, persona, or a custom id; the one in force when left out"
HEARD = Sentence("🔊 **{voice}** says: {text}")
OTHER_LANGUAGE = Sentence("-# The voices here speak {spoken}, not {wanted}.")
OTHER_WORDS = Sentence("-# The model did not keep to these words. It said: {said}")
CHOOSE = Sentence("Hear another voice")
ACTION = "sample"

_OPTION_CHARACTERS = 100

Interaction = discord.Interaction[Any]


class VoicePreviews(commands.Cog):
    """Plays samples, and others when they are chosen."""

    def __init__(self, previews: Previews, components: Components) -> None:
        self._previews = previews
        self._components = components

    async def cog_load(self) -> None:
        """Take on the choice of another voice."""
        self._components.route(ACTION, self.switch, again=Sentence("use `/voice preview`"))

    @app_commands.describe(voice=VOICE_OPTION)
    async def play(self, interaction: Interaction, voice: str | None = None) -> None:
        """Let a voice be heard by whoever asks."""
        caller_of(interaction).require(Act.ASK)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self._play(interaction, voice)

    async def switch(self, interaction: Interaction, _press: Press) -> None:
        """Let another voice be heard in the same message."""
        caller_of(interaction).require(Act.ASK)
        await interaction.response.defer()
        await self._play(interaction, " ".join(chosen(interaction)))

    async def suggest(self, interaction: Interaction, typed: str) -> Choices:
        """Suggest the voices that fit what was typed."""
        return choices_of(voice_options(typed, ()), typed, interaction.locale)

    async def _play(self, interaction: Interaction, voice: str | None) -> None:
        sample = await self._previews.sample(voice, _listener(interaction))
        await interaction.edit_original_response(
            content=say(_words(sample), interaction.locale.value),
            attachments=[_file(sample)],
            view=self._view(sample.voice, interaction),
        )

    def _view(self, voice: str, interaction: Interaction) -> ui.View:
        custom_id = self._components.sign(ACTION, member_id=interaction.user.id, life=PANEL_LIFE)
        shown = dict.fromkeys((*VOICES, voice))
        options = [
            discord.SelectOption(label=each, value=each, default=each == voice)
            for each in shown
            if len(each) <= _OPTION_CHARACTERS
        ]
        view, choose = ui.View(timeout=None), say(CHOOSE, interaction.locale.value)
        view.add_item(ui.Select[Any](custom_id=custom_id, placeholder=choose, options=options))
        return unkept(view)


def _listener(interaction: Interaction) -> Listener:
    return Listener(caller_of(interaction), interaction.locale.value, interaction.id)


def _words(sample: Sample) -> str:
    line = sample.line
    words = [HEARD.format(voice=sample.voice, text=line.text)]
    if line.instead_of is not None:
        spoken, wanted = show_language(line.language), show_language(line.instead_of)
        words.append(OTHER_LANGUAGE.format(spoken=spoken, wanted=wanted))
    if sample.said is not None:
        words.append(OTHER_WORDS.format(said=safe_text(sample.said)[:1000]))
    return join("\n", words)


def _file(sample: Sample) -> discord.File:
    sound = sample.sound
    name = f"{sample.voice}.{sound.extension}"
    return discord.File(io.BytesIO(sound.data), name, description=sample.line.text)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its service, and its command a place among those of `cogs.rooms`."""
    cog = VoicePreviews(bot.services.previews, bot.components)
    await bot.add_cog(cog)
    command = app_commands.Command[Any, ..., None](
        name="preview", description="Hear the voices, for yourself alone", callback=cog.play
    )
    command.autocomplete("voice")(cog.suggest)
    group = bot.tree.get_command("voice")
    if isinstance(group, app_commands.Group):
        group.add_command(command)
