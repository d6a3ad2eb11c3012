"""Sentences are English text to all who do not translate."""

import copy
import pickle

import pytest

from bot.words import Sentence, join


def test_a_sentence_is_text() -> None:
    assert Sentence("{count} of {all}", count=1, all=2) == "1 of 2"
    assert Sentence("Hello") == "Hello"


def test_a_sentence_is_filled_in_later_as_well() -> None:
    words = Sentence("I am {name}.")
    assert words == "I am {name}."
    assert words.format(name="Ada") == "I am Ada."
    assert words.format(name="Ada").template == "I am {name}."


@pytest.mark.parametrize(("count", "words"), [(0, "0 days"), (1, "one day"), (2, "2 days")])
def test_the_count_chooses_the_form(count: int, words: str) -> None:
    assert Sentence("one day", "{count} days", count=count) == words
    assert Sentence("one day", "{count} days").format(count=count) == words


def test_joined_texts_read_as_if_they_were_one() -> None:
    assert join(", ", ["{a}", Sentence("b {x}", x=1)]) == "{a}, b 1"
    assert join(", ", []) == ""


def test_copies_are_plain_english() -> None:
    words = Sentence("I am {name}.", name="{Ada}")
    assert pickle.loads(pickle.dumps(words)) == copy.copy(words) == "I am {Ada}."  # noqa: S301
