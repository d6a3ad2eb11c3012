"""Getting an answer posted: voice message -> file -> smaller file -> words. Words always arrive."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.domain.reply import Sound, SoundFile, SoundFormat
from bot.domain.text import MESSAGE_UNITS, count_units, safe_text, split_message
from bot.domain.triggers import Form
from bot.errors import (
    AudioError,
    DeliveryError,
    FilesForbidden,
    NoAccess,
    SourceGone,
    TooLarge,
)
from bot.services.ports import Outlet, Transcoder

log = logging.getLogger(__name__)

VOICE_PART = 0
"""The place of the bubble among the parts of an answer; words follow from 1."""

MAX_PAGES = 3
"""Longer transcripts are attached as a text file, with their beginning shown."""

TRANSCRIPT_ATTACHED = "📄 This is the beginning; the whole transcript is attached."
SOUND_LOST = "🔇 The sound could not be posted here; these are its words."
NO_SOUND = "🔇 The model answered in text only this time."


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be posted.

    Attributes:
        sound: None when there is none; `why_silent` then tells the member why.
        notes: small print for the member below the transcript.

    """

    transcript: str
    sound: Sound | None
    form: Form
    voice: str
    file_format: SoundFormat
    notes: tuple[str, ...] = ()
    why_silent: str = NO_SOUND


class Delivery:
    """Posts answers."""

    def __init__(self, transcoder: Transcoder) -> None:
        self._transcoder = transcoder

    async def deliver(self, answer: Answer, outlet: Outlet) -> AsyncIterator[int]:
        """Post all parts of an answer in order; gives the id of each message once it stands."""
        if answer.sound is None:
            async for message_id in self._post_words(answer, outlet, answer.why_silent):
                yield message_id
            return
        if answer.form is Form.VOICE_NOTE:
            bubble = await self._post_bubble(answer.sound, outlet)
            if bubble is not None:
                yield bubble
                async for message_id in self._post_words(answer, outlet):
                    yield message_id
                return
        async for message_id in self._post_card(answer, answer.sound, outlet):
            yield message_id

    def count_parts(self, answer: Answer) -> int:
        """Tell how many messages an answer becomes where everything is taken."""
        pages, _ = _pages(answer.transcript, answer.notes)
        return len(pages) + (answer.form is Form.VOICE_NOTE)

    async def _post_bubble(self, sound: Sound, outlet: Outlet) -> int | None:
        try:
            clip = await self._transcoder.voice_clip(sound, limit_bytes=outlet.limit_bytes)
            return await outlet.post_voice(clip, part=VOICE_PART)
        except (SourceGone, NoAccess):
            raise
        except (AudioError, DeliveryError) as error:
            log.info("no voice message: %s", error.code)
            return None

    async def _post_card(self, answer: Answer, sound: Sound, outlet: Outlet) -> AsyncIterator[int]:
        pages, transcript = _pages(answer.transcript, answer.notes)
        first = await self._post_with_sound(answer, sound, outlet, pages[0], transcript)
        if first is None:
            async for message_id in self._post_words(answer, outlet, SOUND_LOST):
                yield message_id
            return
        yield first
        for part, page in enumerate(pages[1:], start=2):
            yield await outlet.post_text(page, part=part)

    async def _post_with_sound(
        self, answer: Answer, sound: Sound, outlet: Outlet, page: str, transcript: str | None
    ) -> int | None:
        """Post the first page with its sound, a smaller one if need be; None if none is taken."""
        for limit_bytes in (outlet.limit_bytes, outlet.limit_bytes // 4):
            try:
                file = await self._transcoder.sound_file(
                    sound, wanted=answer.file_format, limit_bytes=limit_bytes
                )
                return await outlet.post_text(
                    page,
                    part=1,
                    sound=file,
                    alt_text=_alt_text(answer, file),
                    transcript=transcript,
                )
            except (SourceGone, NoAccess):
                raise
            except TooLarge as error:
                log.info("sound refused: %s", error.code)
            except (AudioError, DeliveryError) as error:
                log.info("no sound file: %s", error.code)
                return None
        return None

    async def _post_words(
        self, answer: Answer, outlet: Outlet, *more_notes: str
    ) -> AsyncIterator[int]:
        notes = (*answer.notes, *more_notes)
        pages, transcript = _pages(answer.transcript, notes)
        try:
            yield await outlet.post_text(pages[0], part=1, transcript=transcript)
        except FilesForbidden:
            pages = _all_pages(answer.transcript, notes)
            yield await outlet.post_text(pages[0], part=1)
        for part, page in enumerate(pages[1:], start=2):
            yield await outlet.post_text(page, part=part)


def _pages(transcript: str, notes: tuple[str, ...]) -> tuple[list[str], str | None]:
    """Lay the words out in messages; a transcript over MAX_PAGES comes back to be attached."""
    pages = _all_pages(transcript, notes)
    if len(pages) <= MAX_PAGES:
        return pages, None
    small_print = _small_print((TRANSCRIPT_ATTACHED, *notes))
    beginning = split_message(safe_text(transcript), MESSAGE_UNITS - count_units(small_print))[0]
    return [safe_text(beginning) + small_print], transcript


def _all_pages(transcript: str, notes: tuple[str, ...]) -> list[str]:
    words = (safe_text(transcript) or "-# (no words)") + _small_print(notes)
    # A cut may fall into code, and what was code before is none after it.
    return [page for part in split_message(words) for page in split_message(safe_text(part))]


def _small_print(notes: tuple[str, ...]) -> str:
    return "".join(f"\n-# {note}" for note in notes)


def _alt_text(answer: Answer, file: SoundFile) -> str:
    length = f", {file.seconds:.0f} seconds" if file.seconds else ""
    return f"The answer spoken in the voice {answer.voice}{length}"
