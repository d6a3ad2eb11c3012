"""Routes below `/channels`: messages, threads, typing, reactions."""

from bot.local.discord_server import edits, gestures, messages, threads
from bot.local.discord_server.drafts import read_draft
from bot.local.discord_server.errors import invalid_form, refused
from bot.local.discord_server.fields import read_ids, read_int
from bot.local.discord_server.history import page
from bot.local.discord_server.kinds import ChannelType
from bot.local.discord_server.message_payloads import message_json
from bot.local.discord_server.payloads import FORUM_TYPES, THREAD_TYPES, Json, channel_json
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.rest import NO_CONTENT, Reply, Request, Route
from bot.local.discord_server.state import Channel, Message
from bot.local.discord_server.world import World

_MESSAGE = "/channels/{channel_id}/messages/{message_id}"


class ChannelRoutes:
    """What the bot may do in channels."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[Route]:
        """List them."""
        messages_ = "/channels/{channel_id}/messages"
        own_reaction = _MESSAGE + "/reactions/{emoji}/@me"
        return [
            Route("GET", "/channels/{channel_id}", self.get_channel),
            Route("PATCH", "/channels/{channel_id}", self.change_channel),
            Route("POST", "/channels/{channel_id}/typing", self.type),
            Route("POST", "/channels/{channel_id}/threads", self.start_thread),
            Route("PUT", "/channels/{channel_id}/thread-members/@me", self.join_thread),
            Route("POST", messages_, self.create_message),
            Route("GET", messages_, self.list_messages),
            Route("POST", messages_ + "/bulk-delete", self.delete_messages),
            Route("GET", _MESSAGE, self.get_message),
            Route("PATCH", _MESSAGE, self.edit_message),
            Route("DELETE", _MESSAGE, self.delete_message),
            Route("POST", _MESSAGE + "/threads", self.start_thread_on_message),
            Route("PUT", own_reaction, self.add_reaction),
            Route("DELETE", own_reaction, self.remove_reaction),
        ]

    def get_channel(self, request: Request) -> Reply:
        """Show a channel."""
        return Reply(channel_json(self._world, self._channel(request)))

    def change_channel(self, request: Request) -> Reply:
        """Rename, archive or lock a thread."""
        channel = self._channel(request)
        threads.change(self._world, channel, self._world.bot_id, request.payload)
        return Reply(channel_json(self._world, channel))

    def type(self, request: Request) -> Reply:
        """Show that the bot is typing."""
        gestures.show_typing(self._world, self._channel(request), self._world.bot_id)
        return NO_CONTENT

    def create_message(self, request: Request) -> Reply:
        """Post a message."""
        draft = read_draft(request.payload, request.body.parts)
        message = messages.post(self._world, self._channel(request), self._world.bot_id, draft)
        return Reply(self._shown(message))

    def list_messages(self, request: Request) -> Reply:
        """Show up to 100 messages, newest first."""
        channel = self._channel(request)
        self._world.require(self._world.bot_id, channel)
        if not self._may_read_history(channel):
            return Reply([])
        limit = read_int(request.query, "limit", 50, 1, 100)
        found = page(self._world.messages_in(channel.id), request.query, limit)
        return Reply([self._shown(message) for message in reversed(found)])

    def get_message(self, request: Request) -> Reply:
        """Show one message."""
        return Reply(self._shown(self._message(request)))

    def edit_message(self, request: Request) -> Reply:
        """Change a message of the bot."""
        message = self._message(request)
        edits.edit(self._world, message, self._world.bot_id, request.payload, request.body.parts)
        return Reply(self._shown(message))

    def delete_message(self, request: Request) -> Reply:
        """Delete a message: the bot's own, or with MANAGE_MESSAGES another's."""
        channel, message = self._channel(request), self._message(request)
        if message.author_id != self._world.bot_id:
            self._world.require(self._world.bot_id, channel, Permission.MANAGE_MESSAGES)
        messages.delete(self._world, channel, [message])
        return NO_CONTENT

    def delete_messages(self, request: Request) -> Reply:
        """Delete 2 to 100 messages at once."""
        channel = self._channel(request)
        self._world.require(self._world.bot_id, channel, Permission.MANAGE_MESSAGES)
        ids = read_ids(request.payload.get("messages"), "messages")
        if not 2 <= len(ids) <= 100:
            raise invalid_form("messages", "BASE_TYPE_BAD_LENGTH", "Must be between 2 and 100.")
        found = [each for each in self._world.messages_in(channel.id) if each.id in ids]
        messages.delete(self._world, channel, found)
        return NO_CONTENT

    def start_thread_on_message(self, request: Request) -> Reply:
        """Start the thread of a message."""
        thread = threads.start_on_message(
            self._world,
            self._message(request),
            self._world.bot_id,
            request.payload.get("name"),
            request.payload.get("auto_archive_duration") or 1440,
        )
        return Reply(channel_json(self._world, thread), 201)

    def start_thread(self, request: Request) -> Reply:
        """Start a thread without a message, or a forum post with its first one."""
        parent, payload = self._channel(request), request.payload
        if parent.type in FORUM_TYPES:
            return self._post_to_forum(request, parent)
        kind = payload.get("type") or ChannelType.PRIVATE_THREAD
        if kind not in THREAD_TYPES:
            raise invalid_form("type", "BASE_TYPE_CHOICES", "Not a kind of thread.")
        thread = threads.start_alone(
            self._world,
            parent,
            self._world.bot_id,
            payload.get("name"),
            payload.get("auto_archive_duration") or 1440,
            ChannelType(kind),
        )
        return Reply(channel_json(self._world, thread), 201)

    def join_thread(self, request: Request) -> Reply:
        """Become a member of a thread."""
        channel = self._channel(request)
        self._world.require(self._world.bot_id, channel)
        if channel.thread is None:
            raise refused(50024)
        channel.thread.member_ids.add(self._world.bot_id)
        return NO_CONTENT

    def add_reaction(self, request: Request) -> Reply:
        """React to a message."""
        gestures.react(
            self._world, self._message(request), self._world.bot_id, request.params["emoji"]
        )
        return NO_CONTENT

    def remove_reaction(self, request: Request) -> Reply:
        """Take a reaction back."""
        gestures.take_back(
            self._world, self._message(request), self._world.bot_id, request.params["emoji"]
        )
        return NO_CONTENT

    def _post_to_forum(self, request: Request, forum: Channel) -> Reply:
        draft = read_draft(request.payload.get("message") or {}, request.body.parts)
        thread, first = threads.post_to_forum(
            self._world, forum, self._world.bot_id, request.payload.get("name"), draft
        )
        return Reply(channel_json(self._world, thread) | {"message": self._shown(first)}, 201)

    def _channel(self, request: Request) -> Channel:
        """Find the channel in the path: 10003 when there is none, 50001 when it is hidden."""
        channel = self._world.channel(request.id("channel_id"))
        self._world.require(self._world.bot_id, channel)
        return channel

    def _message(self, request: Request) -> Message:
        """Find the message in the path; reading it needs READ_MESSAGE_HISTORY."""
        channel = self._channel(request)
        message = self._world.message(channel.id, request.id("message_id"))
        if message.author_id != self._world.bot_id and not self._may_read_history(channel):
            raise refused(50013)
        return message

    def _may_read_history(self, channel: Channel) -> bool:
        history = Permission.READ_MESSAGE_HISTORY
        return self._world.can(self._world.bot_id, channel, history)

    def _shown(self, message: Message) -> Json:
        granted = self._world.content_is_granted
        return message_json(self._world, message, reads_content=granted)
