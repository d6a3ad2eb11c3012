import re

from hypothesis import given
from hypothesis import strategies as st

from bot.chat_api.passages import PASSAGE_CHARACTERS, split_passages


def test_short_text_is_one_passage() -> None:
    assert split_passages("  Hello there. \n") == ["Hello there."]


def test_blank_text_is_none() -> None:
    assert split_passages(" \n\t ") == []


def test_text_is_cut_between_sentences_and_not_at_a_comma_or_a_decimal_point() -> None:
    text = "It costs 3.50 euros, not more. Is that so? Yes."
    assert split_passages(text, 35) == ["It costs 3.50 euros, not more.", "Is that so? Yes."]


def test_the_longest_pause_is_chosen() -> None:
    text = "One. Two.\nThree. Four.\n\nFive. Six."
    assert split_passages(text, 30) == ["One. Two.\nThree. Four.", "Five. Six."]


def test_japanese_sentences_end_without_a_blank() -> None:
    assert split_passages("今日は。元気ですか。", 6) == ["今日は。", "元気ですか。"]


def test_a_word_without_end_is_cut_at_the_limit() -> None:
    assert [len(p) for p in split_passages("x" * 4_500)] == [PASSAGE_CHARACTERS] * 2 + [500]


def test_a_pause_near_the_beginning_makes_no_tiny_passage() -> None:
    text = "Oh.\n\n" + "word " * 50
    assert len(split_passages(text, 100)[0]) > 60


@given(st.text(), st.integers(1, 40))
def test_nothing_is_lost_added_or_too_long(text: str, most: int) -> None:
    passages = split_passages(text, most)
    assert all(0 < len(passage) <= most for passage in passages)
    assert re.sub(r"\s", "", "".join(passages)) == re.sub(r"\s", "", text)
