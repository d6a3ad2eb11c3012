from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import room_settings as settings
from bot.domain.languages import LANGUAGES, parse_language
from bot.domain.room_settings import SETTINGS, Setting, setting_named, settings_for
from bot.domain.rooms import Place, Scope
from bot.domain.setting_words import FormChoice, Speak
from bot.errors import Refused

CHANNEL, DM = Place(Scope.CHANNEL, 3, 1), Place(Scope.CHANNEL, 9, None)
MEMBER, SERVER = Place(Scope.MEMBER, 7, None), Place(Scope.SERVER, 1, 1)


def by_name(setting: Setting[Any]) -> str:
    return setting.name


@pytest.mark.parametrize("setting", SETTINGS, ids=by_name)
def test_what_is_offered_can_be_chosen_by_its_value_and_by_its_label(setting: Setting[Any]) -> None:
    for option in setting.kind.options:
        value = setting.kind.parse(option.value)
        assert setting.kind.write(value) == option.value
        assert setting.kind.show(value) == option.label
    if setting is settings.LANGUAGE:
        return
    for option in setting.kind.options:
        assert setting.kind.parse(option.label) == setting.kind.parse(option.value)


@given(st.sampled_from(SETTINGS), st.text(max_size=40))
def test_whatever_is_typed_is_refused_in_a_sentence_or_reads_the_same_once_stored(
    setting: Setting[Any], typed: str
) -> None:
    value = setting.read(typed)
    if value is None:
        with pytest.raises(Refused, match=r"\.$"):
            setting.kind.parse(typed)
    else:
        assert setting.read(setting.kind.write(value)) == value
        assert setting.kind.show(value)


@given(st.floats(0.5, 2.0))
def test_any_speed_in_its_range_is_taken_to_three_decimals(speed: float) -> None:
    assert settings.SPEED.kind.parse(f"{speed:.3f}") == round(speed, 3)


@given(st.frozensets(st.integers(0, 2**63 - 1), min_size=1, max_size=25))
def test_roles_are_read_as_they_are_stored_and_as_they_are_shown(ids: frozenset[int]) -> None:
    kind = settings.ROLES_ALLOWED.kind
    assert kind.parse(kind.write(ids)) == kind.parse(kind.show(ids)) == ids


@pytest.mark.parametrize(
    ("setting", "typed", "value"),
    [
        (settings.SPEAK, " On-Demand ", Speak.ON_DEMAND),
        (settings.FORM, "voice note", FormChoice.VOICE_NOTE),
        (settings.FORM, "as the question", FormChoice.AUTO),
        (settings.LISTEN, "YES", True),
        (settings.LISTEN, "0", False),
        (settings.SPEED, "1,5x", 1.5),
        (settings.SEED, "-7", -7),
        (settings.VOICE, "the persona's own", "persona"),
        (settings.VOICE, "Random", "random"),
        (settings.LANGUAGE, "deutsch", "de"),
        (settings.LANGUAGE, "PT_br", "pt-BR"),
        (settings.LANGUAGE, "日本語", "ja"),
        (settings.ROLES_DENIED, "<@&5>, 6", frozenset({5, 6})),
        (settings.MODELS_DENIED, "a,b", frozenset({"a", "b"})),
        (settings.PERSONA, " NONE ", "none"),
        (settings.PERSONA, "The   Pirate", "The Pirate"),
    ],
)
def test_people_may_type_as_they_like(setting: Setting[Any], typed: str, value: object) -> None:
    assert setting.kind.parse(typed) == value


@pytest.mark.parametrize(
    ("setting", "typed"),
    [
        (settings.SPEAK, "sometimes"),
        (settings.LISTEN, "maybe"),
        (settings.SPEED, "0.49"),
        (settings.SPEED, "2.01"),
        (settings.SPEED, "nan"),
        (settings.SPEED, "1e0"),
        (settings.TEMPERATURE, "0"),
        (settings.TOP_P, "0"),
        (settings.SEED, str(2**63)),
        (settings.SEED, "1.5"),
        (settings.ANSWER_TOKENS, "15"),
        (settings.ROLES_ALLOWED, ""),
        (settings.ROLES_ALLOWED, "everyone"),
        (settings.ROLES_ALLOWED, str(2**63)),
        (settings.ROLES_ALLOWED, " ".join(map(str, range(26)))),
        (settings.MODEL, "two models"),
        (settings.MODEL, ""),
        (settings.MODELS_DENIED, " "),
        (settings.LANGUAGE, "Klingon"),
        (settings.PERSONA, ""),
        (settings.PERSONA, "x" * 41),
        (settings.FILE_FORMAT, "pcm16"),
    ],
)
def test_what_is_no_value_is_refused(setting: Setting[Any], typed: str) -> None:
    with pytest.raises(Refused):
        setting.kind.parse(typed)


def test_a_language_goes_by_its_code_and_both_its_names() -> None:
    for language in LANGUAGES:
        for word in (language.code, language.english.upper(), language.native):
            assert parse_language(word) == language.code
    assert parse_language("Speaker") == "speaker"


def test_settings_are_found_by_their_names_and_nothing_else_is() -> None:
    assert [setting_named(setting.name) for setting in SETTINGS] == list(SETTINGS)
    with pytest.raises(Refused):
        setting_named("Voice")


def test_each_place_has_the_settings_that_mean_something_there() -> None:
    assert set(map(by_name, settings_for(MEMBER))) == {"voice", "form", "speed", "language"}
    everywhere = set(map(by_name, SETTINGS))
    assert everywhere - set(map(by_name, settings_for(CHANNEL))) == set()
    assert everywhere - set(map(by_name, settings_for(SERVER))) == {"listen"}
    assert everywhere - set(map(by_name, settings_for(Place(Scope.THREAD, 4, 1)))) == {"threads"}
    assert everywhere - set(map(by_name, settings_for(DM))) == {
        "voice_lock", "answer", "roles_allowed", "roles_denied", "listen", "threads", "bots",
        "models_denied",
    }  # fmt: skip
    assert settings_for(Place(Scope.DEFAULT, 0, None)) == []
