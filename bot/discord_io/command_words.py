"""Names and descriptions of commands in the languages of members, as Discord is told them."""

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as At

from bot.i18n import LOCALES, MENU, NAME, translator_for
from bot.words import Sentence

_NAMES = frozenset({At.command_name, At.group_name, At.parameter_name})


class CommandWords(app_commands.Translator):
    """Looks words up in the catalogues when commands are published."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """Say a word of a command in a language; None leaves it in English."""
        if locale.value not in LOCALES:
            return None
        translator = translator_for(locale.value)
        if context.location in _NAMES:
            menu = isinstance(context.data, app_commands.ContextMenu)
            return translator.name(MENU if menu else NAME, string.message)
        said = translator.say(Sentence(string.message))
        return None if said == string.message else said
