from dataclasses import replace
from typing import Any

import pytest

from bot.domain import room_settings as settings
from bot.domain.owner import Owner
from bot.domain.room_settings import SETTINGS, Setting
from bot.domain.setting_limits import (
    is_offered,
    options_of,
    parse_setting,
    suggest,
    voice_options,
)
from bot.errors import Refused
from tests.domain.rooms import MUSE, OWNER, PIRATE

PERSONAS = (MUSE, PIRATE)
STRICT = replace(OWNER, models=("large",), text_model=None, sampling=frozenset())


def typed(setting: Setting[Any], text: str) -> str:
    return parse_setting(setting, text, OWNER, PERSONAS)


def test_what_is_stored_is_the_value_in_its_plain_form() -> None:
    assert typed(settings.VOICE, " Coral ") == "coral"
    assert typed(settings.PERSONA, "PIRATE") == "Pirate"
    assert typed(settings.PERSONA, "none") == "none"
    assert typed(settings.SPEED, "1,50") == "1.5"
    assert typed(settings.ROLES_DENIED, "<@&9> <@&1>") == "1 9"
    assert typed(settings.MODELS_DENIED, "tiny, small") == "small tiny"


@pytest.mark.parametrize(
    ("setting", "text", "code"),
    [
        (settings.SPEAK, "never", "no_text_model"),
        (settings.SPEAK, "mirror", "no_text_model"),
        (settings.SPEAK, "on demand", "no_text_model"),
        (settings.MODEL, "small", "model_forbidden"),
        (settings.MODELS_DENIED, "small", "model_forbidden"),
        (settings.MODELS_DENIED, "large", "no_model_left"),
        (settings.TEMPERATURE, "0.8", "sampling_forbidden"),
        (settings.ANSWER_TOKENS, "501", "answer_too_long"),
        (settings.PERSONA, "Parrot", "persona_unknown"),
    ],
)
def test_what_the_owner_does_not_allow_is_refused(
    setting: Setting[Any], text: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        parse_setting(setting, text, STRICT, PERSONAS)
    assert caught.value.code == code


def test_to_speak_always_needs_no_text_model() -> None:
    assert parse_setting(settings.SPEAK, "always", STRICT, ()) == "always"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
@pytest.mark.parametrize("owner", [OWNER, STRICT])
def test_whatever_is_suggested_is_taken(setting: Setting[Any], owner: Owner) -> None:
    for option in options_of(setting, owner, PERSONAS):
        assert parse_setting(setting, option.value, owner, PERSONAS) == option.value


def test_what_the_owner_leaves_no_choice_about_is_not_offered() -> None:
    hidden = {setting.name for setting in SETTINGS if not is_offered(setting, STRICT)}
    sampling = {setting.name for setting in settings.SAMPLING}
    assert hidden == {"speak", "model", "models_denied", *sampling}
    assert all(is_offered(s, OWNER) for s in SETTINGS if s not in settings.SAMPLING)


def test_what_begins_as_typed_is_suggested_first_and_never_more_than_discord_shows() -> None:
    options = options_of(settings.LANGUAGE, OWNER, ())
    assert [option.value for option in suggest(options, "sp")] == ["es", "speaker"]
    assert len(options) > 25
    assert len(suggest(options, "")) == 25
    assert suggest(options, "klingon") == ()


def test_voices_are_suggested_with_custom_ones_that_are_known_or_just_typed() -> None:
    known = ("voice_here", "coral", "random")
    suggested = {each.value for each in suggest(voice_options("", known), "")}
    assert {"coral", "random", "persona", "voice_here"} <= suggested
    assert [each.value for each in suggest(voice_options("voice_h", known), "voice_h")] == [
        "voice_h",
        "voice_here",
    ]
    assert [each.value for each in suggest(voice_options("voice_", ()), "voice_")] == []
    assert suggest(voice_options("voice_" + "a" * 100, ()), "voice_" + "a" * 100) == ()
