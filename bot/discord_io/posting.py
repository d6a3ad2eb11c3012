"""Create Message, made safe to repeat, with Discord's refusals in our words.

discord.py retries 429, 500, 502, 504 and 524 by itself, but neither 503 nor broken connections on
Linux; those are ambiguous (the message may stand), so they are repeated with the same nonce.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from enum import Enum
from typing import TypeVar
from zlib import crc32

import discord

from bot.discord_io.network import NETWORK_ERRORS
from bot.discord_io.restraint import HeldBack
from bot.errors import (
    DeliveryError,
    FilesForbidden,
    NoAccess,
    PartGone,
    SourceGone,
    TooLarge,
    Unreachable,
    VoiceForbidden,
)
from bot.words import Sentence

T = TypeVar("T")

log = logging.getLogger(__name__)

PAUSES_S: tuple[float, ...] = (0.5, 2.0, 5.0, 10.0, 15.0)
"""The waits before each repetition: an outage of half a minute is waited out."""

DEADLINE_S = 90
"""For one message with all its repetitions; waiting for one's turn in a room does not count."""

ATTEMPT_S = 30
"""For one attempt: an answer that never comes is worth another one, with the same nonce."""

_SHUT_OUT = 429
"""What rises of this is no rate limit, which discord.py waits out: see `restraint`."""

_UNKNOWN_MESSAGE, _INVALID_FORM, _CANNOT_READ_HISTORY = 10008, 50035, 160002
_NO_VOICE_MESSAGES = 50173
_TOO_LARGE = {40005, 50045}
_LOCKED_OUT = {10003, 10004, 50001, 50007, 50083, 50278, 160005}
_MISSING_RIGHTS = 50013
_AUTOMOD = {200000, 200001, 240000}
_AMBIGUOUS = (*NETWORK_ERRORS, discord.DiscordServerError)

DID_NOT_TAKE = Sentence("Discord did not take my answer. Please ask again.")

Send = Callable[[discord.MessageReference | None], Awaitable[int]]
"""Posts one message as a reply to the reference, if there is one, and gives its id."""


def nonce_of(message_id: int, part: int) -> str:
    """Name one part of the answer to a message: the same again after a restart, 25 at most."""
    return f"{message_id:x}.{part}"


def nonce_of_words(message_id: int, words: str) -> str:
    """Name a notice about a message: the same words again are the same notice, 25 at most."""
    return f"{message_id:x}-{crc32(words.encode()):x}"


class Kind(Enum):
    """What a message consists of: the same refusal means another thing for each."""

    WORDS = "words"
    FILE = "file"
    VOICE = "voice"


async def post(
    send: Send,
    reference: discord.MessageReference | None,
    kind: Kind,
    gate: AbstractAsyncContextManager[object] | None = None,
) -> int:
    """Post one message, repeating what may have failed on the way; each attempt behind the gate.

    Raises:
        SourceGone, PartGone, NoAccess, VoiceForbidden, FilesForbidden, TooLarge, DeliveryError:
            Discord refuses it.
        Unreachable: whether it stands is open.

    """
    while True:
        try:
            return await _post_patiently(send, reference, kind, gate or nullcontext())
        except HeldBack as held:
            await held.over()


async def _post_patiently(
    send: Send,
    reference: discord.MessageReference | None,
    kind: Kind,
    gate: AbstractAsyncContextManager[object],
) -> int:
    may_stand, left_s = False, float(DEADLINE_S)
    for pause_s in (*PAUSES_S, None):
        begun = time.monotonic()
        try:
            async with gate:
                begun = time.monotonic()
                async with asyncio.timeout(min(ATTEMPT_S, left_s)):
                    return await _post_once(send, reference)
        except HeldBack as held:
            if may_stand:  # and once calls go out again, Discord has forgotten its nonce
                raise unreachable() from held
            raise
        except _AMBIGUOUS as error:
            may_stand = True
            log.warning("posting failed on the way: %s", type(error).__name__)
            left_s -= time.monotonic() - begun
            if pause_s is None or left_s <= pause_s:
                break
            await asyncio.sleep(pause_s)
            left_s -= pause_s
        except discord.HTTPException as error:
            if error.status != _SHUT_OUT:
                raise in_our_words(error, kind) from error
        except discord.RateLimited:
            break
    raise unreachable()


async def repeat_once(call: Callable[[], Awaitable[T]]) -> T:
    """Make a call that does no harm twice, once more where it may have failed on the way."""
    try:
        return await call()
    except _AMBIGUOUS as error:
        log.warning("a call failed on the way: %s", type(error).__name__)
    await asyncio.sleep(PAUSES_S[0])
    return await call()


async def _post_once(send: Send, reference: discord.MessageReference | None) -> int:
    try:
        return await send(reference)
    except discord.HTTPException as error:
        if error.code != _CANNOT_READ_HISTORY:
            raise
    return await send(None)


def unreachable() -> Unreachable:
    """Say that Discord was not to be had."""
    return Unreachable("discord_unreachable", DID_NOT_TAKE)


def source_gone() -> SourceGone:
    """Say that nobody waits for an answer any more."""
    return SourceGone("source_deleted", Sentence("The question was deleted."))


def no_access() -> NoAccess:
    """Say that a room takes nothing of ours."""
    return NoAccess("no_access", Sentence("I may not write in the room where you asked me."))


def files_forbidden() -> FilesForbidden:
    """Say that a room takes no files of ours."""
    return FilesForbidden(
        "files_forbidden",
        Sentence(
            "I may not attach files in this room. A moderator can give me the permission Attach "
            "Files here."
        ),
    )


def in_our_words(error: discord.HTTPException, kind: Kind) -> DeliveryError:
    """Say what Discord's refusal of a message means."""
    if error.code == _UNKNOWN_MESSAGE:  # what our nonce named a moment ago
        return PartGone("part_gone", "My message was deleted.")
    if error.code == _INVALID_FORM and "message_reference" in error.text:
        return source_gone()
    if error.code == _NO_VOICE_MESSAGES or (error.code, kind) == (_MISSING_RIGHTS, Kind.VOICE):
        return VoiceForbidden(
            "voice_forbidden", Sentence("Voice messages are not allowed in this room.")
        )
    if error.status == 413 or error.code in _TOO_LARGE:
        return TooLarge("sound_too_large", Sentence("The sound is too large for this room."))
    if (error.code, kind) == (_MISSING_RIGHTS, Kind.FILE):
        return files_forbidden()
    if error.code in _AUTOMOD:
        return DeliveryError(
            "blocked_by_automod", Sentence("AutoMod of this server blocked my answer.")
        )
    if error.code in _LOCKED_OUT or error.status == 403:
        return no_access()
    log.error("Discord refused a message: status %s, code %s", error.status, error.code)
    return DeliveryError("discord_refused", Sentence("Discord did not take my answer."))
