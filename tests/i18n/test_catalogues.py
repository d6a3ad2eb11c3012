"""Every sentence of the sources is in every catalogue, and nothing else is."""

import re
import string
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry

from bot.i18n import LOCALES
from bot.i18n.catalogues import MENU, NAME, languages, read_catalogue
from bot.i18n.extraction import messages

ALL = sorted(set(LOCALES.values()))
COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")
MARKS = ("**", "`", "-#", "<@", "<#", "\n")


@pytest.fixture(scope="module")
def said() -> Catalog:
    return messages()


def key_of(entry: Entry) -> tuple[object, object]:
    return entry.id, entry.context


def entries(catalogue: Catalog) -> Iterator[Entry]:
    return (entry for entry in catalogue if entry.id)


def forms(words: object) -> list[str]:
    return [str(each) for each in words] if isinstance(words, (list, tuple)) else [str(words)]


def places(text: str) -> list[str]:
    found = string.Formatter().parse(text)
    return sorted(f"{name}:{how}" for _, name, how, _ in found if name is not None)


def test_each_language_of_the_bot_has_a_catalogue() -> None:
    assert languages() == ALL
    assert {"de", "es", "fr", "pt_BR", "ja"} <= set(ALL)


@pytest.mark.parametrize("language", ALL)
def test_no_message_is_missing(language: str, said: Catalog) -> None:
    translated = {
        key_of(entry) for entry in entries(read_catalogue(language)) if all(forms(entry.string))
    }
    assert [key for entry in entries(said) if (key := key_of(entry)) not in translated] == []


@pytest.mark.parametrize("language", ALL)
def test_no_message_is_unused(language: str, said: Catalog) -> None:
    catalogue = read_catalogue(language)
    used = {key_of(entry) for entry in entries(said)}
    assert [key for entry in entries(catalogue) if (key := key_of(entry)) not in used] == []
    assert list(catalogue.obsolete) == []


@pytest.mark.parametrize("language", ALL)
def test_no_translation_is_a_guess(language: str) -> None:
    assert [entry.id for entry in entries(read_catalogue(language)) if entry.fuzzy] == []


@pytest.mark.parametrize("language", ALL)
def test_translations_have_the_places_and_the_markdown_of_their_sentences(language: str) -> None:
    for entry in entries(read_catalogue(language)):
        original = forms(entry.id)[-1]
        spare = {"count:"} if entry.pluralizable else set()  # "one day" needs no number
        for text in filter(None, forms(entry.string)):
            assert set(places(text)) | spare == set(places(original)) | spare, original
            assert [text.count(each) for each in MARKS] == [original.count(each) for each in MARKS]


@pytest.mark.parametrize("language", ALL)
def test_names_are_written_as_discord_takes_them(language: str) -> None:
    for entry in entries(read_catalogue(language)):
        for name in filter(None, forms(entry.string)):
            if entry.context == NAME:
                assert COMMAND_NAME.fullmatch(name), name
                assert name == name.lower()
            elif entry.context == MENU:
                assert 1 <= len(name) <= 32, name
