"""The catalogues that translators edit: one .po file for each language beside English."""

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent / "catalogues"

NAME, MENU = "name", "menu"
"""The contexts of names of commands and menus, for which Discord has rules."""


def languages() -> list[str]:
    """Name the languages that have a catalogue, as gettext writes them."""
    return sorted(path.stem for path in FOLDER.glob("*.po"))


def read_catalogue(language: str) -> Catalog:
    """Read a catalogue as its translators left it."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Make a catalogue ready for use; without one, everything stays as it is."""
    if language not in languages():
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
