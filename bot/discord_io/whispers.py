"""Answers to commands and components that only their user sees, and suggestions while they type."""

import io
from collections.abc import Iterable

import discord
from discord import app_commands

from bot.discord_io.places import AnyInteraction
from bot.domain.setting_kinds import Option
from bot.domain.setting_limits import suggest
from bot.domain.text import MESSAGE_UNITS, count_units, safe_text, split_message
from bot.i18n import say

Choices = list[app_commands.Choice[str]]


async def tell(interaction: AnyInteraction, text: str) -> None:
    """Answer for the first time, in as many messages as the text needs."""
    first, *more = split_message(say(text, interaction.locale.value))
    await interaction.response.send_message(first, ephemeral=True, suppress_embeds=True)
    for part in more:
        await interaction.followup.send(part, ephemeral=True, suppress_embeds=True)


async def show_words(
    interaction: AnyInteraction, words: str, *, empty: str, note: str = ""
) -> None:
    """Show words in the message that waits, or as a file where they are too many."""
    locale = interaction.locale.value
    small_print = say(note, locale)
    shown = (safe_text(words) or say(empty, locale)) + small_print
    if count_units(shown) <= MESSAGE_UNITS:
        await interaction.edit_original_response(content=shown)
        return
    file = discord.File(io.BytesIO(words.encode()), "transcript.txt")
    await interaction.edit_original_response(
        content=small_print.strip() or None, attachments=[file]
    )


def choices_of(options: Iterable[Option], typed: str, locale: discord.Locale) -> Choices:
    """Suggest what fits, as its reader writes it, what was typed so far."""
    shown = [Option(each.value, say(each.label, locale.value)) for each in options]
    return [
        app_commands.Choice(name=each.label, value=each.value) for each in suggest(shown, typed)
    ]
