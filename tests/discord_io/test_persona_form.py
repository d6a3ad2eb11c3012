"""The words of the modals are whole in every language: Discord's limits cut nothing off."""

import pytest

from bot.discord_io import persona_form as form
from bot.discord_io.panel import CHOOSE_PLACE, CHOOSE_SETTING
from bot.domain.room_settings import SETTINGS
from bot.i18n import LOCALES, say
from bot.words import Sentence

LIMITS: dict[int, list[str]] = {
    45: [form.ADD_TITLE, form.NAME, form.PROMPT, form.VOICE, *(each.title for each in SETTINGS)],
    100: [form.NAME_HINT, form.PROMPT_HINT, form.VOICE_HINT, *(each.about for each in SETTINGS)],
    150: [CHOOSE_PLACE, CHOOSE_SETTING],
}


@pytest.mark.parametrize("locale", ["en-US", *LOCALES])
@pytest.mark.parametrize("characters", LIMITS)
def test_words_of_components_fit(locale: str, characters: int) -> None:
    for words in LIMITS[characters]:
        assert isinstance(words, Sentence)
        assert len(say(words, locale)) <= characters, words
