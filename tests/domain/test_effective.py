"""Inheritance, held against the rule of each setting, whatever is kept in the database."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import room_settings as settings
from bot.domain.effective import RoomRules, Sourced, rules_of
from bot.domain.owner import Owner
from bot.domain.room_settings import SETTINGS, Rule, Setting, Stored
from bot.domain.rooms import Place, Room, Scope
from bot.domain.sampling import Sampling
from bot.domain.setting_words import Answering, FormChoice, Speak
from bot.domain.voices import VOICES, pick_voice
from tests.domain.rooms import ADA, MUSE, OWNER, PIRATE, ROOM

pytestmark = pytest.mark.once

ROOMS = (ROOM, Room(3, 1), Room(3, 1, category_id=2), Room(3, 1, thread_id=4), Room(9))

GOOD = {
    settings.VOICE: [*VOICES, "random", "persona", "voice_1", " CORAL "],
    settings.SPEAK: ["always", "mirror", "on_demand", "On Demand", "never"],
    settings.FORM: ["auto", "voice_note", "card"],
    settings.FILE_FORMAT: ["mp3", "opus", "flac", "wav", "aac"],
    settings.TRANSCRIPT: ["shown", "folded", "off"],
    settings.SPEED: ["0.5", "1", "1,25", "2"],
    settings.ANSWER: ["allowed", "denied"],
    settings.ROLES_ALLOWED: ["1", "1 2", "<@&3>"],
    settings.ROLES_DENIED: ["1", "4, 5"],
    settings.BOTS: ["ignored", "answered"],
    settings.PERSONA: ["none", "Pirate", "muse"],
    settings.LANGUAGE: ["speaker", "de", "pt-BR", "French"],
    settings.MODEL: ["large", "small", "tiny"],
    settings.MODELS_DENIED: ["small", "small tiny", "large"],
    settings.TEMPERATURE: ["0.5", "1"],
    settings.TOP_P: ["0.5", "1"],
    settings.FREQUENCY_PENALTY: ["-2", "0.5"],
    settings.PRESENCE_PENALTY: ["-2", "0.5"],
    settings.SEED: ["1", "-5"],
    settings.ANSWER_TOKENS: ["16", "100", "499", "2000"],
}
SWITCH = ["on", "off", "Yes", "0"]
GARBAGE = st.one_of(
    st.text(max_size=30), st.sampled_from(["", "nan", "1e9", "inf", "-", "999999999", "\x00"])
)
PLACES = (*ROOM.places(ADA), Place(Scope.MEMBER, 8, None), Place(Scope.CHANNEL, 9, None))


def values(setting: Setting[Any]) -> list[str]:
    return GOOD.get(setting, SWITCH)


def stored(place: Place, setting: Setting[Any], value: str) -> Stored:
    return Stored(place.scope, place.id, setting.name, value)


@st.composite
def rows(draw: st.DrawFn) -> list[Stored]:
    """Whatever a database may hold: good values, garbage, and values where none may be."""
    kept = []
    for place in PLACES:
        for setting in draw(st.lists(st.sampled_from(SETTINGS), max_size=8, unique=True)):
            good = st.sampled_from(values(setting))
            kept.append(stored(place, setting, draw(st.one_of(good, good, GARBAGE))))
    return kept


def rules(room: Room, kept: Sequence[Stored], owner: Owner = OWNER) -> RoomRules:
    return rules_of(room, ADA, kept, (PIRATE, MUSE), owner)


def counting(room: Room, kept: Sequence[Stored], setting: Setting[Any]) -> list[Sourced[Any]]:
    """What counts of a setting, nearest first, found another way than the code does."""
    found = []
    for place in room.places(ADA):
        for row in kept:
            here = (row.scope, row.place_id, row.name) == (place.scope, place.id, setting.name)
            if here and place.scope in setting.scopes and (setting.in_dm or not room.is_dm):
                value = setting.read(row.value)
                found += [] if value is None else [Sourced(value, place.scope)]
    return found


PLAIN = [
    setting
    for setting in SETTINGS
    if setting.rule is Rule.NEAREST
    and setting
    not in (settings.VOICE, settings.PERSONA, settings.MODEL, *settings.SAMPLING, settings.SPEAK)
]


@given(rows(), st.sampled_from(ROOMS))
def test_the_nearest_value_wins(kept: list[Stored], room: Room) -> None:
    found, untouched = rules(room, kept), rules(room, [])
    for setting in (*PLAIN, settings.SPEAK, settings.TEMPERATURE, settings.SEED):
        expected = [*counting(room, kept, setting), getattr(untouched, setting.name)]
        assert getattr(found, setting.name) == expected[0]


@given(rows(), st.sampled_from(ROOMS))
def test_a_denial_at_any_level_stands(kept: list[Stored], room: Room) -> None:
    levels = counting(room, kept, settings.ANSWER)
    denied = any(level.value is Answering.DENIED for level in levels)
    found = rules(room, kept).answer
    assert (found.value is Answering.DENIED) == denied
    assert found in (levels or [Sourced(Answering.ALLOWED, Scope.DEFAULT)])


@given(rows(), st.sampled_from(ROOMS))
def test_lists_of_roles_and_denied_models_count_at_every_level(
    kept: list[Stored], room: Room
) -> None:
    found = rules(room, kept)
    for setting in SETTINGS:
        if setting.rule is Rule.EVERY:
            assert list(getattr(found, setting.name)) == counting(room, kept, setting)


@given(rows(), st.sampled_from(ROOMS))
def test_the_lowest_limit_of_all_levels_stands(kept: list[Stored], room: Room) -> None:
    levels = counting(room, kept, settings.ANSWER_TOKENS)
    least = min([*(level.value for level in levels), OWNER.answer_tokens])
    found = rules(room, kept).answer_tokens
    assert found.value == least
    assert found in (*levels, Sourced(OWNER.answer_tokens, Scope.DEFAULT))


@given(rows(), st.sampled_from(ROOMS))
def test_a_model_is_never_one_that_is_denied_or_not_the_owners(
    kept: list[Stored], room: Room
) -> None:
    found = rules(room, kept)
    denied = {name for level in found.models_denied for name in level.value}
    allowed = [name for name in OWNER.models if name not in denied]
    wanted = [each for each in counting(room, kept, settings.MODEL) if each.value in allowed]
    if not allowed:
        assert found.model.value is None
    else:
        assert found.model == [*wanted, Sourced(allowed[0], Scope.DEFAULT)][0]


@given(rows(), st.sampled_from(ROOMS))
def test_there_is_always_a_voice_that_can_speak(kept: list[Stored], room: Room) -> None:
    found = rules(room, kept)
    for voice in found.speaking_voices(12345):
        assert voice in VOICES or voice.startswith("voice_")
    assert "alloy" in found.speaking_voices(1)
    if found.voice_lock.value:
        assert found.voice.scope is not Scope.MEMBER


@given(rows(), st.sampled_from(ROOMS), st.randoms())
def test_the_order_of_rows_means_nothing(kept: list[Stored], room: Room, random: Random) -> None:
    shuffled = list(kept)
    random.shuffle(shuffled)
    assert rules(room, kept) == rules(room, shuffled)


@given(st.sampled_from(SETTINGS), st.sampled_from(PLACES), GARBAGE, rows())
def test_garbage_counts_as_if_it_were_not_there(
    setting: Setting[Any], place: Place, garbage: str, kept: list[Stored]
) -> None:
    others = [
        row
        for row in kept
        if (row.scope, row.place_id, row.name) != (place.scope, place.id, setting.name)
    ]
    if setting.read(garbage) is None:
        spoiled = [*others, stored(place, setting, garbage)]
        assert rules(ROOM, spoiled) == rules(ROOM, others)


@given(rows())
def test_what_is_kept_for_other_places_means_nothing(kept: list[Stored]) -> None:
    elsewhere = [replace(row, place_id=row.place_id + 1000) for row in kept]
    unknown = [replace(row, name="colour") for row in kept]
    assert rules(ROOM, [*kept, *elsewhere, *unknown]) == rules(ROOM, kept)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_a_setting_counts_for_members_only_where_they_may_choose(setting: Setting[Any]) -> None:
    kept = [stored(Place(Scope.MEMBER, ADA, None), setting, values(setting)[-1])]
    personal = {"voice", "form", "speed", "language"}
    assert (rules(ROOM, kept) != rules(ROOM, [])) == (setting.name in personal)
    assert (Scope.MEMBER in setting.scopes) == (setting.name in personal)


def test_every_setting_is_an_attribute_of_the_rules() -> None:
    for setting in SETTINGS:
        assert hasattr(rules(ROOM, []), setting.name)


def test_a_locked_voice_is_that_of_the_room_whatever_a_member_chose() -> None:
    member, channel = Place(Scope.MEMBER, ADA, None), Place(Scope.CHANNEL, 3, 1)
    kept = [
        stored(member, settings.VOICE, "sage"),
        stored(channel, settings.VOICE, "coral"),
        stored(Place(Scope.SERVER, 1, 1), settings.VOICE_LOCK, "on"),
    ]
    assert rules(ROOM, kept).speaking_voices(1) == ("coral", "alloy")
    unlocked = [*kept, stored(channel, settings.VOICE_LOCK, "off")]
    assert rules(ROOM, unlocked).speaking_voices(1) == ("sage", "coral", "alloy")


def test_a_persona_without_a_voice_speaks_with_the_next_one() -> None:
    channel, server = Place(Scope.CHANNEL, 3, 1), Place(Scope.SERVER, 1, 1)
    kept = [
        stored(channel, settings.VOICE, "persona"),
        stored(server, settings.VOICE, "onyx"),
        stored(server, settings.PERSONA, "Muse"),
    ]
    assert rules(ROOM, kept).voice == Sourced("onyx", Scope.SERVER)
    pirate = [*kept, stored(channel, settings.PERSONA, "Pirate")]
    assert rules(ROOM, pirate).speaking_voices(1) == ("echo", "onyx", "alloy")


def test_a_random_voice_stays_within_a_conversation() -> None:
    kept = [stored(Place(Scope.CHANNEL, 3, 1), settings.VOICE, "random")]
    found = rules(ROOM, kept)
    assert found.speaking_voices(5) == tuple(dict.fromkeys((pick_voice(5), "alloy")))
    assert found.speaking_voices(5, before="sage") == ("sage", "alloy")
    assert found.speaking_voices(5, before="gone")[0] == pick_voice(5)


def test_no_persona_at_a_nearer_place_hides_those_behind_it() -> None:
    kept = [
        stored(Place(Scope.CHANNEL, 3, 1), settings.PERSONA, "none"),
        stored(Place(Scope.SERVER, 1, 1), settings.PERSONA, "Muse"),
    ]
    assert rules(ROOM, kept).persona == Sourced(None, Scope.CHANNEL)


def test_where_every_model_is_denied_there_is_none() -> None:
    server = Place(Scope.SERVER, 1, 1)
    kept = [stored(server, settings.MODELS_DENIED, "large small tiny")]
    assert rules(ROOM, kept).model == Sourced(None, Scope.DEFAULT)
    kept = [stored(server, settings.MODELS_DENIED, "large")]
    assert rules(ROOM, kept).model == Sourced("small", Scope.DEFAULT)


def test_what_the_owner_sends_stands_where_a_room_chose_nothing_else() -> None:
    owner = replace(OWNER, parameters=Sampling(temperature=0.3, top_p=0.4, seed=5))
    kept = [stored(Place(Scope.CHANNEL, 3, 1), settings.SEED, "9")]
    sampling = rules(ROOM, kept, owner).sampling
    assert (sampling.temperature, sampling.top_p, sampling.seed) == (0.3, 0.4, 9)


def test_a_removed_persona_leaves_the_one_of_the_next_place() -> None:
    kept = [
        stored(Place(Scope.CHANNEL, 3, 1), settings.PERSONA, "Removed"),
        stored(Place(Scope.SERVER, 1, 1), settings.PERSONA, "Muse"),
    ]
    assert rules(ROOM, kept).persona == Sourced(MUSE, Scope.SERVER)


def test_instructions_are_the_owners_then_the_personas_then_the_language() -> None:
    kept = [
        stored(Place(Scope.CHANNEL, 3, 1), settings.PERSONA, "Pirate"),
        stored(Place(Scope.MEMBER, ADA, None), settings.LANGUAGE, "de"),
    ]
    assert rules(ROOM, kept).instructions == (
        "Be brief.\n\nYou are Pirate. You sail.\n\n"
        "Answer in German, whatever language people speak to you."
    )


def test_without_a_text_model_answers_are_spoken_whatever_was_set() -> None:
    channel, server = Place(Scope.CHANNEL, 3, 1), Place(Scope.SERVER, 1, 1)
    kept = [stored(channel, settings.SPEAK, "never"), stored(server, settings.SPEAK, "mirror")]
    assert rules(ROOM, kept).speak == Sourced(Speak.NEVER, Scope.CHANNEL)
    wordless = replace(OWNER, text_model=None)
    assert rules(ROOM, kept, wordless).speak == Sourced(Speak.ALWAYS, Scope.DEFAULT)


def test_a_denied_text_model_is_as_good_as_none() -> None:
    channel, server = Place(Scope.CHANNEL, 3, 1), Place(Scope.SERVER, 1, 1)
    kept = [
        stored(channel, settings.SPEAK, "never"),
        stored(server, settings.MODELS_DENIED, str(OWNER.text_model)),
    ]
    assert rules(ROOM, kept).speak == Sourced(Speak.ALWAYS, Scope.DEFAULT)


def test_sampling_is_sent_only_as_far_as_the_owner_allows_it() -> None:
    channel = Place(Scope.CHANNEL, 3, 1)
    kept = [stored(channel, settings.TEMPERATURE, "0.8"), stored(channel, settings.TOP_P, "0.5")]
    sampling = rules(ROOM, kept).sampling
    assert (sampling.temperature, sampling.top_p, sampling.seed) == (0.8, None, None)


def test_the_owners_defaults_stand_where_nothing_is_set() -> None:
    found = rules(ROOM, [])
    assert found.voice == Sourced("alloy", Scope.DEFAULT)
    assert found.form == Sourced(FormChoice.AUTO, Scope.DEFAULT)
    assert found.model == Sourced("large", Scope.DEFAULT)
    assert found.instructions == "Be brief."
    assert {
        line.scope
        for setting in SETTINGS
        if setting.rule is not Rule.EVERY
        for line in [getattr(found, setting.name)]
    } == {Scope.DEFAULT}
