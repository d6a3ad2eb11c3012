"""Saying a sentence in the language of whoever reads it."""

import gettext
from functools import cache

from bot.i18n.catalogues import translations
from bot.words import Sentence

ENGLISH = "en"
LOCALES = {
    "de": "de",
    "es-ES": "es",
    "es-419": "es",
    "fr": "fr",
    "pt-BR": "pt_BR",
    "ja": "ja",
}
"""Discord's name of a locale -> the catalogue for it; all others are answered in English."""


class Translator:
    """Says sentences in one language."""

    def __init__(self, catalogue: gettext.NullTranslations) -> None:
        self._catalogue = catalogue

    def say(self, words: str) -> str:
        """Translate a sentence and the sentences within; other text stays as it is."""
        if not isinstance(words, Sentence):
            return words
        template = self._template(words)
        if not words.values:
            return template
        return template.format_map({name: self._value(it) for name, it in words.values.items()})

    def name(self, kind: str, word: str) -> str | None:
        """Translate a command's, option's or menu's name; None where there is no other."""
        found = self._catalogue.pgettext(kind, word)
        return None if found == word else found

    def _template(self, words: Sentence) -> str:
        if not words.template:  # gettext gives the head of the catalogue for no words
            return ""
        if words.several is None:
            return self._catalogue.gettext(words.template)
        count = words.values.get("count")
        number = count if isinstance(count, int) else 0
        return self._catalogue.ngettext(words.template, words.several, number)

    def _value(self, value: object) -> object:
        return self.say(value) if isinstance(value, str) else value


@cache
def translator_for(locale: str | None) -> Translator:
    """Give the translator for one of Discord's locales; None is English."""
    return Translator(translations(LOCALES.get(locale or "", ENGLISH)))


def say(words: str, locale: str | None) -> str:
    """Say words in the language of one of Discord's locales."""
    return translator_for(locale).say(words)
