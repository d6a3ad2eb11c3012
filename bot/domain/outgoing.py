"""An answer on its way: what is stored of it before any of it is posted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.reply import Sound

FAILURE_PART = 99
"""The place of a failure notice among the parts of an answer: after all others."""


class PartState(StrEnum):
    """How far one message of an answer is."""

    SENDING = "sending"  # it may stand, or not yet
    SENT = "sent"
    GONE = "gone"  # it stood, and somebody deleted it: never posted again
    ABANDONED = "abandoned"  # it was not taken, or not needed


@dataclass(frozen=True, slots=True)
class Part:
    """One message of an answer that needs no posting any more.

    Attributes:
        number: its place among them, from which its nonce follows; below 0 where it is not known.
        message_id: None when somebody deleted it before we knew it.

    """

    number: int
    message_id: int | None


@dataclass(frozen=True, slots=True)
class Posted:
    """What was posted of the answer of a turn."""

    turn_id: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An answer as it is about to be stored.

    Attributes:
        shape: how it is to be posted, in a form of the services' own.
        sound: None when it has none.
        parts: the places of its messages, where everything is taken.
        at: when it is stored.

    """

    shape: bytes
    sound: Sound | None
    parts: range
    at: datetime


@dataclass(frozen=True, slots=True)
class Underway:
    """An answer as it was stored.

    Attributes:
        shape: how it is to be posted, as it was given.
        sound: None when there was none, and when it is not what was stored.
        sound_lost: whether it is not what was stored.
        stored_at: when; nothing of it was posted before.

    """

    shape: bytes
    sound: Sound | None
    sound_lost: bool
    stored_at: datetime
