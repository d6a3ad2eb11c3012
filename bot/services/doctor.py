"""Whether the parts answer that every answer leans on: for `/doctor` and `python -m bot check`."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from typing import Protocol

from bot.domain.findings import Finding
from bot.domain.reply import SPEECH_HZ, Sound, VoiceClip
from bot.errors import BotError, ChatApiError
from bot.words import Sentence

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
SOON = timedelta(days=90)
"""How long before its end an operator is warned of it at each start."""

_SHORT_SOUND = Sound(bytes(SPEECH_HZ // 5 * 2), "pcm16")
_ENOUGH_BYTES = 1 << 16

Probe = Callable[[], Awaitable[list[Finding]]]
"""Looks at one part; may raise any BotError."""


class ModelInfo(Protocol):
    """What a server says about a model."""

    @property
    def shutdown_date(self) -> date | None:
        """When it will be switched off; None when that is not said."""
        ...


class Model(Protocol):
    """A server that may be asked about its model."""

    async def describe_model(self, model: str | None = None) -> ModelInfo | None:
        """Ask; None when it does not tell about models at all."""
        ...


class Voice(Protocol):
    """What makes voice messages."""

    async def voice_clip(self, sound: Sound, *, limit_bytes: int) -> VoiceClip:
        """Make one."""
        ...


class Doctor:
    """Looks at all parts at once."""

    def __init__(self, *probes: Probe) -> None:
        self._probes = probes

    async def examine(self) -> Sequence[Finding]:
        """Look at every part; one that fails or takes too long is a finding, never an error."""
        found = await asyncio.gather(*map(_guarded, self._probes))
        return [finding for findings in found for finding in findings]


async def _guarded(probe: Probe) -> list[Finding]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await probe()
    except BotError as error:
        log.warning("found: %s", error.code)
        remedy = error.remedy if isinstance(error, ChatApiError) else None
        return [Finding(False, error.sentence, remedy)]
    except TimeoutError:
        return [
            Finding(
                False,
                Sentence(
                    "one of my parts does not answer within {seconds:.0f} seconds",
                    seconds=PATIENCE_S,
                ),
            )
        ]


def probe_model(model: Model, name: str, setting: str) -> Probe:
    """Look whether the model's server takes the key and has the model that a setting names."""

    async def look() -> list[Finding]:
        info = await model.describe_model()
        if info is None:
            untold = Sentence(
                "the server does not tell about models, so {name} is not checked", name=name
            )
            return [Finding(None, untold)]
        found = [
            Finding(True, Sentence("the key is accepted, and the model {name} is there", name=name))
        ]
        if info.shutdown_date:
            off = Sentence("the model will be switched off on {date}", date=info.shutdown_date)
            remedy = Sentence("{setting} names another", setting=setting)
            found.append(Finding(None, off, remedy))
        return found

    return look


async def warn_of_ends(models: Sequence[tuple[Model, str, str]], today: date) -> None:
    """Tell the operator of models that are about to be switched off, or are not there at all.

    Args:
        models: who tells of each, its name, and the setting that names it.
        today: from where the days are counted.

    """
    for server, name, setting in models:
        try:
            info = await server.describe_model(name)
        except BotError as error:
            log.warning("%s: %s (%s)", setting, error.sentence, name)
            continue
        ends = info.shutdown_date if info is not None else None
        if ends is not None and ends - today <= SOON:
            log.warning("%s will be switched off on %s: %s names another", name, ends, setting)


def probe_audio(voice: Voice) -> Probe:
    """Look whether sound can be made: a fifth of a second of silence."""

    async def look() -> list[Finding]:
        begun = time.monotonic()
        await voice.voice_clip(_SHORT_SOUND, limit_bytes=_ENOUGH_BYTES)
        took_ms = (time.monotonic() - begun) * 1000
        return [Finding(True, Sentence("the audio worker makes sound ({ms:.0f} ms)", ms=took_ms))]

    return look


def probe_database(ping: Callable[[], Awaitable[object]]) -> Probe:
    """Look whether the database takes a query."""

    async def look() -> list[Finding]:
        begun = time.monotonic()
        await ping()
        took_ms = (time.monotonic() - begun) * 1000
        return [Finding(True, Sentence("the database answers ({ms:.0f} ms)", ms=took_ms))]

    return look
