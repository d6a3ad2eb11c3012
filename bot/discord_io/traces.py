"""What we wrote in rooms before a stop, read once for all whose answers may stand there.

Looking for each answer by itself would read the same pages again and again, and with a crowd behind
us we would be killed the next time before we were through.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import discord

from bot.discord_io.history import PAGE, read_page
from bot.discord_io.network import CALL_ERRORS, OUT_OF_REACH
from bot.discord_io.posting import ATTEMPT_S, unreachable
from bot.discord_io.restraint import once_let
from bot.domain.reply import Standing
from bot.tasks import spawn

log = logging.getLogger(__name__)

MOST_PAGES = 20
"""So much of a room is read at most; what is not decided by then counts as not seen."""

PAUSES_S = (1.0, 3.0)
"""The waits before a page is asked for again, after what discord.py does not repeat."""


@dataclass
class _Trail:
    """What we wrote in a room, by the message it replies to; None for nothing.

    It is cut off where Discord was not to be had, and otherwise not whole where it was too long or
    we may not look.
    """

    ours: defaultdict[int | None, list[Standing]] = field(default_factory=lambda: defaultdict(list))
    is_whole: bool = False
    is_cut_off: bool = False


class Traces:
    """Looks through rooms, each of them once."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._oldest: dict[int, int] = {}
        self._expected: set[tuple[int, int]] = set()
        self._scans: dict[int, asyncio.Task[_Trail]] = {}

    def expect(self, room_id: int, message_id: int) -> None:
        """Say that the answer to a message will be looked for, once: one look serves them all."""
        self._expected.add((room_id, message_id))
        self._oldest[room_id] = min(message_id, self._oldest.get(room_id, message_id))

    async def answers_to(
        self, room_id: int, message_id: int, reference: int | None
    ) -> Sequence[Standing] | None:
        """Find what we wrote in answer to a message, oldest first; None if we cannot tell.

        Args:
            room_id: where it would stand.
            message_id: the message.
            reference: what the answers reply to; None where they reply to nothing.

        Raises:
            Unreachable: Discord is not to be had.

        """
        if (room_id, message_id) in self._expected:
            self._expected.remove((room_id, message_id))
            trail = await asyncio.shield(self._scan(room_id))
        else:  # it was asked after that look
            trail = await self._follow(room_id, message_id)
        if trail.is_cut_off:
            raise unreachable()
        found = trail.ours.get(reference, [])
        return found if found or trail.is_whole else None

    def _scan(self, room_id: int) -> "asyncio.Task[_Trail]":
        if room_id not in self._scans:
            scan = self._follow(room_id, self._oldest[room_id])
            self._scans[room_id] = spawn(scan, name=f"look through {room_id}")
        return self._scans[room_id]

    async def _follow(self, room_id: int, after: int) -> _Trail:
        trail = _Trail()
        for _ in range(MOST_PAGES):
            try:
                page = await self._read(room_id, after)
            except CALL_ERRORS as error:
                trail.is_cut_off = isinstance(error, OUT_OF_REACH)
                return trail
            self._note(page, trail)
            if len(page) < PAGE:
                trail.is_whole = True
                return trail
            after = page[-1].id
        log.warning("%s is not looked through to its end: %s pages", room_id, MOST_PAGES)
        return trail

    async def _read(self, room_id: int, after: int) -> list[discord.Message]:
        read = partial(once_let, partial(self._read_once, room_id, after))
        for pause_s in PAUSES_S:
            try:
                return await read()
            except CALL_ERRORS as error:
                log.warning("%s cannot be looked through: %s", room_id, type(error).__name__)
                if not isinstance(error, OUT_OF_REACH):
                    raise
            await asyncio.sleep(pause_s)
        return await read()

    async def _read_once(self, room_id: int, after: int) -> list[discord.Message]:
        async with asyncio.timeout(ATTEMPT_S):
            return await read_page(self._client, room_id, after)

    def _note(self, page: Sequence[discord.Message], trail: _Trail) -> None:
        ours = self._client.user.id if self._client.user else 0
        for message in page:
            if message.author.id == ours:
                reference = message.reference
                trail.ours[reference.message_id if reference else None].append(
                    Standing(
                        message.id,
                        message.content,
                        has_files=bool(message.attachments),
                        is_voice=message.flags.voice,
                    )
                )
