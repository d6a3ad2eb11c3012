"""Whether a message is for us."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.incoming import Address, Incoming
from bot.domain.question import has_something
from bot.words import Sentence

MENDED_BY_WORDS = frozenset({"empty", "files_unusable", "quote_withheld", "unreadable"})
"""Why a question is refused that an edit can make whole: no words of it could be read."""


class Verdict(StrEnum):
    """What to do with a message."""

    ANSWER = "answer"
    IGNORE = "ignore"
    UNREADABLE = "unreadable"  # for us, but Discord withheld its content


class Form(StrEnum):
    """How an answer looks in Discord."""

    CARD = "card"  # one message: transcript, and the sound as a file
    VOICE_NOTE = "voice_note"  # a playable bubble, and the transcript in a second message


@dataclass(frozen=True, slots=True)
class Known:
    """What storage knows about the place of a message.

    Attributes:
        replied_turn: the turn that the answered message belongs to.
        our_thread: whether the thread of the message grew from a question to us or an answer.
        listens: whether its room is one where nobody needs to mention us.
        answers_bots: whether other bots are answered there.

    """

    replied_turn: int | None = None
    our_thread: bool = False
    listens: bool = False
    answers_bots: bool = False


def judge(incoming: Incoming, known: Known) -> Verdict:
    """Tell whether a message is for us."""
    if not _is_for_us(incoming, known):
        return Verdict.IGNORE
    return Verdict.ANSWER if incoming.content_visible else Verdict.UNREADABLE


def _is_for_us(incoming: Incoming, known: Known) -> bool:
    if incoming.by_bot:
        return incoming.is_addressed and known.answers_bots
    if incoming.is_addressed:
        return True
    if known.replied_turn is not None:
        return incoming.reply_to is not None and incoming.reply_to.ours is not False
    if not _speaks_to_all(incoming):
        return False
    return known.our_thread or (known.listens and _may_be_overheard(incoming))


def may_be_ours(incoming: Incoming) -> bool:
    """Tell, without asking storage, whether `judge` could say anything but IGNORE."""
    if incoming.by_bot:
        return incoming.is_addressed
    if incoming.address is not Address.NONE:
        return True
    if incoming.reply_to is not None:
        return incoming.reply_to.ours is None
    return _speaks_to_all(incoming) and _may_be_overheard(incoming)


def _speaks_to_all(incoming: Incoming) -> bool:
    return incoming.reply_to is None and not incoming.mentions_others


def _may_be_overheard(incoming: Incoming) -> bool:
    """Tell whether a room where we listen has anything to hear in it: no sticker, no picture."""
    return incoming.content_visible and has_something(incoming)


def how_to_be_heard(incoming: Incoming) -> str:
    """Say what to do when Discord withheld the content of a message for us."""
    remedy = {
        Address.ROLE_MENTION: Sentence("mention me as a member, not by my role"),
        Address.REPLY: Sentence("leave the ping on when you reply to me"),
    }.get(incoming.address, Sentence("mention me, or reply to one of my answers with the ping on"))
    return Sentence(
        "Discord does not show me what you wrote, because I have no access to messages "
        "that do not address me directly. Please {remedy}.",
        remedy=remedy,
    )
