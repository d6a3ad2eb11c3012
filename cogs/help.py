"""/help: what this bot does, on one screen."""

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import VoiceBot

HELP = """\
**Talk to me, and I answer aloud.**
- In a server, mention me with your question, or attach a recording to it.
- Reply to any of my answers, by text or with a voice message, and we go on from there.
- Write to me in a DM, or send a voice message: I answer with one.
- Attach a text file (.txt, .md) and ask about it: \u201cSummarise this aloud.\u201d

**Commands**
- `/voice show`: which voice I speak with here, and why
- `/voice set`: choose the voice of a room (needs Manage Channels)
- `/voice server`: choose the voice of the server (needs Manage Server)
- `/voice reset`: give a room back to the voice it inherits

-# I am an AI. What you ask me goes to a speech model; answers can be wrong."""


class Help(commands.Cog):
    """The help command."""

    @app_commands.command(name="help", description="What I can do, and how to talk to me")
    @app_commands.allowed_contexts(guilds=True, dms=True)
    async def help(self, interaction: discord.Interaction[VoiceBot]) -> None:
        """Show the help."""
        await interaction.response.send_message(HELP, ephemeral=True)


async def setup(bot: VoiceBot) -> None:
    """Add the cog."""
    await bot.add_cog(Help())
