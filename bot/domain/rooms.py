"""Places with settings, and who inherits from whom."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Where a setting is kept, nearest first."""

    MEMBER = "member"
    THREAD = "thread"
    CHANNEL = "channel"
    CATEGORY = "category"
    SERVER = "server"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Room:
    """Where a message was written.

    Attributes:
        channel_id: the channel itself, never a thread; in a DM the DM channel.
        thread_id: None outside threads; a forum post is a thread.
        category_id: None where the channel has none, or it is not known.
        guild_id: the server; None in a DM.
        guest: whether we are no member of the place, and only answer what is used there: nothing
            that is set for it counts.

    """

    channel_id: int
    guild_id: int | None = None
    thread_id: int | None = None
    category_id: int | None = None
    guest: bool = False

    @property
    def id(self) -> int:
        """The id of the place messages go to: the thread, else the channel."""
        return self.thread_id or self.channel_id

    @property
    def is_dm(self) -> bool:
        """Whether this is a conversation with one member."""
        return self.guild_id is None and not self.guest

    def scopes(self) -> tuple[tuple[Scope, int], ...]:
        """The places whose settings count here, nearest first."""
        if self.guest:
            return ()
        places = (
            (Scope.THREAD, self.thread_id),
            (Scope.CHANNEL, self.channel_id),
            (Scope.CATEGORY, self.category_id),
            (Scope.SERVER, self.guild_id),
        )
        return tuple((scope, id_) for scope, id_ in places if id_ is not None)

    def places(self, member_id: int) -> tuple["Place", ...]:
        """The places whose settings count for a member here, nearest first."""
        here = (Place(scope, id_, self.guild_id) for scope, id_ in self.scopes())
        return (Place(Scope.MEMBER, member_id, None), *here)

    def place_for(self, member_id: int) -> "Place":
        """The place that a member is in: the nearest with settings, else what is theirs alone."""
        own, *here = self.places(member_id)
        return here[0] if here else own


@dataclass(frozen=True, slots=True)
class Place:
    """What a setting is kept for: a member, thread, channel, category, server, or a DM.

    `guild_id` is None for a member, and for a DM, which is a channel of no server.
    """

    scope: Scope
    id: int
    guild_id: int | None

    @property
    def is_dm(self) -> bool:
        """Whether this is a conversation with one member."""
        return self.scope is Scope.CHANNEL and self.guild_id is None
