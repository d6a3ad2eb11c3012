"""/help: how to talk to the bot, and those commands that this member may use here."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.places import actor_for, library_here, room_here
from bot.discord_io.whispers import tell
from bot.domain.access import Act, Actor, may
from bot.domain.rooms import Place, Scope
from bot.i18n import NAME, translator_for
from bot.words import Sentence, join

INTRODUCTION = Sentence("""\
**Talk to me, and I answer aloud.**
- In a server, mention me with your question, or attach a recording to it.
- Reply to any of my answers, by text or with a voice message, and we go on from there.
- Write to me in a DM, or send a voice message: I answer with one.
- Attach a text file (.txt, .md) and ask about it: \u201cSummarise this aloud.\u201d
- In the menu of any message, under Apps: have it answered, read aloud, or written down.

**What you can do here**""")
ENTRY = Sentence("- `/{command}`: {about}")
END = Sentence(
    "\n-# I am an AI. What you ask me goes to a speech model; answers can be wrong. See `/about`."
)


class Where(Enum):
    """What a command is about, seen from where somebody is."""

    HERE = auto()  # the thread, channel or DM alone
    ROOM = auto()  # the same, the channel of a thread, or the category
    SERVER = auto()
    MINE = auto()
    LIBRARY = auto()  # the personas to be had here


@dataclass(frozen=True, slots=True)
class Entry:
    """A command, and what it takes to use it."""

    command: str
    about: str
    act: Act
    where: Where


ENTRIES = (
    Entry("ask", Sentence("ask me something, in words"), Act.ASK, Where.HERE),
    Entry("settings panel", Sentence("see and change what is set here"), Act.LOOK, Where.HERE),
    Entry(
        "settings show", Sentence("what happens to messages here, and why"), Act.LOOK, Where.HERE
    ),
    Entry(
        "voice mine",
        Sentence("choose the voice that answers you, everywhere"),
        Act.CHANGE,
        Where.MINE,
    ),
    Entry(
        "voice set",
        Sentence("choose the voice of this room, or of another"),
        Act.CHANGE,
        Where.ROOM,
    ),
    Entry(
        "voice server", Sentence("choose the voice of the whole server"), Act.CHANGE, Where.SERVER
    ),
    Entry("voice show", Sentence("which voice I speak with here, and why"), Act.LOOK, Where.HERE),
    Entry("voice reset", Sentence("give a voice back that was chosen"), Act.CHANGE, Where.MINE),
    Entry("voice preview", Sentence("hear the voices"), Act.LOOK, Where.HERE),
    Entry("persona list", Sentence("the personas to choose from"), Act.LOOK, Where.LIBRARY),
    Entry("persona use", Sentence("choose who I am in this room"), Act.CHANGE, Where.ROOM),
    Entry(
        "persona add", Sentence("add a persona to choose from"), Act.KEEP_PERSONAS, Where.LIBRARY
    ),
    Entry("persona edit", Sentence("change a persona"), Act.KEEP_PERSONAS, Where.LIBRARY),
    Entry("persona remove", Sentence("remove a persona"), Act.KEEP_PERSONAS, Where.LIBRARY),
    Entry("doctor", Sentence("what works here, what does not, and why"), Act.DIAGNOSE, Where.HERE),
    Entry("help", Sentence("this"), Act.LOOK, Where.HERE),
    Entry("about", Sentence("what I am, what I keep, and who runs me"), Act.LOOK, Where.HERE),
)
"""Every command, in the order in which people are shown them."""

Interaction = discord.Interaction[Any]


class Help(commands.Cog):
    """The help command."""

    @app_commands.command(name="help", description="What you can do here, and how to talk to me")
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def help(self, interaction: Interaction) -> None:
        """Show the help."""
        locale = interaction.locale.value
        entries = [
            ENTRY.format(command=_shown(entry.command, locale), about=entry.about)
            for entry in _for(interaction)
        ]
        await tell(interaction, join("\n", (INTRODUCTION, *entries, END)))


def _shown(command: str, locale: str) -> str:
    """Write a command as the user's Discord does."""
    name = translator_for(locale).name
    return " ".join(name(NAME, word) or word for word in command.split())


def _for(interaction: Interaction) -> Iterator[Entry]:
    """Give the commands that the user may use where they are."""
    for entry in ENTRIES:
        if any(may(entry.act, place, actor) for place, actor in _places(interaction, entry.where)):
            yield entry


def _places(interaction: Interaction, where: Where) -> Iterator[tuple[Place, Actor]]:
    if where is Where.LIBRARY:
        yield library_here(interaction)
        return
    own, here, *others = room_here(interaction).places(interaction.user.id)
    if where is Where.HERE:
        yield here, actor_for(interaction, here)
        return
    for place in (own, here, *others):
        if where is _WHERE.get(place.scope, Where.ROOM):
            yield place, actor_for(interaction, place)


_WHERE = {Scope.MEMBER: Where.MINE, Scope.SERVER: Where.SERVER}


async def setup(bot: VoiceBot) -> None:
    """Add the cog."""
    await bot.add_cog(Help())
