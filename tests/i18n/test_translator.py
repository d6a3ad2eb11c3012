"""Sentences are said in the language of whoever reads them."""

import gettext
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot.i18n import LOCALES, Translator, say
from bot.words import Sentence, join


@pytest.fixture(scope="module")
def german() -> Translator:
    catalogue = Catalog(locale="de")
    catalogue.add("I speak with {voice}.", "Ich spreche mit {voice}.")
    catalogue.add(" or ", " oder ")
    catalogue.add("a pirate", "einem Piraten")
    catalogue.add(("one day", "{count} days"), ("ein Tag", "{count} Tage"))
    catalogue.add("set", "setzen", context="name")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translator(gettext.GNUTranslations(compiled))


def test_values_are_filled_in_and_translated_themselves(german: Translator) -> None:
    assert german.say(Sentence("I speak with {voice}.", voice="coral")) == "Ich spreche mit coral."
    speaking = Sentence("I speak with {voice}.").format(voice=Sentence("a pirate"))
    assert german.say(speaking) == "Ich spreche mit einem Piraten."


def test_joined_sentences_are_each_translated(german: Translator) -> None:
    parts = [Sentence("I speak with {voice}.", voice="{braces}"), "as it is", Sentence("a pirate")]
    assert german.say(join("\n", parts)) == "Ich spreche mit {braces}.\nas it is\neinem Piraten"


def test_what_stands_between_joined_sentences_is_translated_and_nothing_stays_nothing(
    german: Translator,
) -> None:
    assert german.say(join(Sentence(" or "), ["one", "two"])) == "one oder two"
    assert german.say(join(", ", [])) == german.say(Sentence("")) == ""


@pytest.mark.parametrize(("days", "words"), [(1, "ein Tag"), (7, "7 Tage")])
def test_counts_choose_the_form(german: Translator, days: int, words: str) -> None:
    assert german.say(Sentence("one day", "{count} days", count=days)) == words


def test_names_are_told_from_other_words(german: Translator) -> None:
    assert german.name("name", "set") == "setzen"
    assert german.name("name", "help") is None
    assert german.say(Sentence("set")) == "set"


def test_what_has_no_translation_is_said_in_english(german: Translator) -> None:
    assert german.say(Sentence("Hello, {name}.", name="Ada")) == "Hello, Ada."
    assert german.say("plain text") == "plain text"


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "sv-SE", None])
def test_locales_without_a_catalogue_are_answered_in_english(locale: str | None) -> None:
    assert say(Sentence("Your question"), locale) == "Your question"


def test_discords_locales_are_answered_in_their_languages() -> None:
    said = {say(Sentence("Your question"), locale) for locale in LOCALES}
    assert "Deine Frage" in said
    assert len(said) == len(set(LOCALES.values()))
