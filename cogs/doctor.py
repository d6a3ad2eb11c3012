"""/doctor: what works in this room and what does not, each with what mends it."""

from collections.abc import Iterable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot
from bot.discord_io.application import granted, invite_link
from bot.discord_io.places import actor_for, place_of, room_here
from bot.domain.access import Act, may, require
from bot.domain.findings import Finding, about_intent, about_room, about_server
from bot.domain.rooms import Place, Scope
from bot.domain.text import split_message
from bot.i18n import say
from bot.services.doctor import Doctor as Examiner
from bot.services.incidents import Incident, Incidents
from bot.words import Sentence, join

MARKS = {True: "✅", False: "❌", None: "ℹ️"}  # noqa: RUF001 - an emoji
REMEDY = Sentence("\n-# ↳ {remedy}")
LIMIT = Sentence("files of mine may have up to {mebibytes:.0f} MiB here")
INCIDENT = Sentence("the last error was `{id}`, <t:{at}:R>, in {where} ({kind})")
NO_INCIDENT = Sentence("no unexpected error since I was started")
INCIDENT_REMEDY = Sentence(
    "tell whoever runs me that number; it stands in the log with all that is known"
)
INCIDENTS_SHOWN = 5

Interaction = discord.Interaction[Any]


class Doctor(commands.Cog):
    """The command that looks at everything."""

    def __init__(self, bot: VoiceBot, examiner: Examiner, incidents: Incidents) -> None:
        self._bot = bot
        self._examiner = examiner
        self._incidents = incidents

    @app_commands.command(name="doctor", description="What works here, what does not, and why")
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def doctor(self, interaction: Interaction) -> None:
        """Look at the room and at my parts, and tell whoever may know."""
        place = place_of(interaction, None)
        require(Act.DIAGNOSE, place, actor_for(interaction, place))
        await interaction.response.defer(ephemeral=True, thinking=True)
        findings = [
            *self._about_here(interaction),
            about_intent(switched_on=self._bot.me.sees_content),
            *await self._examiner.examine(),
            *self._about_errors(interaction),
            *self._about_servers(interaction),
        ]
        first, *more = split_message(
            say(join("\n", map(_line, findings)), interaction.locale.value)
        )
        await interaction.edit_original_response(content=first)
        for part in more:
            await interaction.followup.send(part, ephemeral=True, suppress_embeds=True)

    def _about_here(self, interaction: Interaction) -> Iterable[Finding]:
        """Look at what Discord lets us do in this room."""
        if interaction.guild is not None:
            here = granted(interaction.app_permissions.value)
            whole = granted(interaction.guild.me.guild_permissions.value)
            in_thread = room_here(interaction).thread_id is not None
            yield from about_room(here, whole, self._invite_link, in_thread=in_thread)
        yield Finding(None, LIMIT.format(mebibytes=interaction.filesize_limit / 2**20))

    def _about_errors(self, interaction: Interaction) -> Iterable[Finding]:
        """Tell the last errors of this server, or to whoever runs us those of all."""
        if self._is_operator(interaction):
            incidents = self._incidents.everywhere()[:INCIDENTS_SHOWN]
        else:
            incidents = self._incidents.in_server(interaction.guild_id)[:1]
        return map(_about, incidents) if incidents else [Finding(True, NO_INCIDENT)]

    def _about_servers(self, interaction: Interaction) -> Iterable[Finding]:
        """Tell whoever runs us what other servers withhold."""
        if not self._is_operator(interaction):
            return
        for guild in self._bot.guilds:
            if guild.id != interaction.guild_id and not guild.unavailable:
                held = granted(guild.me.guild_permissions.value)
                yield from about_server(guild.name, held, self._invite_link)

    def _is_operator(self, interaction: Interaction) -> bool:
        bot_itself = Place(Scope.DEFAULT, 0, None)
        return may(Act.OPERATE, bot_itself, actor_for(interaction, bot_itself))

    @property
    def _invite_link(self) -> str:
        return invite_link(self._bot.application_id or 0)


def _line(finding: Finding) -> str:
    found = [MARKS[finding.ok], " ", finding.text]
    return join("", [*found, REMEDY.format(remedy=finding.remedy)] if finding.remedy else found)


def _about(incident: Incident) -> Finding:
    told = INCIDENT.format(
        id=incident.id, at=int(incident.at.timestamp()), where=incident.where, kind=incident.kind
    )
    return Finding(False, told, INCIDENT_REMEDY)


async def setup(bot: VoiceBot) -> None:
    """Give the cog its services."""
    await bot.add_cog(Doctor(bot, bot.services.doctor, bot.services.incidents))
