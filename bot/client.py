"""The Discord client: intents, cogs, commands, and the one net for unexpected errors."""

import logging
import sys
import threading

import discord
import yarl
from discord import app_commands
from discord.backoff import ExponentialBackoff
from discord.ext import commands
from discord.gateway import DiscordWebSocket, KeepAliveHandler
from discord.http import Route

from bot.discord_io.application import intents, invite_link
from bot.discord_io.command_words import CommandWords
from bot.discord_io.commands import publish
from bot.discord_io.components import Components, Signer
from bot.discord_io.gates import Gates
from bot.discord_io.heartbeat import is_dead
from bot.discord_io.incoming import Me, read
from bot.discord_io.network import CALL_ERRORS, entering_discord
from bot.discord_io.outlet import RoomOutlet, Source
from bot.discord_io.places import operators_of
from bot.discord_io.restraint import Restraint
from bot.discord_io.voice_bans import VoiceBans
from bot.domain.incoming import Incoming
from bot.errors import BotError
from bot.i18n import say
from bot.services import Services
from bot.services.closing import say_failure

log = logging.getLogger(__name__)

COGS = (
    "cogs.conversation",
    "cogs.answer_buttons",
    "cogs.ask",
    "cogs.menus",
    "cogs.settings",
    "cogs.panel",
    "cogs.rooms",
    "cogs.previews",
    "cogs.personas",
    "cogs.persona_forms",
    "cogs.help",
    "cogs.doctor",
    "cogs.languages",
    "cogs.about",
    "cogs.housekeeping",
    "cogs.heartbeats",
    "cogs.places_in_line",
    "cogs.catching_up",
    "cogs.alarms",
)

# We post voice messages and never join calls, so the library need not say what calls would take.
discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False

RATE_LIMIT_S = 60
"""A rate limit that lasts longer is a failure of the call."""


def redirect(api_url: str | None, gateway_url: str | None) -> None:
    """Point discord.py at another Discord; the two addresses are constants of its classes."""
    if api_url is not None:
        Route.BASE = api_url.rstrip("/")
    if gateway_url is not None:
        DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)


LONGEST_BACKOFF_EXPONENT = 6
"""2 to the power of it, in seconds, is the longest wait before the gateway is tried again."""


class GatewayBackoff(ExponentialBackoff[bool]):
    """The library's, which waits for up to 17 minutes after an outage that is long over."""

    def __init__(self, base: int = 1) -> None:
        super().__init__(base)
        self._max = LONGEST_BACKOFF_EXPONENT


discord.client.ExponentialBackoff = GatewayBackoff  # type: ignore[attr-defined,assignment]


class _TooManyStarts(Exception):
    """Another session must not begin yet."""


class VoiceBot(commands.Bot):
    """The bot as Discord sees it.

    Args:
        services: what the cogs are given.
        signer: signs the custom ids of buttons, selects and modals.
        message_content: whether to ask for the content of messages that do not address us.

    """

    def __init__(self, services: Services, signer: Signer, *, message_content: bool) -> None:
        self.restraint = Restraint()
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            intents=intents(message_content=message_content),
            allowed_mentions=discord.AllowedMentions.none(),
            # Else Discord offers every command also where the bot is no member.
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            tree_cls=Commands,
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=RATE_LIMIT_S,
            http_trace=self.restraint.trace,
        )
        self.services = services
        self.components = Components(signer)
        self.voice_bans = VoiceBans()
        self.gates = Gates()
        self._message_content = message_content

    @property
    def me(self) -> Me:
        """Who we are, what we may see, and who runs us."""
        if self.user is None:
            raise RuntimeError("not logged in yet")
        return Me(self.user, self._message_content, operators_of(self.application))

    @property
    def is_connected(self) -> bool:
        """Whether Discord can be heard: the connection is open, and has told what there is."""
        gateway: DiscordWebSocket | None = self.ws
        return self.is_ready() and gateway is not None and gateway.open and not self.is_closed()

    @property
    def is_unanswered(self) -> bool:
        """Whether the connection seems open while Discord does not answer on it any more."""
        return is_dead(self.ws)

    async def serve(self, token: str) -> None:
        """Log in and stay connected until `close` is called.

        Raises:
            IntentRefused: the application may not see message content; start again without.
            StartError: Discord does not let us in, whatever we ask for.
            DatabaseError: the database cannot be used.

        """
        with entering_discord():
            await self.start(token)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected; where sessions would begin too often, wait in between."""
        while True:
            await self.services.session_starts.wait()
            try:
                return await super().connect(reconnect=reconnect)
            except _TooManyStarts:
                await self._hang_up()

    async def _hang_up(self) -> None:
        """Close what the library opened and lost track of; its thread would go on without it."""
        for thread in threading.enumerate():
            if isinstance(thread, KeepAliveHandler) and thread.ws._connection is self._connection:
                await thread.ws.close()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Count the session that begins; waiting here would take longer than a connection lives."""
        await super().before_identify_hook(shard_id, initial=initial)
        if not await self.services.session_starts.take():
            raise _TooManyStarts

    async def setup_hook(self) -> None:
        """Load the cogs and publish the commands, once logged in."""
        for name in COGS:
            await self._load(name)
        await self.tree.set_translator(CommandWords())
        await publish(self.tree, self.services.publishing)
        if self.application_id is not None:
            log.info("invite link: %s", invite_link(self.application_id))

    async def _load(self, name: str) -> None:
        try:
            await self.load_extension(name)
        except commands.ExtensionFailed as error:
            if isinstance(error.original, BotError):
                raise error.original from error
            raise

    async def on_ready(self) -> None:
        """Say that we are here."""
        log.info("ready as %s in %s servers", self.user, len(self.guilds))

    def dispatch(self, event_name: str, /, *args: object, **kwargs: object) -> None:
        """Drop our own messages, and what is announced after the end: "ready" comes 2 s late."""
        if not self.is_closed() and not (event_name == "message" and self._is_ours(*args)):
            super().dispatch(event_name, *args, **kwargs)

    def _is_ours(self, message: object) -> bool:
        return isinstance(message, discord.Message) and message.author == self.user

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to the cogs: there are no prefix commands."""

    async def on_interaction(self, interaction: discord.Interaction["VoiceBot"], /) -> None:
        """Bring what was pressed, chosen or sent in to its cog; commands have their own way."""
        try:
            await self.components.press(interaction)
        except Exception as error:  # noqa: BLE001 - this net logs and tells
            await _tell_failure(interaction, error, "a component")

    async def on_error(self, event_method: str, /, *args: object, **_: object) -> None:
        """Log what rose from an event, and tell the member whose question ended by it."""
        if self.is_closed():
            log.info(
                "%s was cut short by the end: %s", event_method, type(sys.exception()).__name__
            )
            return
        message = args[0] if args else None
        if isinstance(message, discord.RawMessageUpdateEvent):
            message = message.message
        guild = getattr(message, "guild", None)
        sentence = self.services.incidents.account_for(
            sys.exception(), event_method, guild.id if guild else None
        )
        incoming = read(message, self.me) if isinstance(message, discord.Message) else None
        if incoming is None or not await self._break_off(incoming):
            return
        source = Source.of(incoming)
        outlet = RoomOutlet(self, source, self.voice_bans, self.gates, self.components)
        try:
            await say_failure(outlet, sentence)
        except BotError as error:
            log.warning("nobody could be told of %s: %s", event_method, error.code)

    async def _break_off(self, incoming: Incoming) -> bool:
        """Tell whether this is how a message ends: it is for us, and has no other end."""
        try:
            return await self.services.intake.break_off(incoming)
        except BotError as error:
            log.warning("message %s may be answered yet: %s", incoming.message_id, error.code)
            return True


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
        name = interaction.command.qualified_name if interaction.command else "?"
        await _tell_failure(interaction, cause, f"/{name}")


async def _tell_failure(
    interaction: discord.Interaction[VoiceBot], error: BaseException | None, where: str
) -> None:
    if interaction.client.is_closed():
        log.info("%s was cut short by the end: %s", where, type(error).__name__)
        return
    sentence = interaction.client.services.incidents.account_for(error, where, interaction.guild_id)
    try:
        await _whisper(interaction, sentence)
    except (*CALL_ERRORS, discord.InteractionResponded) as failure:
        log.warning("nobody could be told of %s: %s", where, type(failure).__name__)


async def _whisper(interaction: discord.Interaction[VoiceBot], sentence: str) -> None:
    words = say(sentence, interaction.locale.value)
    if interaction.response.is_done():
        await interaction.followup.send(words, ephemeral=True)
    else:
        await interaction.response.send_message(words, ephemeral=True)
