import pytest

from bot.services.tools.matching import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("São_Paulo", "sao paulo"),
        ("St. John's", "st johns"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("\u210cello", "hello"),
        ("  ", ""),
    ],
)
def test_words_are_compared_without_case_accents_and_punctuation(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded
