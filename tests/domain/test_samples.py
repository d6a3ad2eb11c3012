import pytest

from bot.domain.languages import SPEAKER, language_of
from bot.domain.samples import SENTENCES, Line, line_for


def test_every_sentence_is_in_a_language_that_we_know() -> None:
    for code in SENTENCES:
        assert language_of(code) is not None
        assert len(SENTENCES[code]) < 150
    assert {"en", "de", "es", "fr", "pt-BR", "ja"} <= set(SENTENCES)
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize(
    ("chosen", "locale", "language"),
    [
        (SPEAKER, "de", "de"),
        (SPEAKER, "en-GB", "en"),
        (SPEAKER, "es-419", "es"),
        (SPEAKER, "pt-BR", "pt-BR"),
        (SPEAKER, "zh-TW", "zh"),
        (SPEAKER, "th", "en"),
        (SPEAKER, "", "en"),
        ("ja", "de", "ja"),
    ],
)
def test_a_member_hears_their_language_where_there_is_a_sentence(
    chosen: str, locale: str, language: str
) -> None:
    assert line_for(chosen, locale, ()) == Line(language, SENTENCES[language])


def test_voices_that_do_not_speak_it_speak_what_they_can_and_it_is_said() -> None:
    assert line_for(SPEAKER, "de", {"en"}) == Line("en", SENTENCES["en"], instead_of="de")
    assert line_for(SPEAKER, "de", {"de", "fr"}) == Line("de", SENTENCES["de"])
    assert line_for(SPEAKER, "pt-BR", {"pt-br"}) == Line("pt-BR", SENTENCES["pt-BR"])
    assert line_for(SPEAKER, "en-US", {"fr"}) == Line("fr", SENTENCES["fr"], instead_of="en")
