"""Our application as Discord knows it: looked at over REST, without the gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import discord

from bot.discord_io.network import entering_discord
from bot.errors import StartError

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

SERVERS_LOOKED_AT = 200


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
        return has_content(client.application_flags)


@dataclass(frozen=True, slots=True)
class Application:
    """What Discord says of our application.

    `permissions` are the bits that each server we are in grants us, by its name.
    """

    name: str
    message_content: bool
    invite_link: str
    permissions: dict[str, int]


async def inspect_application(token: str) -> Application:
    """Look at the application and its servers.

    Raises:
        StartError: the token is wrong, or Discord is out of reach.

    """
    async with _logged_in(token) as client:
        if client.application_id is None:
            raise StartError("no_application", "Discord names no application for this token.")
        servers = await client.http.get_guilds(SERVERS_LOOKED_AT)
        return Application(
            name=str(client.user),
            message_content=has_content(client.application_flags),
            invite_link=invite_link(client.application_id),
            permissions={server["name"]: int(server["permissions"]) for server in servers},
        )


@asynccontextmanager
async def _logged_in(token: str) -> AsyncIterator[discord.Client]:
    async with discord.Client(intents=intents(message_content=False)) as client:
        with entering_discord():
            await client.login(token)
            yield client


def has_content(flags: discord.ApplicationFlags) -> bool:
    """Tell whether an application may read message content."""
    return flags.gateway_message_content or flags.gateway_message_content_limited


def invite_link(application_id: int) -> str:
    """Make the link by which a server's owner invites the bot, or gives it what is missing."""
    return discord.utils.oauth_url(application_id, permissions=INVITE_PERMISSIONS)


def granted(permissions: int) -> frozenset[str]:
    """Name the permissions of a bit field; an administrator has all."""
    held = discord.Permissions(permissions)
    if held.administrator:
        held = discord.Permissions.all()
    # Iterating leaves out second names, such as view_channel.
    return frozenset(name for name in held.VALID_FLAGS if getattr(held, name))
