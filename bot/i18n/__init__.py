"""What members read, in their language: catalogues of translations, and the choice among them."""

from bot.i18n.catalogues import MENU, NAME
from bot.i18n.translator import LOCALES, Translator, say, translator_for

__all__ = ["LOCALES", "MENU", "NAME", "Translator", "say", "translator_for"]
