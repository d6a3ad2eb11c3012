"""The world behind the server: its state, who may do what in it, and who is told of changes."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import msgspec

from bot.local.discord_server.changes import Changes
from bot.local.discord_server.clock import Clock, Snowflakes, utc_now
from bot.local.discord_server.errors import refused
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.links import FileLinks
from bot.local.discord_server.permissions import Permission, permissions_in
from bot.local.discord_server.state import Channel, Guild, Message, State, User

MESSAGE_CONTENT_FLAGS = (1 << 18) | (1 << 19)
"""Application flags: the Message Content intent was granted, or switched on in the portal."""


NONCE_WINDOW = timedelta(minutes=5)
"""Discord says `the past few minutes`."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something bots and members' clients are told of.

    Attributes:
        intents: bits of which one is needed; 0 when every session gets it.
        guild_id: None for what concerns no server, which goes to shard 0.
        channel_id: the channel one must see to be told, or None.
        payload: makes the payload; its argument says whether message content may be read.
        for_bots: False for what only members' clients are told.
        for_user_id: the only member who is told, or None.

    """

    name: str
    payload: Callable[[bool], dict[str, Any]]
    intents: int = 0
    guild_id: int | None = None
    channel_id: int | None = None
    for_bots: bool = True
    for_user_id: int | None = None


class World:
    """State with a clock, ids, and listeners.

    Attributes:
        nonce_window: how long a nonce is known.

    """

    def __init__(self, state: State, clock: Clock = utc_now) -> None:
        self.state = state
        self.clock = clock
        self.changes = Changes()
        self.links = FileLinks(clock, state.application.id)
        self.nonce_window = NONCE_WINDOW
        self._by_channel: dict[int, dict[int, Message]] = {}
        for message in state.messages.values():
            self._by_channel.setdefault(message.channel_id, {})[message.id] = message
        self._ids = Snowflakes(clock, state.last_id)
        self._listeners: list[Callable[[Event], None]] = []

    @property
    def bot_id(self) -> int:
        """The bot's user id."""
        return self.state.application.id

    @property
    def content_is_granted(self) -> bool:
        """Whether the portal lets the application read message content."""
        return bool(self.state.application.flags & MESSAGE_CONTENT_FLAGS)

    def grant_message_content(self, granted: bool = True) -> None:
        """Turn the Message Content switch of the portal."""
        flags = self.state.application.flags & ~MESSAGE_CONTENT_FLAGS
        self.state.application.flags = flags | (1 << 19 if granted else 0)

    def next_id(self) -> int:
        """Make a new snowflake."""
        self.state.last_id = self._ids.next()
        return self.state.last_id

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """Have `listener` called with each event."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Callable[[Event], None]) -> None:
        """Call `listener` no more."""
        self._listeners.remove(listener)

    def publish(self, event: Event) -> None:
        """Tell all listeners, and wake those who wait for a change."""
        for listener in list(self._listeners):
            listener(event)
        self.changes.tell()

    def user(self, user_id: int) -> User:
        """Find a user, or refuse with 10013."""
        if (user := self.state.users.get(user_id)) is None:
            raise refused(10013)
        return user

    def guild(self, guild_id: int) -> Guild:
        """Find a server the bot is in, or refuse with 10004."""
        guild = self.state.guilds.get(guild_id)
        if guild is None or self.bot_id not in guild.members:
            raise refused(10004)
        return guild

    def guild_of(self, channel: Channel) -> Guild | None:
        """Find the server of a channel; None in a DM."""
        return None if channel.guild_id is None else self.state.guilds[channel.guild_id]

    def channel(self, channel_id: int) -> Channel:
        """Find a channel, or refuse with 10003."""
        if (channel := self.state.channels.get(channel_id)) is None:
            raise refused(10003)
        return channel

    def message(self, channel_id: int, message_id: int, reader_id: int | None = None) -> Message:
        """Find a message of this channel that all see, or `reader_id`; else refuse with 10008."""
        message = self.state.messages.get(message_id)
        if message is None or message.channel_id != channel_id:
            raise refused(10008)
        if message.for_user_id not in (None, reader_id):
            raise refused(10008)
        return message

    def add_message(self, message: Message) -> None:
        """Keep a new message."""
        self.state.messages[message.id] = message
        self._by_channel.setdefault(message.channel_id, {})[message.id] = message

    def drop_message(self, message: Message) -> None:
        """Forget a message and its files."""
        del self.state.messages[message.id]
        del self._by_channel[message.channel_id][message.id]
        for attachment in message.attachments:
            self.state.files.pop(attachment.id, None)

    def messages_in(
        self, channel_id: int, since: int = 0, reader_id: int | None = None
    ) -> list[Message]:
        """List what everybody sees in a channel, or `reader_id`, oldest first, above `since`."""
        newest_first = reversed(self._by_channel.get(channel_id, {}).values())
        recent = itertools.takewhile(lambda message: message.id > since, newest_first)
        readers = (None, reader_id)
        return [message for message in recent if message.for_user_id in readers][::-1]

    def can(self, user_id: int, channel: Channel, permission: Permission) -> bool:
        """Whether a user has this permission in this channel."""
        return bool(permissions_in(self.state, channel, user_id) & permission)

    def require(self, user_id: int, channel: Channel, *permissions: Permission) -> None:
        """Refuse with 50001 who does not see the channel, with 50013 who lacks a permission."""
        if not self.can(user_id, channel, Permission.VIEW_CHANNEL):
            raise refused(50001)
        if not all(self.can(user_id, channel, permission) for permission in permissions):
            raise refused(50013)

    def open_dm(self, user_id: int) -> Channel:
        """Find or open the DM channel between the bot and a user."""
        wanted = {self.bot_id, user_id}
        for channel in self.state.channels.values():
            if channel.type is ChannelType.DM and set(channel.recipient_ids) == wanted:
                return channel
        channel = Channel(self.next_id(), ChannelType.DM, recipient_ids=[self.bot_id, user_id])
        self.state.channels[channel.id] = channel
        return channel

    def dump(self) -> dict[str, Any]:
        """Write the whole state as values that `json.dumps` takes, files as base64."""
        plain: dict[str, Any] = msgspec.to_builtins(
            replace(self.state, interactions={}, typings=[]), str_keys=True
        )
        return plain

    @classmethod
    def load(cls, dumped: dict[str, Any], clock: Clock = utc_now) -> "World":
        """Read what `dump` wrote."""
        return cls(msgspec.convert(dumped, State, str_keys=True, strict=True), clock)
