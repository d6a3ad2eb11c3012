"""The modals in which a persona is written, and what comes back from them."""

import hashlib
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from bot.discord_io.components import (
    PANEL_LIFE,
    AnyInteraction,
    Components,
    filled,
    unkept,
)
from bot.domain.personas import NAME_CHARACTERS, Persona
from bot.i18n import say
from bot.words import Sentence

ADD_TITLE = Sentence("A new persona")
EDIT_TITLE = Sentence("Edit {name}")
NAME = Sentence("Name")
NAME_HINT = Sentence("How it is called, and calls itself")
PROMPT = Sentence("Who it is")
PROMPT_HINT = Sentence(
    "What I am told about myself, such as: You are a cheerful pirate and speak like one."
)
VOICE = Sentence("Voice (may be left out)")
VOICE_HINT = Sentence("A named voice or a custom id (voice_…); without one, that of the room")

ADD, EDIT = "persona_add", "persona_edit"

_TITLE_CHARACTERS = 45
_HINT_CHARACTERS = 100
_VOICE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Written:
    """What was written; `name` is empty where the modal did not ask for one."""

    name: str
    prompt: str
    voice: str


def read_form(interaction: AnyInteraction) -> Written:
    """Read what was sent in: any member's input."""
    fields = filled(interaction)
    return Written(*(fields.get(name, "") for name in ("name", "prompt", "voice")))


def mark_of(name: str) -> str:
    """Mark a persona in a component's id, which is too short for its name."""
    return hashlib.blake2s(name.casefold().encode(), digest_size=8).hexdigest()


def form_to_add(
    components: Components, member_id: int, characters: int, locale: discord.Locale
) -> ui.Modal:
    """Ask for a new persona, with a prompt of at most so many characters."""
    custom_id = components.sign(ADD, member_id=member_id, life=PANEL_LIFE)
    modal = ui.Modal(title=say(ADD_TITLE, locale.value)[:_TITLE_CHARACTERS], custom_id=custom_id)
    name = ui.TextInput[Any](custom_id="name", max_length=NAME_CHARACTERS)
    modal.add_item(_labelled(name, NAME, NAME_HINT, locale))
    return _completed(modal, characters, None, locale)


def form_to_edit(
    components: Components,
    member_id: int,
    characters: int,
    persona: Persona,
    locale: discord.Locale,
) -> ui.Modal:
    """Ask for another prompt and voice of a persona."""
    custom_id = components.sign(EDIT, mark_of(persona.name), member_id=member_id, life=PANEL_LIFE)
    title = say(EDIT_TITLE.format(name=persona.name), locale.value)[:_TITLE_CHARACTERS]
    return _completed(ui.Modal(title=title, custom_id=custom_id), characters, persona, locale)


def _completed(
    modal: ui.Modal, characters: int, persona: Persona | None, locale: discord.Locale
) -> ui.Modal:
    prompt = ui.TextInput[Any](
        custom_id="prompt",
        style=discord.TextStyle.paragraph,
        max_length=characters,
        default=persona.prompt[:characters] if persona else None,
    )
    voice = ui.TextInput[Any](
        custom_id="voice",
        required=False,
        max_length=_VOICE_CHARACTERS,
        default=persona.voice if persona else None,
    )
    modal.add_item(_labelled(prompt, PROMPT, PROMPT_HINT, locale))
    modal.add_item(_labelled(voice, VOICE, VOICE_HINT, locale))
    return unkept(modal)


def _labelled(
    field: ui.TextInput[Any], text: Sentence, hint: Sentence, locale: discord.Locale
) -> ui.Label[Any]:
    told = say(hint, locale.value)[:_HINT_CHARACTERS]
    return ui.Label(
        text=say(text, locale.value)[:_TITLE_CHARACTERS], description=told, component=field
    )
