"""Which of Discord's permissions each feature takes, so that what is missing is named by both."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.words import Sentence


@dataclass(frozen=True, slots=True)
class Feature:
    """Something the bot does in rooms.

    Attributes:
        permissions: as Discord's library names them.
        in_channels: whether it is done outside threads.
        in_threads: whether it is done in threads and forum posts.

    """

    name: str
    permissions: tuple[str, ...]
    in_channels: bool = True
    in_threads: bool = True


@dataclass(frozen=True, slots=True)
class Lack:
    """A feature that cannot work, and the permissions that it wants for."""

    feature: Feature
    permissions: tuple[str, ...]


FEATURES = (
    Feature(Sentence("seeing the room"), ("view_channel",)),
    Feature(Sentence("answering"), ("send_messages",), in_threads=False),
    Feature(Sentence("answering in threads and forum posts"), ("send_messages_in_threads",)),
    Feature(Sentence("answering as a reply"), ("read_message_history",)),
    Feature(Sentence("voice messages"), ("send_voice_messages",)),
    Feature(Sentence("sound and long transcripts as files"), ("attach_files",)),
    Feature(Sentence("a thread for each question"), ("create_public_threads",), in_threads=False),
)


_TITLES = {
    "view_channel": Sentence("View Channel"),
    "send_messages": Sentence("Send Messages"),
    "send_messages_in_threads": Sentence("Send Messages in Threads"),
    "read_message_history": Sentence("Read Message History"),
    "send_voice_messages": Sentence("Send Voice Messages"),
    "attach_files": Sentence("Attach Files"),
    "create_public_threads": Sentence("Create Public Threads"),
}


def lacking(held: Collection[str], *, in_thread: bool | None = None) -> Sequence[Lack]:
    """Tell which features cannot work.

    Args:
        held: the permissions that are granted.
        in_thread: whether it is about a thread or another room; None for a whole server.

    """
    found = []
    for feature in FEATURES:
        if in_thread is None or (feature.in_threads if in_thread else feature.in_channels):
            missing = tuple(name for name in feature.permissions if name not in held)
            found += [Lack(feature, missing)] if missing else []
    return found


def title_of(permission: str) -> str:
    """Write a permission as Discord's clients do, nearly."""
    if (known := _TITLES.get(permission)) is not None:
        return known
    return permission.replace("_", " ").title().replace(" In ", " in ")
