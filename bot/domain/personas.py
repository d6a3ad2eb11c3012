"""Personas: a name, what the model is told about itself, and a voice."""

from dataclasses import dataclass

from bot.domain.owner import Owner
from bot.domain.rooms import Place, Room, Scope
from bot.domain.text import shown_name
from bot.domain.voices import parse_voice
from bot.errors import Refused
from bot.words import Sentence

NO_PERSONA = "none"
"""Chosen in a room, it takes off the persona that the room would inherit."""

NAME_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class Persona:
    """Who the bot is in a room.

    `voice` is None when it speaks with that of the room.
    """

    name: str
    prompt: str
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Library:
    """Whose personas: those of a server, or of a member for their DM.

    `guild_id` is None for those of a member.
    """

    owner_id: int
    guild_id: int | None


def library_of(place: Room | Place, member_id: int) -> Library:
    """Find the personas that a place may use, when that member is there."""
    if place.guild_id is not None:
        return Library(place.guild_id, place.guild_id)
    return Library(member_id, None)


def place_of_library(library: Library, room: Room) -> Place:
    """Name the place whose rights decide about a library, seen from a room."""
    if library.guild_id is not None:
        return Place(Scope.SERVER, library.guild_id, library.guild_id)
    return Place(Scope.CHANNEL, room.channel_id, None)


def parse_persona_name(text: str) -> str:
    """Read the name of a persona, or the word for none.

    Raises:
        Refused: it is empty or too long.

    """
    line = " ".join(text.split())
    name = shown_name(line) if line else ""
    if not name or len(name) > NAME_CHARACTERS:
        raise Refused(
            "persona_name",
            Sentence("A persona needs a name of 1 to {most} characters.", most=NAME_CHARACTERS),
        )
    return NO_PERSONA if name.casefold() == NO_PERSONA else name


def same_name(one: str, other: str) -> bool:
    """Tell whether two names mean the same persona."""
    return one.casefold() == other.casefold()


def make_persona(name: str, prompt: str, voice: str | None, owner: Owner) -> Persona:
    """Make a persona of what was typed.

    Raises:
        Refused: the name, the prompt or the voice cannot be taken; the sentence says why.

    """
    name = parse_persona_name(name)
    if name == NO_PERSONA:
        raise Refused(
            "persona_name", Sentence("That name means that there is no persona; choose another.")
        )
    prompt = prompt.strip()
    if not prompt:
        raise Refused("persona_empty", Sentence("Say who the persona is: its prompt is empty."))
    if len(prompt) > owner.persona_characters:
        raise Refused(
            "persona_too_long",
            Sentence(
                "That prompt has {count} characters; whoever runs me allows {most}.",
                count=len(prompt),
                most=owner.persona_characters,
            ),
        )
    return Persona(name, prompt, parse_voice(voice) if voice and voice.strip() else None)
