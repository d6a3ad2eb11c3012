"""Routes about the application itself, its commands, its servers and users."""

import re
from collections.abc import Callable
from typing import Any

from bot.local.discord_server import events
from bot.local.discord_server.command_rules import check_commands
from bot.local.discord_server.errors import refused
from bot.local.discord_server.fields import read_id
from bot.local.discord_server.guild_payloads import guild_json
from bot.local.discord_server.payloads import (
    Json,
    application_json,
    channel_json,
    me_json,
    member_json,
    user_json,
)
from bot.local.discord_server.permissions import Permission, server_permissions
from bot.local.discord_server.rest import NO_CONTENT, Reply, Request, Route
from bot.local.discord_server.state import Guild
from bot.local.discord_server.world import World

_ATTACHMENT_URL = re.compile(r"/attachments/\d+/(\d{1,20})/")

GLOBAL = 0
"""The key of commands that belong to no server."""

_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"


class ApplicationRoutes:
    """What the bot may ask about itself and its servers."""

    def __init__(self, world: World, gateway_url: Callable[[], str], shards: int) -> None:
        self._world = world
        self._gateway_url = gateway_url
        self._shards = shards

    def routes(self) -> list[Route]:
        """List them."""
        commands = [
            route
            for template in (_COMMANDS, _GUILD_COMMANDS)
            for route in (
                Route("GET", template, self.list_commands),
                Route("PUT", template, self.replace_commands),
                Route("POST", template, self.add_command),
                Route("DELETE", template + "/{command_id}", self.delete_command),
            )
        ]
        return [
            *commands,
            Route("GET", "/users/@me", lambda _: Reply(me_json(self._world))),
            Route("GET", "/users/@me/guilds", self.list_guilds),
            Route("POST", "/users/@me/channels", self.open_dm),
            Route("GET", "/users/{user_id}", self.get_user),
            Route("GET", "/oauth2/applications/@me", self.get_application),
            Route("GET", "/applications/@me", self.get_application),
            Route("GET", "/gateway", lambda _: Reply({"url": self._gateway_url()})),
            Route("GET", "/gateway/bot", self.get_gateway),
            Route("GET", "/guilds/{guild_id}", self.get_guild),
            Route("GET", "/guilds/{guild_id}/channels", self.list_channels),
            Route("GET", "/guilds/{guild_id}/threads/active", self.list_threads),
            Route("GET", "/guilds/{guild_id}/members/{user_id}", self.get_member),
            Route("POST", "/attachments/refresh-urls", self.refresh_urls),
        ]

    def get_application(self, _request: Request) -> Reply:
        """Show the application."""
        return Reply(application_json(self._world))

    def get_gateway(self, _request: Request) -> Reply:
        """Tell where the gateway is and how often one may identify."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        answer = {"url": self._gateway_url(), "shards": self._shards, "session_start_limit": limit}
        return Reply(answer)

    def list_guilds(self, _request: Request) -> Reply:
        """List the servers the bot is in."""
        bot_id = self._world.bot_id
        return Reply(
            [
                {
                    "id": str(guild.id),
                    "name": guild.name,
                    "icon": None,
                    "banner": None,
                    "owner": guild.owner_id == bot_id,
                    "permissions": str(server_permissions(guild, bot_id)),
                    "features": [],
                }
                for guild in self._world.state.guilds.values()
                if bot_id in guild.members
            ]
        )

    def open_dm(self, request: Request) -> Reply:
        """Open the DM with a user."""
        user = self._world.user(read_id(request.payload, "recipient_id"))
        if user.bot:
            raise refused(50007)
        return Reply(channel_json(self._world, self._world.open_dm(user.id)))

    def get_user(self, request: Request) -> Reply:
        """Show an account."""
        return Reply(user_json(self._world, request.id("user_id")))

    def get_guild(self, request: Request) -> Reply:
        """Show a server."""
        return Reply(guild_json(self._guild(request)))

    def list_channels(self, request: Request) -> Reply:
        """List a server's channels without threads."""
        return Reply(self._places(self._guild(request), threads=False))

    def list_threads(self, request: Request) -> Reply:
        """List a server's active threads that the bot sees."""
        threads = self._places(self._guild(request), threads=True)
        return Reply({"threads": threads, "members": [], "has_more": False})

    def get_member(self, request: Request) -> Reply:
        """Show a user in a server."""
        member = self._guild(request).members.get(request.id("user_id"))
        if member is None:
            raise refused(10007)
        return Reply(member_json(self._world, member))

    def refresh_urls(self, request: Request) -> Reply:
        """Write fresh addresses of attachments (documented unofficially only)."""
        by_id = {
            attachment.id: attachment
            for message in self._world.state.messages.values()
            for attachment in message.attachments
        }
        fresh = []
        for url in request.payload.get("attachment_urls") or ():
            named = _ATTACHMENT_URL.search(url)
            found = by_id.get(int(named[1])) if named else None
            refreshed = found and self._world.links.url(found)
            fresh.append({"original": url, "refreshed": refreshed})
        return Reply({"refreshed_urls": fresh})

    def list_commands(self, request: Request) -> Reply:
        """List the commands of a place."""
        return Reply(self._world.state.commands.get(self._scope(request), []))

    def replace_commands(self, request: Request) -> Reply:
        """Put these commands in place of all earlier ones."""
        scope = self._scope(request)
        check_commands(request.payload, is_global=scope == GLOBAL)
        old = {_key(each): each["id"] for each in self._world.state.commands.get(scope, [])}
        self._world.state.commands[scope] = [
            self._registered(each, scope, old.get(_key(each))) for each in request.payload
        ]
        self._world.publish(events.commands_changed(scope or None))
        return Reply(self._world.state.commands[scope])

    def add_command(self, request: Request) -> Reply:
        """Add a command, or replace the one of the same name."""
        scope = self._scope(request)
        known = self._world.state.commands.get(scope, [])
        others = [each for each in known if _key(each) != _key(request.payload)]
        check_commands([*others, request.payload], is_global=scope == GLOBAL)
        added = self._registered(request.payload, scope, None)
        self._world.state.commands[scope] = [*others, added]
        self._world.publish(events.commands_changed(scope or None))
        return Reply(added, 200 if len(others) < len(known) else 201)

    def delete_command(self, request: Request) -> Reply:
        """Remove a command."""
        scope = self._scope(request)
        known = self._world.state.commands.get(scope, [])
        left = [each for each in known if each["id"] != request.params["command_id"]]
        if len(left) == len(known):
            raise refused(10063)
        self._world.state.commands[scope] = left
        self._world.publish(events.commands_changed(scope or None))
        return NO_CONTENT

    def _registered(self, command: Json, scope: int, known_id: str | None) -> Json:
        permissions = command.get("default_member_permissions")
        return {
            "type": 1,
            "description": "",
            "nsfw": False,
            "options": [],
            "contexts": None,
            "integration_types": [0],
            **{name: value for name, value in command.items() if value is not None},
            "id": known_id or str(self._world.next_id()),
            "application_id": str(self._world.bot_id),
            "version": str(self._world.next_id()),
            "default_member_permissions": None if permissions is None else str(permissions),
            **({} if scope == GLOBAL else {"guild_id": str(scope)}),
        }

    def _scope(self, request: Request) -> int:
        if request.id("application_id") != self._world.bot_id:
            raise refused(50001)
        if "guild_id" not in request.params:
            return GLOBAL
        return self._guild(request).id

    def _guild(self, request: Request) -> Guild:
        return self._world.guild(request.id("guild_id"))

    def _places(self, guild: Guild, *, threads: bool) -> list[Json]:
        return [
            channel_json(self._world, channel)
            for channel in self._world.state.channels.values()
            if channel.guild_id == guild.id
            and (channel.thread is not None) == threads
            and (not threads or self._is_active_thread(channel.id))
        ]

    def _is_active_thread(self, channel_id: int) -> bool:
        channel = self._world.channel(channel_id)
        seen = self._world.can(self._world.bot_id, channel, Permission.VIEW_CHANNEL)
        return seen and channel.thread is not None and not channel.thread.archived


def _key(command: dict[str, Any]) -> tuple[int, str]:
    return command.get("type") or 1, str(command.get("name"))
