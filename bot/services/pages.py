"""An answer laid out as the words of messages: pages, a file where they are too many, buttons."""

from dataclasses import dataclass
from functools import lru_cache

from bot.domain.reply import Button, Offer, Sound, SoundFile, SoundFormat
from bot.domain.setting_words import Transcript
from bot.domain.text import MESSAGE_UNITS, count_units, safe_text, split_message
from bot.domain.triggers import Form
from bot.i18n import say
from bot.words import Sentence

MAX_PAGES = 3
"""Longer transcripts are attached as a text file, with their beginning shown."""

TRANSCRIPT_ATTACHED = Sentence("📄 This is the beginning; the whole transcript is attached.")
FOLDED = Sentence("📄 The words are behind the button.")
NO_WORDS = Sentence("-# (no words)")

HEARD = "> 🗣️ "
"""What a line with the words that a member said begins with."""

SMALL_PRINT = "-# "
"""What a line of notes for the member begins with."""

SPOKEN = Sentence("The answer spoken in the voice {voice}")
SPOKEN_SO_LONG = Sentence("The answer spoken in the voice {voice}, {seconds:.0f} seconds")
NO_SOUND = Sentence("🔇 The model answered in text only this time.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is to be posted.

    Attributes:
        turn_id: what the buttons are about.
        sound: None when there is none.
        words: what becomes of the transcript beside the sound; without sound it is shown.
        speed: how fast the sound is to be played.
        notes: small print for the member below the transcript.
        why_silent: what the member is told where there is no sound; None where none was wanted.
        speaks_later: whether it gets a button that speaks it.
        heard: what the member said, to be shown above the words; empty for nothing.
        writes_later: whether it gets a button that writes that down.
        unspoken: whether another model than the one that answered is still to speak it.
        unattached: whether its words stand without a file already, on as many pages as they need.
        locale: the language of what we say beside the answer, as Discord names it.

    """

    turn_id: int
    transcript: str
    sound: Sound | None
    form: Form
    voice: str
    file_format: SoundFormat
    words: Transcript = Transcript.SHOWN
    speed: float = 1.0
    notes: tuple[str, ...] = ()
    why_silent: str | None = NO_SOUND
    speaks_later: bool = False
    heard: str = ""
    writes_later: bool = False
    unspoken: bool = False
    unattached: bool = False
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The words of an answer as messages.

    Attributes:
        pages: one for each message; there may be none beside a sound.
        attached: the transcript as a file of the first message, or None.
        buttons: below the last message.

    """

    pages: tuple[str, ...]
    attached: str | None = None
    buttons: tuple[Button, ...] = ()

    def buttons_of(self, place: int) -> tuple[Button, ...]:
        """Give the buttons of one page."""
        return self.buttons if place >= len(self.pages) - 1 else ()


def lay_out_words(answer: Answer, *more_notes: str) -> Layout:
    """Lay out an answer that is read."""
    notes = (*answer.notes, *more_notes)
    pages = _all_pages(answer, notes)
    buttons = _buttons_of_words(answer)
    if len(pages) <= MAX_PAGES:
        return Layout(_headed(answer, pages), buttons=buttons)
    small_print = _small_print((TRANSCRIPT_ATTACHED, *notes), answer.locale)
    beginning = split_message(
        safe_text(answer.transcript), MESSAGE_UNITS - count_units(small_print)
    )[0]
    page = safe_text(beginning) + small_print
    return Layout(_headed(answer, (page,)), answer.transcript, buttons)


def lay_out_unattached(answer: Answer, *more_notes: str) -> Layout:
    """Lay out the same where no file is taken: on as many pages as it needs."""
    pages = _all_pages(answer, (*answer.notes, *more_notes))
    return Layout(_headed(answer, pages), buttons=_buttons_of_words(answer))


def lay_out_beside_sound(answer: Answer) -> Layout:
    """Lay out what stands beside the sound of an answer: its words, a button for them, or none.

    Spoilers would fold words, too, but still take their space and come with the notification.
    """
    if answer.words is Transcript.SHOWN:
        return lay_out_words(answer)
    folded = answer.words is Transcript.FOLDED
    notes = (*answer.notes, FOLDED) if folded else answer.notes
    lines = _small_print(notes, answer.locale).strip()
    pages = (lines,) if lines else ()
    buttons = _buttons(answer, Offer.WORDS if folded else None)
    return Layout(_headed(answer, pages) if folded else pages, buttons=buttons)


def _buttons_of_words(answer: Answer) -> tuple[Button, ...]:
    return _buttons(answer, Offer.SPEAK if answer.speaks_later else None)


def _buttons(answer: Answer, first: Offer | None) -> tuple[Button, ...]:
    offers = first, Offer.HEARD if answer.writes_later else None
    return tuple(Button(offer, answer.turn_id) for offer in offers if offer is not None)


def _headed(answer: Answer, pages: tuple[str, ...]) -> tuple[str, ...]:
    """Put what the member said above the first page, or before it where both are too much."""
    if not answer.heard:
        return pages
    line = _quote(answer.heard)
    if pages and count_units(line) + 1 + count_units(pages[0]) <= MESSAGE_UNITS:
        return (f"{line}\n{pages[0]}", *pages[1:])
    return (line, *pages)


def _quote(heard: str) -> str:
    """Put words on one line that cannot touch the markup below; what is too long is cut."""
    line = safe_text(" ".join(heard.split()).replace("`", "'"))
    first, *more = split_message(f"{HEARD}{line}", MESSAGE_UNITS - 1)
    return f"{first}…" if more else first


def count_messages(answer: Answer, *, spoken: bool) -> int:
    """Tell how many messages an answer becomes where everything is taken."""
    if not spoken:
        return len(lay_out_words(answer).pages)
    beside = len(lay_out_beside_sound(answer).pages)
    return beside + 1 if answer.form is Form.VOICE_NOTE else max(beside, 1)


def alt_text(answer: Answer, file: SoundFile) -> str:
    """Describe a sound to those who cannot hear it."""
    if file.seconds:
        words = SPOKEN_SO_LONG.format(voice=answer.voice, seconds=file.seconds)
    else:
        words = SPOKEN.format(voice=answer.voice)
    return say(words, answer.locale)


def _all_pages(answer: Answer, notes: tuple[str, ...]) -> tuple[str, ...]:
    nothing = say(NO_WORDS, answer.locale)
    return _cut(answer.transcript, nothing, _small_print(notes, answer.locale))


@lru_cache(maxsize=16)
def _cut(transcript: str, or_else: str, small_print: str) -> tuple[str, ...]:
    """Cut an answer into pages; it is asked for when they are counted, and when they are posted."""
    parts = split_message((safe_text(transcript) or or_else) + small_print)
    # A cut may fall into code, and what was code before is none after it.
    return tuple(p for part in parts for p in split_message(safe_text(part)))


def _small_print(notes: tuple[str, ...], locale: str | None) -> str:
    return "".join(f"\n{SMALL_PRINT}{say(note, locale)}" for note in notes)
