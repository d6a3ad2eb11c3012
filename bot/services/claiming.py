"""Holding what this run of the bot has claimed, from its start to its end in order."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.errors import DatabaseError
from bot.storage.claims import LEASE_S, ClaimStore
from bot.tasks import spawn

log = logging.getLogger(__name__)


@asynccontextmanager
async def holding(claims: ClaimStore) -> AsyncIterator[None]:
    """Renew all claims while the block runs, and give them back after it: that is no death."""
    renewing = spawn(_renew(claims), name="renew claims")
    try:
        yield
    finally:
        renewing.cancel()
        try:
            await claims.give_back()
        except DatabaseError as error:
            log.warning("what was begun counts as a death: %s", error.code)


async def _renew(claims: ClaimStore) -> None:
    while True:
        await asyncio.sleep(LEASE_S / 3)
        try:
            await claims.renew()
        except DatabaseError as error:
            log.warning("claims are not renewed: %s", error.code)
