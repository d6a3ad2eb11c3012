"""A server with rooms of every kind and people of every rank, and what they do with panels."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.domain.rooms import Place, Scope
from bot.local.discord_server import building, interactions, invocations
from bot.local.discord_server.components import flatten
from bot.local.discord_server.filled import TEXT_INPUT
from bot.local.discord_server.interactions import Callback
from bot.local.discord_server.kinds import ChannelType, InteractionType
from bot.local.discord_server.member import MemberClient
from bot.local.discord_server.options import Value
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.server import DiscordServer
from bot.local.discord_server.state import Channel, Interaction, Message
from tests.e2e.world import Talk, talking

SINGERS = "Singers"
"""A role that nobody has and the bot knows."""

LABEL = 18

MANAGE = int(Permission.MANAGE_CHANNELS)


@dataclass
class Server:
    """A category with a room, a thread, a forum with a post; a member of each rank.

    Attributes:
        host: manages the lounge alone.
        moderator: manages the channels of the category, of what is in it, and nothing else.
        manager: manages the server, but no channels.
        operator: runs the bot, and has no rights in the server.

    """

    talk: Talk
    category: Channel
    lounge: Channel
    thread: Channel
    post: Channel
    member: MemberClient
    host: MemberClient
    moderator: MemberClient
    manager: MemberClient
    operator: MemberClient

    @property
    def rooms(self) -> dict[str, Channel]:
        """Where commands can be used, by kind; the DM is each one's own."""
        return {"channel": self.lounge, "thread": self.thread, "post": self.post}

    async def use(self, who: MemberClient, command: str, channel: Channel, **options: Value) -> str:
        """Use a slash command, and give the answer that only its user sees."""
        response = await who.response(who.slash(command, channel, **options))
        assert response.for_user_id == who.user.id
        return response.content

    async def done(self, used: Interaction) -> Interaction:
        """Wait until the bot has answered in any way."""
        await self.talk.discord.world.changes.until(lambda: used.callback is not None, 10)
        return used

    async def open_modal(
        self, who: MemberClient, command: str, channel: Channel, **options: Value
    ) -> Interaction:
        """Use a command that opens a modal."""
        opened = await self.done(who.slash(command, channel, **options))
        assert opened.modal is not None
        return opened

    async def panel(self, who: MemberClient, channel: Channel) -> "PanelUser":
        """Open the panel of settings."""
        message = await who.response(who.slash("settings panel", channel))
        return PanelUser(self, who, message)

    @property
    def singers(self) -> str:
        """The id of a role that nobody has."""
        roles = self.talk.discord.guild.roles.values()
        return next(str(role.id) for role in roles if role.name == SINGERS)

    def stored(self, place: Place) -> dict[str, str]:
        """Read what is set for a place from the database itself."""
        return stored(self.talk.folder, place)

    async def write(self, statement: str, *values: object) -> None:
        """Write into the database beside the bot, which must go on meanwhile."""

        def run() -> None:
            with closing(sqlite3.connect(self.talk.folder / "bot.db")) as database, database:
                database.execute(statement, values)

        await asyncio.to_thread(run)

    def place(self, scope: Scope, channel: Channel) -> Place:
        """Name a place of the server, or the DM."""
        guild_id = self.talk.discord.guild.id if channel.guild_id else None
        return Place(scope, channel.id, guild_id)

    def own(self, who: MemberClient) -> Place:
        """Name what somebody sets for themselves."""
        return Place(Scope.MEMBER, who.user.id, None)

    @property
    def whole(self) -> Place:
        """Name the server as a place."""
        guild_id = self.talk.discord.guild.id
        return Place(Scope.SERVER, guild_id, guild_id)

    def forge(
        self,
        who: MemberClient,
        message: Message,
        custom_id: str,
        *values: str,
        kind: int = 2,
    ) -> Interaction:
        """Send what no client would: any component, with any values."""
        data: Json = {"custom_id": custom_id, "component_type": kind}
        if kind != 2:
            data["values"] = list(values)
        return self._send(who, InteractionType.COMPONENT, message.channel_id, data, message.id)

    def forge_modal(
        self, who: MemberClient, opened: Interaction, fields: Mapping[str, str]
    ) -> Interaction:
        """Send a modal in with values that its inputs do not take."""
        assert opened.modal is not None
        rows = [
            {"type": LABEL, "component": {"type": TEXT_INPUT, "custom_id": name, "value": value}}
            for name, value in fields.items()
        ]
        data: Json = {"custom_id": opened.modal["custom_id"], "components": rows}
        kind = InteractionType.MODAL_SUBMIT
        return self._send(who, kind, opened.channel_id, data, opened.message_id)

    def _send(
        self,
        who: MemberClient,
        kind: InteractionType,
        channel_id: int,
        data: Json,
        message_id: int | None,
    ) -> Interaction:
        world = self.talk.discord.world
        channel = world.channel(channel_id)
        begun = interactions.begin(world, kind, who.user.id, channel, data, message_id)
        return invocations.send(world, begun)


@dataclass
class PanelUser:
    """Somebody in front of a panel."""

    server: Server
    who: MemberClient
    message: Message

    @property
    def text(self) -> str:
        return self.message.content

    def component(self, action: str, index: int = 0) -> Json:
        """Find a component by what it does."""
        found = [
            part
            for part in flatten(self.message.components)
            if str(part.get("custom_id", "")).startswith(f"{action}:")
        ]
        return found[index]

    def has(self, action: str) -> bool:
        """Tell whether there is such a component, and it can be used."""
        parts = flatten(self.message.components)
        return any(
            str(part.get("custom_id", "")).startswith(f"{action}:") and not part.get("disabled")
            for part in parts
        )

    async def press(self, action: str, index: int = 0) -> Interaction:
        """Press a button."""
        used = self.who.press(self.message, self.component(action, index)["custom_id"])
        return await self.server.done(used)

    async def choose(self, action: str, *values: str) -> Interaction:
        """Choose in a select."""
        used = self.who.select(self.message, self.component(action)["custom_id"], *values)
        return await self.server.done(used)

    async def look_at(self, name: str) -> None:
        """Turn pages until a setting is there, and look at it."""
        while name not in [each["value"] for each in self.component("p_look")["options"]]:
            self.expect_update(await self.press("p_page", 1))
        self.expect_update(await self.choose("p_look", name))

    async def set(self, name: str, *values: str) -> None:
        """Look at a setting and choose its value."""
        await self.look_at(name)
        self.expect_update(await self.choose("p_set", *values))

    async def type(self, name: str, value: str) -> Interaction:
        """Look at a setting and type its value."""
        await self.look_at(name)
        opened = await self.press("p_type")
        assert opened.modal is not None
        return await self.server.done(self.who.submit(opened, value=value))

    def expect_update(self, used: Interaction) -> None:
        """Require that the panel itself changed."""
        assert used.callback == Callback.UPDATE
        assert used.original_id == self.message.id

    async def refusal(self, used: Interaction) -> str:
        """Require that the panel stayed, and give what its user was told."""
        said = await self.who.response(used)
        assert said.id != self.message.id
        assert said.for_user_id == used.user_id
        return said.content


def stored(folder: Path, place: Place) -> dict[str, str]:
    """Read what is set for a place from the database itself."""
    with closing(sqlite3.connect(folder / "bot.db")) as database:
        rows = database.execute(
            "SELECT name, value FROM room_settings WHERE scope = ? AND place_id = ?",
            (place.scope.value, place.id),
        )
        return dict(rows.fetchall())


def furnish(discord: DiscordServer) -> Callable[[Talk], Server]:
    """Make the rooms and let everybody in, before the bot comes: it is told of no message."""
    world, guild = discord.world, discord.guild
    category = building.add_channel(world, guild, "Rooms", ChannelType.CATEGORY)
    lounge = building.add_channel(world, guild, "lounge", parent=category)
    forum = building.add_channel(world, guild, "forum", ChannelType.FORUM, parent=category)
    building.add_role(world, guild, SINGERS, 0)
    member, moderator = discord.member("Bob"), discord.member("Mod")
    for place in (category, lounge, forum):
        building.set_overwrite(world, place, moderator.user, allow=MANAGE)
    host = discord.member("Host")
    building.set_overwrite(world, lounge, host.user, allow=MANAGE)
    manager = discord.member("Boss", permissions=int(Permission.MANAGE_GUILD))
    operator = discord.member("Runner")
    world.state.application.owner_id = operator.user.id
    thread = member.start_thread(member.say(lounge, "A topic"))
    post, _ = member.post_to_forum(forum, "A question", "What about it?")
    return partial(
        Server,
        category=category,
        lounge=lounge,
        thread=thread,
        post=post,
        member=member,
        host=host,
        moderator=moderator,
        manager=manager,
        operator=operator,
    )


@asynccontextmanager
async def serving(folder: Path, **settings: str) -> AsyncIterator[Server]:
    """Start everything; the bot is run by somebody without rights in the server."""
    discord = DiscordServer()
    server_of = furnish(discord)
    async with talking(folder, discord=discord, chat=None, **settings) as talk:
        yield server_of(talk)
