"""/about: what the bot is, that it is an AI, what it keeps and for how long, and who runs it."""

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import __version__
from bot.client import VoiceBot
from bot.discord_io.places import room_here
from bot.discord_io.whispers import tell
from bot.domain.effective import RoomRules
from bot.domain.setting_words import Transcribe
from bot.domain.text import shown_name
from bot.services.housekeeping import KEPT_AFTER_LEAVING, Housekeeping
from bot.services.rooms import KEPT_CHANGES, Rooms
from bot.words import Sentence, join

WHAT_I_AM = Sentence("""\
**I am an AI, not a person.** I hear what you ask, in words or by voice message, and answer aloud. \
My answers can be wrong, and nobody reads them before you do.""")
WHO_ANSWERS = Sentence(
    "What you ask me, and what was said before it in the same conversation, goes "
    "to the model {model}, which whoever runs me has chosen; its provider has "
    "rules of its own."
)
NO_MODEL = Sentence("No model answers in this room: all are denied.")
WHAT_I_KEEP = Sentence("""\
**What I keep**
- Questions and answers in words, so that we can go on from them; tokens and costs of each.
- Recordings that members send: {audio}.
- The sound of my answers: only until they are posted.
- What is set for rooms and by members; the last changes of it for {changes} days.
- What was set for rooms that are deleted and servers that I left: {gone} days.""")
WRITTEN_DOWN = {
    Transcribe.PRESS: Sentence(
        "- What you say in a recording is written down when somebody asks for it; the words are "
        "kept from then on, and the recording no longer."
    ),
    Transcribe.ALWAYS: Sentence(
        "- What you say in a recording is written down; the words are kept, and the recording "
        "is not."
    ),
}
AUDIO_DAYS = Sentence("one day", "{count} days")
AUDIO_NOT = Sentence("not at all")
WHO_RUNS_ME = Sentence(
    "**Who runs me:** {name} (<@{id}>). Ask them for what I keep of you, or to erase it."
)
TEAM_RUNS_ME = Sentence(
    "**Who runs me:** the team {name}. Ask them for what I keep of you, or to erase it."
)
VERSION = Sentence("-# Version {version}")

Interaction = discord.Interaction[Any]


class About(commands.Cog):
    """The about command."""

    def __init__(self, rooms: Rooms, housekeeping: Housekeeping) -> None:
        self._rooms = rooms
        self._housekeeping = housekeeping

    @app_commands.command(name="about", description="What I am, what I keep, and who runs me")
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def about(self, interaction: Interaction) -> None:
        """Say what members should know."""
        rules = await self._rooms.rules(room_here(interaction), interaction.user.id)
        parts = [
            WHAT_I_AM,
            _who_answers(rules),
            join("\n", self._what_i_keep(rules)),
            *_who_runs(interaction.client.application),
            VERSION.format(version=__version__),
        ]
        await tell(interaction, join("\n\n", parts))

    def _what_i_keep(self, rules: RoomRules) -> list[str]:
        keeps = WHAT_I_KEEP.format(
            audio=_days(self._housekeeping.audio_days),
            changes=KEPT_CHANGES.days,
            gone=KEPT_AFTER_LEAVING.days,
        )
        written = WRITTEN_DOWN.get(rules.owner.transcribe)
        return [keeps] if written is None else [keeps, written]


def _who_answers(rules: RoomRules) -> str:
    model = rules.model.value
    return NO_MODEL if model is None else WHO_ANSWERS.format(model=f"`{model}`")


def _days(days: int) -> str:
    return AUDIO_DAYS.format(count=days) if days else AUDIO_NOT


def _who_runs(application: discord.AppInfo | None) -> list[str]:
    if application is None:
        return []
    if application.team is not None:
        return [TEAM_RUNS_ME.format(name=shown_name(application.team.name))]
    owner = application.owner
    return [WHO_RUNS_ME.format(name=shown_name(owner.display_name), id=owner.id)]


async def setup(bot: VoiceBot) -> None:
    """Give the cog its services."""
    await bot.add_cog(About(bot.services.rooms, bot.services.housekeeping))
