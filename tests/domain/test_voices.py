import pytest

from bot.domain.voices import (
    VOICES,
    parse_voice,
    parse_voice_choice,
    pick_voice,
    show_voice,
)
from bot.errors import Refused


def test_all_voices_of_the_documents_can_be_chosen() -> None:
    documented = "alloy ash ballad coral echo fable nova onyx sage shimmer verse marin cedar"
    assert set(documented.split()) == set(VOICES)
    assert [parse_voice(f" {voice.upper()} ") for voice in VOICES] == list(VOICES)
    assert parse_voice("voice_Ab12-x") == "voice_Ab12-x"


@pytest.mark.parametrize(
    "typed", ["", "robot", "voice_", "voice_a b", "VOICE_abc", "alloy\n;", "random", "persona"]
)
def test_what_cannot_speak_is_refused_with_the_list(typed: str) -> None:
    with pytest.raises(Refused, match="coral") as caught:
        parse_voice(typed)
    assert caught.value.code == "voice_unknown"


@pytest.mark.parametrize("choice", ["random", "persona", "coral", "voice_1"])
def test_a_choice_is_read_as_it_is_shown(choice: str) -> None:
    assert parse_voice_choice(show_voice(choice).upper().replace("VOICE", "voice")) == choice


def test_a_question_keeps_the_voice_that_was_picked_for_it_and_others_get_others() -> None:
    assert pick_voice(5) == pick_voice(5)
    assert {pick_voice(number) for number in range(100)} == set(VOICES)
    assert {pick_voice(millisecond << 22) for millisecond in range(100)} == set(VOICES)
