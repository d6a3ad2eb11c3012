"""Places with settings, who inherits from whom, and the voices."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import Refused

VOICES = (
    "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable",
    "marin", "nova", "onyx", "sage", "shimmer", "verse",
)  # fmt: skip
"""Every voice named in OpenAI's documents for chat completions."""

_CUSTOM_VOICE = re.compile(r"voice_[A-Za-z0-9_-]{1,100}")


class Scope(StrEnum):
    """Where a setting is kept, nearest first."""

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
        thread_id: None outside threads.
        category_id: None where the channel has none, or it is not known.
        guild_id: the server; None in a DM.

    """

    channel_id: int
    guild_id: int | None = None
    thread_id: int | None = None
    category_id: int | None = None

    @property
    def id(self) -> int:
        """The id of the place messages go to: the thread, else the channel."""
        return self.thread_id or self.channel_id

    @property
    def is_dm(self) -> bool:
        """Whether this is a conversation with one member."""
        return self.guild_id is None

    def scopes(self) -> tuple[tuple[Scope, int], ...]:
        """The places whose settings count here, nearest first."""
        places = (
            (Scope.THREAD, self.thread_id),
            (Scope.CHANNEL, self.channel_id),
            (Scope.CATEGORY, self.category_id),
            (Scope.SERVER, self.guild_id),
        )
        return tuple((scope, id_) for scope, id_ in places if id_ is not None)


@dataclass(frozen=True, slots=True)
class Place:
    """What a setting is kept for: a thread, channel, category or server, or somebody's DM.

    `guild_id` is None for a DM.
    """

    scope: Scope
    id: int
    guild_id: int | None


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """A voice, and where it was chosen."""

    voice: str
    scope: Scope


def effective_voice(
    room: Room, chosen: Mapping[tuple[Scope, int], str], default: str
) -> VoiceChoice:
    """Find the voice of a room: the nearest scope that has one, else the owner's default."""
    for scope, id_ in room.scopes():
        if (voice := chosen.get((scope, id_))) is not None:
            return VoiceChoice(voice, scope)
    return VoiceChoice(default, Scope.DEFAULT)


def parse_voice(text: str) -> str:
    """Read a voice as a member typed it.

    Raises:
        Refused: neither a known name nor a custom voice id (`voice_…`).

    """
    name = text.strip()
    if name.lower() in VOICES:
        return name.lower()
    if _CUSTOM_VOICE.fullmatch(name):
        return name
    raise Refused(
        "voice_unknown",
        "There is no such voice. The voices are " + ", ".join(VOICES)
        + ", or a custom voice id that begins with `voice_`.",
    )  # fmt: skip
