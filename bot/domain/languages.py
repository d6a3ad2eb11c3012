"""The languages in which answers may be fixed."""

from dataclasses import dataclass

from bot.errors import Refused
from bot.words import Sentence

SPEAKER = "speaker"
"""Not a language: each is answered in theirs."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its code, its name in English, and its own name for itself."""

    code: str
    english: str
    native: str


LANGUAGES = tuple(
    Language(*row.split("|"))
    for row in (
        "ar|Arabic|العربية", "bg|Bulgarian|Български", "ca|Catalan|Català",
        "cs|Czech|Čeština", "da|Danish|Dansk", "de|German|Deutsch", "el|Greek|Ελληνικά",
        "en|English|English", "es|Spanish|Español", "et|Estonian|Eesti",
        "fa|Persian|فارسی", "fi|Finnish|Suomi", "fr|French|Français", "he|Hebrew|עברית",
        "hi|Hindi|हिन्दी", "hr|Croatian|Hrvatski", "hu|Hungarian|Magyar",
        "id|Indonesian|Bahasa Indonesia", "it|Italian|Italiano", "ja|Japanese|日本語",
        "ko|Korean|한국어", "lt|Lithuanian|Lietuvių", "lv|Latvian|Latviešu",
        "nl|Dutch|Nederlands", "no|Norwegian|Norsk", "pl|Polish|Polski",
        "pt|Portuguese|Português", "pt-BR|Brazilian Portuguese|Português do Brasil",
        "ro|Romanian|Română", "ru|Russian|Русский", "sk|Slovak|Slovenčina",
        "sl|Slovenian|Slovenščina", "sr|Serbian|Српски", "sv|Swedish|Svenska",
        "sw|Swahili|Kiswahili", "th|Thai|ไทย", "tr|Turkish|Türkçe", "uk|Ukrainian|Українська",
        "ur|Urdu|اردو", "vi|Vietnamese|Tiếng Việt", "zh|Chinese|中文",
    )
)  # fmt: skip

_BY_WORD = {
    word.casefold(): language
    for language in LANGUAGES
    for word in (language.code, language.english, language.native)
}


def parse_language(text: str) -> str:
    """Read a language by its code or by either name, or the word for the speaker's own.

    Raises:
        Refused: it is none that we know.

    """
    word = " ".join(text.split()).casefold()
    if word in (SPEAKER, "the speaker's"):
        return SPEAKER
    if (found := _BY_WORD.get(word.replace("_", "-"))) is not None:
        return found.code
    raise Refused(
        "language_unknown",
        Sentence(
            "I do not know that language. Choose one by its name or its code, such as "
            "German or `de`, or `{speaker}` for the language of whoever speaks to me.",
            speaker=SPEAKER,
        ),
    )


def language_of(code: str) -> Language | None:
    """Find a language by its code; None for the speaker's own."""
    return _BY_WORD.get(code.casefold())


def show_language(code: str) -> str:
    """Name a choice of language for people."""
    language = language_of(code)
    if language is None:
        return Sentence("the speaker's")
    if language.native == language.english:
        return language.english
    return f"{language.english} ({language.native})"
