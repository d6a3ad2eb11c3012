"""Getting an answer posted: voice message -> file -> smaller file -> words. Words always arrive.

The parts of an answer are posted in their order. So once one of them stands, all before it stood
or were not taken, and posting goes on behind it: what was deleted meanwhile is never posted again.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial

from bot.domain.outgoing import Part
from bot.domain.reply import Sound
from bot.domain.setting_words import Transcript
from bot.domain.triggers import Form
from bot.errors import (
    AudioError,
    DeliveryError,
    FilesForbidden,
    NoAccess,
    PartGone,
    SourceGone,
    TooLarge,
    Unreachable,
)
from bot.services.pages import (
    Answer,
    Layout,
    alt_text,
    lay_out_beside_sound,
    lay_out_unattached,
    lay_out_words,
)
from bot.services.ports import Outlet, Transcoder
from bot.words import Sentence

log = logging.getLogger(__name__)

NOTHING = -1
"""Where an answer begins: before its first part."""

VOICE_PART = 0
"""The place of the bubble among the parts of an answer; words follow from 1."""

SOUND_LOST = Sentence("🔇 The sound could not be posted here; these are its words.")


class Delivery:
    """Posts answers."""

    def __init__(self, transcoder: Transcoder) -> None:
        self._transcoder = transcoder

    async def deliver(
        self, answer: Answer, outlet: Outlet, after: int = NOTHING
    ) -> AsyncIterator[Part]:
        """Post the parts of an answer behind the one named; gives each once it stands."""
        answer, posted = replace(answer, locale=outlet.locale), after > NOTHING
        if after > VOICE_PART:
            parts = _post_rest(_remaining(answer, after), outlet, after)
        elif after == VOICE_PART:
            parts = _post_beside(answer, outlet)
        else:
            parts = self.deliver_sound(answer, outlet)
        async for part in parts:
            posted = True
            yield part
        if not posted:
            notes = _why_words(answer)
            unattached = partial(lay_out_unattached, answer, *notes)
            async for part in _post_pages(lay_out_words(answer, *notes), unattached, outlet):
                yield part

    async def deliver_sound(self, answer: Answer, outlet: Outlet) -> AsyncIterator[Part]:
        """Post the sound and what stands beside it; nothing at all where no sound is taken."""
        if (sound := answer.sound) is None:
            return
        answer = replace(answer, locale=outlet.locale)
        if answer.form is Form.VOICE_NOTE:
            bubble = await self._post_bubble(answer, sound, outlet)
            if bubble is not None:
                yield bubble
                async for part in _post_beside(answer, outlet):
                    yield part
                return
        layout = lay_out_beside_sound(answer)
        first = await self._post_with_sound(answer, sound, outlet, layout)
        if first is not None:
            yield first
            async for part in _post_rest(layout, outlet, first.number):
                yield part

    async def _post_bubble(self, answer: Answer, sound: Sound, outlet: Outlet) -> Part | None:
        try:
            clip = await self._transcoder.voice_clip(
                sound, limit_bytes=outlet.limit_bytes, speed=answer.speed
            )
            return await _posted(VOICE_PART, outlet.post_voice(clip, part=VOICE_PART))
        except (SourceGone, NoAccess, Unreachable):  # of the last, it may stand
            raise
        except (AudioError, DeliveryError) as error:
            log.info("no voice message: %s", error.code)
            return None

    async def _post_with_sound(
        self, answer: Answer, sound: Sound, outlet: Outlet, layout: Layout
    ) -> Part | None:
        """Post the first page with its sound, a smaller one if need be; None if none is taken."""
        for limit_bytes in (outlet.limit_bytes, outlet.limit_bytes // 4):
            try:
                file = await self._transcoder.sound_file(
                    sound, wanted=answer.file_format, limit_bytes=limit_bytes, speed=answer.speed
                )
                posting = outlet.post_text(
                    layout.pages[0] if layout.pages else "",
                    part=1,
                    sound=file,
                    alt_text=alt_text(answer, file),
                    transcript=layout.attached,
                    buttons=layout.buttons_of(0),
                )
                return await _posted(1, posting)
            except (SourceGone, NoAccess, Unreachable):  # of the last, it may stand
                raise
            except TooLarge as error:
                log.info("sound refused: %s", error.code)
            except (AudioError, DeliveryError) as error:
                log.info("no sound file: %s", error.code)
                return None
        return None


async def _posted(number: int, posting: Awaitable[int]) -> Part:
    """Wait until a part stands; one that somebody deleted before we knew of it counts as well."""
    try:
        return Part(number, await posting)
    except PartGone:
        return Part(number, None)


def without_files(answer: Answer, *, beside_bubble: bool) -> Answer:
    """Take an answer for what it became where no file was taken: words, maybe below a bubble."""
    if beside_bubble:
        return replace(answer, unattached=answer.words is Transcript.SHOWN)
    why = answer.why_silent if answer.sound is None else SOUND_LOST
    return replace(answer, sound=None, unattached=True, why_silent=why)


def _why_words(answer: Answer) -> tuple[str, ...]:
    """Say why an answer is only read."""
    why = answer.why_silent if answer.sound is None else SOUND_LOST
    return (why,) if why else ()


def _remaining(answer: Answer, after: int) -> Layout:
    """Lay out an answer of which words stand already, perhaps all of them as pages."""
    if answer.unattached:
        notes = () if answer.sound is not None else _why_words(answer)
        return lay_out_unattached(answer, *notes)
    if answer.sound is not None:
        layout = lay_out_beside_sound(answer)
    else:
        layout = lay_out_words(answer, *_why_words(answer))
    return layout if after <= len(layout.pages) else lay_out_unattached(answer)


async def _post_beside(answer: Answer, outlet: Outlet) -> AsyncIterator[Part]:
    """Post what stands below a bubble."""
    unattached = partial(lay_out_unattached, answer)
    async for part in _post_pages(lay_out_beside_sound(answer), unattached, outlet):
        yield part


async def _post_pages(
    layout: Layout, unattached: Callable[[], Layout], outlet: Outlet
) -> AsyncIterator[Part]:
    """Post pages; where a transcript as a file is not taken, it comes as more pages."""
    if not layout.pages:
        return
    try:
        first = await _post_first(layout, outlet)
    except FilesForbidden:
        layout = unattached()
        first = await _post_first(layout, outlet)
    yield first
    async for part in _post_rest(layout, outlet, first.number):
        yield part


async def _post_first(layout: Layout, outlet: Outlet) -> Part:
    posting = outlet.post_text(
        layout.pages[0], part=1, transcript=layout.attached, buttons=layout.buttons_of(0)
    )
    return await _posted(1, posting)


async def _post_rest(layout: Layout, outlet: Outlet, after: int) -> AsyncIterator[Part]:
    for number, page in enumerate(layout.pages, start=1):
        if number > after:
            buttons = layout.buttons_of(number - 1)
            yield await _posted(number, outlet.post_text(page, part=number, buttons=buttons))
