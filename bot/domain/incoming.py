"""What a member sent us, in our words."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.access import Act, Actor, Rights, require
from bot.domain.rooms import Room


class Address(StrEnum):
    """Why a message may be for us; the strongest reason wins."""

    DM = "dm"
    MENTION = "mention"
    COMMAND = "command"  # answered through the command alone, apart from the talk of the room
    ROLE_MENTION = "role_mention"
    REPLY = "reply"
    THREAD = "thread"
    NONE = "none"


class FileKind(StrEnum):
    """What we do with a member's file."""

    SOUND = "sound"
    TEXT = "text"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class FileRef:
    """A member's file: where it is, not its bytes.

    `seconds` is what the sender's client claims, None when it claims nothing; never trust it.
    """

    id: int
    kind: FileKind
    filename: str
    url: str
    size_bytes: int
    content_type: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """Who wrote. `name` is the display name in that room."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who wants something of us, and where.

    Attributes:
        role_ids: their roles in the room's server, the one that everybody has included.
        rights: what they may do in that room.

    """

    room: Room
    member: Member
    role_ids: tuple[int, ...] = ()
    rights: Rights = field(default_factory=Rights)

    def require(self, act: Act) -> None:
        """Let an act in their room pass.

        Raises:
            Refused: a right is missing; the sentence says which, and who can grant it.

        """
        require(act, self.room.place_for(self.member.id), Actor(self.member.id, self.rights))


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message of somebody else that the question answers.

    `withheld` when Discord does not show us what it says (no Message Content intent).
    """

    author: str
    text: str
    files: tuple[FileRef, ...] = ()
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """The message that a question answers.

    Attributes:
        message_id: its id.
        ours: whether we wrote it; None when Discord did not say who did.
        answers: the message which that one answers in turn, None when unknown.

    """

    message_id: int
    ours: bool | None
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message that may ask us something.

    Attributes:
        text: what was written, without the mention of us.
        voice_message: whether it is a native voice message.
        mentions_others: whether it speaks to somebody by name who is not us.
        by_bot: whether another bot wrote it.
        silent: whether it was sent as @silent, so that it notifies nobody.
        role_ids: the member's roles in the room's server, the one that everybody has included.
        voice: the one asked for by name, None for that of the room.
        rights: what the member may do in the room; None where nobody looked: messages are for
            all who can write them, and of their rights only that counts whether they run us.
        content_visible: False when Discord withheld text and files from us (no Message Content
            intent): an empty `text` then says nothing about what the member wrote.

    """

    message_id: int
    room: Room
    member: Member
    text: str
    created_at: datetime
    address: Address
    files: tuple[FileRef, ...] = ()
    reply_to: ReplyTo | None = None
    quoted: Quoted | None = None
    voice_message: bool = False
    mentions_others: bool = False
    content_visible: bool = True
    by_bot: bool = False
    silent: bool = False
    role_ids: tuple[int, ...] = ()
    voice: str | None = None
    rights: Rights | None = None

    @property
    def caller(self) -> Caller:
        """Who asks."""
        rights = self.rights or Rights(own_dm=self.room.is_dm)
        return Caller(self.room, self.member, self.role_ids, rights)

    @property
    def is_addressed(self) -> bool:
        """Whether it calls us, rather than being said where we listen."""
        return self.address not in (Address.THREAD, Address.NONE)

    @property
    def kept_in(self) -> Room:
        """The room that the turn belongs to: what is answered apart is no part of a thread."""
        apart = self.address is Address.COMMAND
        return replace(self.room, thread_id=None) if apart else self.room
