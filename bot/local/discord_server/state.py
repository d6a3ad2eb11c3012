"""Everything the server remembers, as plain records: what is dumped is what is here.

Ids are integers here and strings on the wire; times are UTC-aware.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.local.discord_server.kinds import (
    ChannelType,
    InteractionType,
    MessageFlag,
    MessageType,
    OverwriteKind,
)


@dataclass(slots=True)
class User:
    """An account.

    `takes_dms` is False for one who closed their direct messages, `installed` True for one who
    takes the application along. `locale` is the language of their client.
    """

    id: int
    name: str
    display_name: str | None = None
    bot: bool = False
    takes_dms: bool = True
    installed: bool = False
    locale: str = "en-US"


@dataclass(slots=True)
class Application:
    """The bot's application as its portal page shows it; its id is the bot user's id too."""

    id: int
    name: str
    owner_id: int
    token: str
    flags: int = 0
    public: bool = True


@dataclass(slots=True)
class Role:
    """A role. `bot_id` is set on the role that came with a bot."""

    id: int
    name: str
    permissions: int
    position: int = 1
    mentionable: bool = False
    bot_id: int | None = None


@dataclass(slots=True)
class Overwrite:
    """What one channel changes for a role or a member."""

    id: int
    kind: OverwriteKind
    allow: int = 0
    deny: int = 0


@dataclass(slots=True)
class Thread:
    """What a thread has beyond other channels."""

    owner_id: int
    created_at: datetime
    archived: bool = False
    locked: bool = False
    archive_minutes: int = 1440
    message_count: int = 0
    member_ids: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Channel:
    """A place for messages. `guild_id` is None, and `recipient_ids` filled, in a DM or a group."""

    id: int
    type: ChannelType
    name: str = ""
    guild_id: int | None = None
    parent_id: int | None = None
    position: int = 0
    overwrites: list[Overwrite] = field(default_factory=list)
    recipient_ids: list[int] = field(default_factory=list)
    last_message_id: int | None = None
    thread: Thread | None = None


@dataclass(slots=True)
class Member:
    """A user in a server."""

    user_id: int
    joined_at: datetime
    role_ids: list[int] = field(default_factory=list)
    nick: str | None = None


@dataclass(slots=True)
class Guild:
    """A server; its `@everyone` role has the server's own id."""

    id: int
    name: str
    owner_id: int
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    premium_tier: int = 0
    locale: str = "en-US"


@dataclass(slots=True)
class Attachment:
    """A file of a message; its bytes are in `State.files` under its id."""

    id: int
    channel_id: int
    filename: str
    size_bytes: int
    content_type: str | None
    description: str | None = None
    duration_s: float | None = None
    waveform: str | None = None
    ephemeral: bool = False


@dataclass(slots=True)
class Reference:
    """The message that another one answers (`forwarded` False) or passes on."""

    message_id: int
    channel_id: int
    guild_id: int | None = None
    forwarded: bool = False


@dataclass(slots=True)
class Snapshot:
    """What a forward shows of the message it passes on."""

    content: str
    timestamp: datetime
    flags: int
    attachments: list[Attachment]


@dataclass(slots=True)
class Use:
    """What a member did that led to a message; `name` is a command's (`voice set`), else empty."""

    user_id: int
    type: InteractionType
    name: str = ""


@dataclass(slots=True)
class Message:
    """One message.

    Attributes:
        pinged_user_ids: users named in the text that were allowed to be pinged.
        pinged_author_id: the author of the answered message, when the reply pings him.
        answers_interaction: whether the answered message was itself an answer to an interaction.
        interaction_id: the interaction this answers, or None.
        used: the same for members to see.
        for_user_id: the only one who sees it (ephemeral), or None.

    """

    id: int
    channel_id: int
    author_id: int
    timestamp: datetime
    type: MessageType = MessageType.DEFAULT
    content: str = ""
    flags: int = 0
    attachments: list[Attachment] = field(default_factory=list)
    embeds: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)
    edited_at: datetime | None = None
    reference: Reference | None = None
    snapshots: list[Snapshot] = field(default_factory=list)
    pinged_user_ids: list[int] = field(default_factory=list)
    pinged_author_id: int | None = None
    answers_interaction: bool = False
    pinged_role_ids: list[int] = field(default_factory=list)
    pings_everyone: bool = False
    nonce: str | int | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)
    interaction_id: int | None = None
    used: Use | None = None
    for_user_id: int | None = None

    @property
    def is_voice(self) -> bool:
        """Whether it is a native voice message."""
        return bool(self.flags & MessageFlag.VOICE)

    @property
    def is_loading(self) -> bool:
        """Whether it still says that the bot is thinking."""
        return bool(self.flags & MessageFlag.LOADING)


@dataclass(slots=True)
class Nonce:
    """A nonce that somebody sent with `enforce_nonce`."""

    author_id: int
    value: str
    message_id: int
    at: datetime


@dataclass(slots=True)
class Interaction:
    """A command, a pressed button, a request for suggestions, or a modal sent in.

    Attributes:
        callback: the type of the first response, None until it came.
        original_id: the message made by the first response.
        choices: the suggestions that came back, None until then.
        modal: the modal that was opened, None unless one was.
        failed: whether its member was told that no answer came in time.

    """

    id: int
    token: str
    type: InteractionType
    user_id: int
    channel_id: int
    created_at: datetime
    data: dict[str, Any]
    message_id: int | None = None
    callback: int | None = None
    original_id: int | None = None
    followup_ids: list[int] = field(default_factory=list)
    choices: list[dict[str, Any]] | None = None
    modal: dict[str, Any] | None = None
    failed: bool = False


@dataclass(slots=True)
class Typing:
    """Somebody was seen typing."""

    channel_id: int
    user_id: int
    at: datetime


@dataclass(slots=True)
class State:
    """All of it. `commands`: the global ones under 0, a server's own under its id."""

    application: Application
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    files: dict[int, bytes] = field(default_factory=dict)
    nonces: list[Nonce] = field(default_factory=list)
    commands: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    interactions: dict[int, Interaction] = field(default_factory=dict)
    typings: list[Typing] = field(default_factory=list)
    last_id: int = 0
