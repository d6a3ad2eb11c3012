"""A person with a Discord client: what they do, and what they wait to see."""

import base64
from collections.abc import Sequence

from bot.local.discord_server import (
    edits,
    gestures,
    interactions,
    invocations,
    messages,
    threads,
)
from bot.local.discord_server.drafts import Draft, Target, Upload
from bot.local.discord_server.filled import component_data, modal_data
from bot.local.discord_server.kinds import InteractionType, MessageFlag, MessageType
from bot.local.discord_server.mentions import Allowed
from bot.local.discord_server.options import NotOffered, Value
from bot.local.discord_server.payloads import Json
from bot.local.discord_server.permissions import Permission
from bot.local.discord_server.state import Channel, Interaction, Message, User
from bot.local.discord_server.world import World

_SILENT_REPLY = Allowed(replied_user=False)


class MemberClient:
    """Acts as one user. What Discord refuses a member raises `ApiError` here too."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self.user = user

    @property
    def dm_channel(self) -> Channel:
        """The DM with the bot."""
        return self._world.open_dm(self.user.id)

    # Writing.

    def say(
        self,
        channel: Channel,
        text: str = "",
        *,
        files: Sequence[Upload] = (),
        reply_to: Message | None = None,
        ping: bool = True,
    ) -> Message:
        """Write a message; a reply pings whom it answers unless told not to."""
        draft = Draft(content=text, uploads=tuple(files))
        return self._post(channel, draft, reply_to, ping=ping)

    def speak(
        self,
        channel: Channel,
        data: bytes,
        *,
        seconds: float = 1.0,
        reply_to: Message | None = None,
        ping: bool = True,
        content_type: str = "audio/ogg",
    ) -> Message:
        """Send a native voice message (Ogg Opus). It cannot carry text; it may be a reply."""
        points = bytes(min(255, 8 * n) for n in range(max(1, min(256, round(seconds * 10)))))
        waveform = base64.b64encode(points).decode()
        sound = Upload(
            "voice-message.ogg", data, content_type, duration_s=seconds, waveform=waveform
        )
        draft = Draft(uploads=(sound,), flags=MessageFlag.VOICE)
        return self._post(channel, draft, reply_to, ping=ping)

    def forward(self, message: Message, channel: Channel) -> Message:
        """Pass a message on to another channel."""
        target = Target(message.id, message.channel_id, forwarded=True)
        return messages.post(self._world, channel, self.user.id, Draft(target=target))

    def edit(self, message: Message, text: str) -> None:
        """Change the text of a message."""
        edits.edit(self._world, message, self.user.id, {"content": text})

    def delete(self, *chosen: Message) -> None:
        """Delete messages of one channel; several at once are one event."""
        channel = self._world.channel(chosen[0].channel_id)
        if any(message.author_id != self.user.id for message in chosen):
            self._world.require(self.user.id, channel, Permission.MANAGE_MESSAGES)
        messages.delete(self._world, channel, list(chosen))

    def start_thread(self, message: Message, name: str = "Thread") -> Channel:
        """Start a thread on a message."""
        return threads.start_on_message(self._world, message, self.user.id, name)

    def post_to_forum(
        self, forum: Channel, name: str, text: str, *, files: Sequence[Upload] = ()
    ) -> tuple[Channel, Message]:
        """Open a forum post; return its thread and its first message."""
        draft = Draft(content=text, uploads=tuple(files))
        return threads.post_to_forum(self._world, forum, self.user.id, name, draft)

    def change_thread(self, thread: Channel, **change: bool | str) -> None:
        """Rename, archive or lock a thread (`name`, `archived`, `locked`)."""
        threads.change(self._world, thread, self.user.id, change)

    def react(self, message: Message, emoji: str) -> None:
        """React to a message."""
        gestures.react(self._world, message, self.user.id, emoji)

    def take_back(self, message: Message, emoji: str) -> None:
        """Take a reaction back."""
        gestures.take_back(self._world, message, self.user.id, emoji)

    def show_typing(self, channel: Channel) -> None:
        """Show that they type."""
        gestures.show_typing(self._world, channel, self.user.id)

    # Commands and components.

    def slash(self, command: str, channel: Channel, **options: Value) -> Interaction:
        """Use a slash command (`voice set`) with its options.

        Raises:
            NotOffered: the client does not offer it here, or would not send it like this.

        """
        data = invocations.command_data(self._world, command, self.user.id, channel, options)
        kind = InteractionType.COMMAND
        return invocations.begin_command(self._world, kind, self.user.id, channel, data)

    async def suggestions(
        self,
        command: str,
        channel: Channel,
        option: str,
        typed: str = "",
        timeout_s: float = 10,
        **others: Value,
    ) -> list[Json]:
        """Type into an option with suggestions, and wait for them."""
        values: dict[str, Value] = {**others, option: typed}
        data = invocations.command_data(
            self._world, command, self.user.id, channel, values, focused=option
        )
        asked = invocations.begin_command(
            self._world, InteractionType.AUTOCOMPLETE, self.user.id, channel, data
        )
        await self._world.changes.until(lambda: asked.choices is not None, timeout_s)
        return asked.choices or []

    def use_on_message(self, command: str, message: Message) -> Interaction:
        """Use a command of the message's context menu."""
        data = invocations.menu_data(self._world, command, self.user.id, message)
        channel, kind = self._world.channel(message.channel_id), InteractionType.COMMAND
        return invocations.begin_command(self._world, kind, self.user.id, channel, data)

    def press(self, message: Message, custom_id: str) -> Interaction:
        """Press a button."""
        return self._use_component(message, custom_id)

    def select(self, message: Message, custom_id: str, *values: str) -> Interaction:
        """Choose in a select menu."""
        return self._use_component(message, custom_id, list(values))

    def submit(self, opened: Interaction, **values: str) -> Interaction:
        """Fill a modal that an interaction opened, and send it in."""
        if opened.modal is None:
            raise NotOffered("this interaction opened no modal")
        data = modal_data(opened.modal, values)
        kind = InteractionType.MODAL_SUBMIT
        return self._begin(kind, opened.channel_id, data, opened.message_id)

    # Waiting.

    async def answers(self, to: Message, count: int = 1, timeout_s: float = 10) -> list[Message]:
        """Wait until the bot has answered a message, directly or by replying to its own answer."""
        return await self._world.changes.until(
            lambda: _at_least(count, self._answers(to)), timeout_s
        )

    async def bot_messages(
        self,
        channel: Channel,
        count: int = 1,
        *,
        after: Message | None = None,
        timeout_s: float = 10,
    ) -> list[Message]:
        """Wait until the bot has written so many messages in a channel, and list them all."""
        since = after.id if after else 0
        return await self._world.changes.until(
            lambda: _at_least(count, self._seen_from_bot(channel.id, since)), timeout_s
        )

    async def response(self, used: Interaction, timeout_s: float = 10) -> Message:
        """Wait for the first answer to an interaction, once it no longer says it is loading."""
        return await self._world.changes.until(lambda: self._response(used), timeout_s)

    async def failure(self, used: Interaction, timeout_s: float = 10) -> None:
        """Wait until the client says that the bot did not answer in time."""
        await self._world.changes.until(lambda: used.failed, timeout_s)

    async def followups(
        self, used: Interaction, count: int = 1, timeout_s: float = 10
    ) -> list[Message]:
        """Wait for messages after the first answer."""
        stored = self._world.state.messages
        return await self._world.changes.until(
            lambda: _at_least(count, [stored[id_] for id_ in used.followup_ids if id_ in stored]),
            timeout_s,
        )

    async def sees_typing(self, channel: Channel, timeout_s: float = 10) -> None:
        """Wait until the bot was seen typing in a channel."""
        await self._world.changes.until(
            lambda: any(each.channel_id == channel.id for each in self._world.state.typings),
            timeout_s,
        )

    def read(self, message: Message, index: int = 0) -> bytes:
        """Read a file of a message."""
        return self._world.state.files[message.attachments[index].id]

    # How.

    def _post(
        self, channel: Channel, draft: Draft, reply_to: Message | None, *, ping: bool
    ) -> Message:
        if reply_to is not None:
            draft = Draft(
                draft.content,
                draft.uploads,
                draft.flags,
                target=Target(reply_to.id, reply_to.channel_id),
                allowed=Allowed() if ping else _SILENT_REPLY,
            )
        return messages.post(self._world, channel, self.user.id, draft)

    def _use_component(
        self, message: Message, custom_id: str, values: list[str] | None = None
    ) -> Interaction:
        data = component_data(self._world, message, custom_id, values)
        return self._begin(InteractionType.COMPONENT, message.channel_id, data, message.id)

    def _begin(
        self, kind: InteractionType, channel_id: int, data: Json, message_id: int | None
    ) -> Interaction:
        channel = self._world.channel(channel_id)
        begun = interactions.begin(self._world, kind, self.user.id, channel, data, message_id)
        return invocations.send(self._world, begun)

    def _answers(self, to: Message) -> list[Message]:
        ids, found = {to.id}, []
        for message in self._seen_from_bot(to.channel_id, to.id):
            if message.reference and message.reference.message_id in ids:
                ids.add(message.id)
                found.append(message)
        return found

    def _seen_from_bot(self, channel_id: int, since: int) -> list[Message]:
        return [
            message
            for message in self._world.messages_in(channel_id, since)
            if message.author_id == self._world.bot_id
            and message.type is not MessageType.THREAD_STARTER_MESSAGE
        ]

    def _response(self, used: Interaction) -> Message | None:
        message = self._world.state.messages.get(used.original_id or 0)
        return None if message is None or message.is_loading else message


def _at_least(count: int, found: list[Message]) -> list[Message] | None:
    return found if len(found) >= count else None
