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

ADD_TITLE = "A new persona"
EDIT_TITLE = "Edit {name}"
NAME = "Name"
NAME_HINT = "How it is called, and calls itself"
PROMPT = "Who it is"
PROMPT_HINT = "What I am told about myself, such as: You are a cheerful pirate and speak like one."
VOICE = "Voice (may be left out)"
VOICE_HINT = "A named voice or a custom id (voice_…); without one, that of the room"

ADD, EDIT = "persona_add", "persona_edit"

_TITLE_CHARACTERS = 45
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


def form_to_add(components: Components, member_id: int, characters: int) -> ui.Modal:
    """Ask for a new persona, with a prompt of at most so many characters."""
    modal = ui.Modal(
        title=ADD_TITLE, custom_id=components.sign(ADD, member_id=member_id, life=PANEL_LIFE)
    )
    name = ui.TextInput[Any](custom_id="name", max_length=NAME_CHARACTERS)
    modal.add_item(ui.Label(text=NAME, description=NAME_HINT, component=name))
    return _completed(modal, characters, None)


def form_to_edit(
    components: Components, member_id: int, characters: int, persona: Persona
) -> ui.Modal:
    """Ask for another prompt and voice of a persona."""
    custom_id = components.sign(EDIT, mark_of(persona.name), member_id=member_id, life=PANEL_LIFE)
    title = EDIT_TITLE.format(name=persona.name)[:_TITLE_CHARACTERS]
    return _completed(ui.Modal(title=title, custom_id=custom_id), characters, persona)


def _completed(modal: ui.Modal, characters: int, persona: Persona | None) -> ui.Modal:
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
    modal.add_item(ui.Label(text=PROMPT, description=PROMPT_HINT, component=prompt))
    modal.add_item(ui.Label(text=VOICE, description=VOICE_HINT, component=voice))
    return unkept(modal)
