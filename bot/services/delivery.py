"""Getting an answer posted: voice message -> file -> smaller file -> words. Words always arrive."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.domain.reply import Sound
from bot.domain.triggers import Form
from bot.errors import (
    AudioError,
    DeliveryError,
    FilesForbidden,
    NoAccess,
    SourceGone,
    TooLarge,
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

VOICE_PART = 0
"""The place of the bubble among the parts of an answer; words follow from 1."""

SOUND_LOST = Sentence("🔇 The sound could not be posted here; these are its words.")


class Delivery:
    """Posts answers."""

    def __init__(self, transcoder: Transcoder) -> None:
        self._transcoder = transcoder

    async def deliver(self, answer: Answer, outlet: Outlet) -> AsyncIterator[int]:
        """Post all parts of an answer in order; gives the id of each message once it stands."""
        answer, posted = replace(answer, locale=outlet.locale), False
        async for message_id in self.deliver_sound(answer, outlet):
            posted = True
            yield message_id
        if not posted:
            why = answer.why_silent if answer.sound is None else SOUND_LOST
            notes = (why,) if why else ()
            words = lay_out_words(answer, *notes), lay_out_unattached(answer, *notes)
            async for message_id in self._post_pages(*words, outlet):
                yield message_id

    async def deliver_sound(self, answer: Answer, outlet: Outlet) -> AsyncIterator[int]:
        """Post the sound and what stands beside it; nothing at all where no sound is taken."""
        if (sound := answer.sound) is None:
            return
        answer = replace(answer, locale=outlet.locale)
        layout = lay_out_beside_sound(answer)
        if answer.form is Form.VOICE_NOTE:
            bubble = await self._post_bubble(answer, sound, outlet)
            if bubble is not None:
                yield bubble
                unattached = lay_out_unattached(answer)
                async for message_id in self._post_pages(layout, unattached, outlet):
                    yield message_id
                return
        first = await self._post_with_sound(answer, sound, outlet, layout)
        if first is not None:
            yield first
            async for message_id in self._post_rest(layout, outlet):
                yield message_id

    async def _post_bubble(self, answer: Answer, sound: Sound, outlet: Outlet) -> int | None:
        try:
            clip = await self._transcoder.voice_clip(
                sound, limit_bytes=outlet.limit_bytes, speed=answer.speed
            )
            return await outlet.post_voice(clip, part=VOICE_PART)
        except (SourceGone, NoAccess):
            raise
        except (AudioError, DeliveryError) as error:
            log.info("no voice message: %s", error.code)
            return None

    async def _post_with_sound(
        self, answer: Answer, sound: Sound, outlet: Outlet, layout: Layout
    ) -> int | None:
        """Post the first page with its sound, a smaller one if need be; None if none is taken."""
        for limit_bytes in (outlet.limit_bytes, outlet.limit_bytes // 4):
            try:
                file = await self._transcoder.sound_file(
                    sound, wanted=answer.file_format, limit_bytes=limit_bytes, speed=answer.speed
                )
                return await outlet.post_text(
                    layout.pages[0] if layout.pages else "",
                    part=1,
                    sound=file,
                    alt_text=alt_text(answer, file),
                    transcript=layout.attached,
                    buttons=layout.buttons_of(0),
                )
            except (SourceGone, NoAccess):
                raise
            except TooLarge as error:
                log.info("sound refused: %s", error.code)
            except (AudioError, DeliveryError) as error:
                log.info("no sound file: %s", error.code)
                return None
        return None

    async def _post_pages(
        self, layout: Layout, unattached: Layout, outlet: Outlet
    ) -> AsyncIterator[int]:
        """Post pages; where a transcript as a file is not taken, it comes as more pages."""
        if not layout.pages:
            return
        try:
            yield await self._post_first(layout, outlet)
        except FilesForbidden:
            layout = unattached
            yield await self._post_first(layout, outlet)
        async for message_id in self._post_rest(layout, outlet):
            yield message_id

    async def _post_first(self, layout: Layout, outlet: Outlet) -> int:
        return await outlet.post_text(
            layout.pages[0], part=1, transcript=layout.attached, buttons=layout.buttons_of(0)
        )

    async def _post_rest(self, layout: Layout, outlet: Outlet) -> AsyncIterator[int]:
        for place, page in enumerate(layout.pages[1:], start=1):
            yield await outlet.post_text(page, part=place + 1, buttons=layout.buttons_of(place))
