"""The Discord client: intents, cogs, commands, and the one net for unexpected errors."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import discord
import yarl
from discord import app_commands
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.discord_io.incoming import Me
from bot.discord_io.outlet import VoiceBans
from bot.errors import BotError, IntentRefused, StartError
from bot.services import Services

log = logging.getLogger(__name__)

COGS = ("cogs.conversation", "cogs.rooms", "cogs.help", "cogs.housekeeping")

# We post voice messages and never join calls, so the library need not say what calls would take.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

INVITE_PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    attach_files=True,
    embed_links=True,
    read_message_history=True,
    send_voice_messages=True,
    add_reactions=True,
)
"""What the invite link asks for."""

LOGIN_REFUSED = (
    "Discord does not know this DISCORD_TOKEN. Copy the token again from the developer portal: "
    "your application, Bot, Reset Token."
)
UNREACHABLE = "Discord cannot be reached. Check the network, and DISCORD_API_URL if you set it."
INTENT_REFUSED = (
    "The Message Content intent is not switched on for this application, so un-mentioned messages "
    "in threads cannot be read. To change that: developer portal, Bot, Message Content Intent."
)


def redirect(api_url: str | None, gateway_url: str | None) -> None:
    """Point discord.py at another Discord; the two addresses are constants of its classes."""
    if api_url is not None:
        Route.BASE = api_url.rstrip("/")
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


def intents(*, message_content: bool) -> discord.Intents:
    """Ask for no more events than answering needs."""
    return discord.Intents(
        guilds=True, guild_messages=True, dm_messages=True, message_content=message_content
    )


async def content_allowed(token: str) -> bool:
    """Ask Discord whether the application has the Message Content intent switched on.

    Raises:
        StartError: the token is wrong, or Discord is out of reach.

    """
    async with _logged_in(token) as client:
        return _content_flag(client)


@dataclass(frozen=True, slots=True)
class Application:
    """What Discord says of our application.

    `missing_permissions` names, for each server we are in, what the server withholds from us.
    """

    name: str
    message_content: bool
    invite_link: str
    missing_permissions: dict[str, tuple[str, ...]]


async def inspect_application(token: str) -> Application:
    """Look at the application and its servers over REST, without connecting to the gateway.

    Raises:
        StartError: the token is wrong, or Discord is out of reach.

    """
    async with _logged_in(token) as client:
        if client.application_id is None:
            raise StartError("no_application", "Discord names no application for this token.")
        servers = await client.http.get_guilds(200)
        return Application(
            name=str(client.user),
            message_content=_content_flag(client),
            invite_link=invite_link(client.application_id),
            missing_permissions={
                server["name"]: _missing(int(server["permissions"])) for server in servers
            },
        )


@asynccontextmanager
async def _logged_in(token: str) -> AsyncIterator[discord.Client]:
    async with discord.Client(intents=intents(message_content=False)) as client:
        try:
            await client.login(token)
            yield client
        except discord.LoginFailure as error:
            raise StartError("token_refused", LOGIN_REFUSED) from error
        except (discord.HTTPException, OSError) as error:
            raise StartError("discord_unreachable", UNREACHABLE) from error


def _content_flag(client: discord.Client) -> bool:
    flags = client.application_flags
    return flags.gateway_message_content or flags.gateway_message_content_limited


def _missing(permissions: int) -> tuple[str, ...]:
    held = discord.Permissions(permissions)
    if held.administrator:
        return ()
    wanted = (name for name, needed in INVITE_PERMISSIONS if needed)
    return tuple(name.replace("_", " ").title() for name in wanted if not getattr(held, name))


def invite_link(application_id: int) -> str:
    """Make the link by which a server's owner invites the bot."""
    return discord.utils.oauth_url(application_id, permissions=INVITE_PERMISSIONS)


class VoiceBot(commands.Bot):
    """The bot as Discord sees it.

    Args:
        services: what the cogs are given.
        message_content: whether to ask for the content of messages that do not address us.

    """

    def __init__(self, services: Services, *, message_content: bool) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents(message_content=message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            tree_cls=Commands,
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        self.services = services
        self.voice_bans = VoiceBans()
        self._message_content = message_content

    @property
    def me(self) -> Me:
        """Who we are, and what we may see."""
        if self.user is None:
            raise RuntimeError("not logged in yet")
        return Me(self.user, self._message_content)

    async def serve(self, token: str) -> None:
        """Log in and stay connected until `close` is called.

        Raises:
            IntentRefused: the application may not see message content; start again without.
            StartError: Discord does not let us in, whatever we ask for.

        """
        try:
            await self.start(token)
        except discord.LoginFailure as error:
            raise StartError("token_refused", LOGIN_REFUSED) from error
        except OSError as error:
            raise StartError("discord_unreachable", UNREACHABLE) from error
        except discord.PrivilegedIntentsRequired as error:
            raise IntentRefused("intent_refused", INTENT_REFUSED) from error

    async def setup_hook(self) -> None:
        """Load the cogs and publish the commands, once logged in."""
        for name in COGS:
            await self.load_extension(name)
        await self.tree.sync()
        if self.application_id is not None:
            log.info("invite link: %s", invite_link(self.application_id))

    async def on_ready(self) -> None:
        """Say that we are here."""
        log.info("ready as %s in %s servers", self.user, len(self.guilds))

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to the cogs: there are no prefix commands."""

    async def on_error(self, event_method: str, /, *args: object, **_: object) -> None:
        """Log what nobody expected, and tell the member the incident's id."""
        incident = _log_incident(event_method)
        message = args[0] if args else None
        if not isinstance(message, discord.Message):
            return
        try:
            await message.reply(_apology(incident), mention_author=False)
        except (discord.HTTPException, OSError) as error:
            log.warning("nobody could be told of %s: %s", incident, type(error).__name__)


class Commands(app_commands.CommandTree[VoiceBot]):
    """The slash commands, with the same net below them."""

    async def on_error(
        self,
        interaction: discord.Interaction[VoiceBot],
        error: app_commands.AppCommandError,
        /,
    ) -> None:
        """Answer a refusal with its sentence, and anything else with an incident id."""
        cause = error.__cause__ if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, BotError):
            sentence = cause.sentence
        else:
            name = interaction.command.qualified_name if interaction.command else "?"
            sentence = _apology(_log_incident(f"/{name}", cause))
        if interaction.response.is_done():
            await interaction.followup.send(sentence, ephemeral=True)
        else:
            await interaction.response.send_message(sentence, ephemeral=True)


def _log_incident(where: str, error: BaseException | None = None) -> str:
    incident = secrets.token_hex(4)
    log.error("incident %s in %s", incident, where, exc_info=error or True)
    return incident


def _apology(incident: str) -> str:
    return (
        "⚠️ Something went wrong on my side, and I have written it down. Please try again; "
        f"if it stays, tell whoever runs me this number: `{incident}`."
    )
