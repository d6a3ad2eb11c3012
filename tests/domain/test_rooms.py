import pytest

from bot.domain.access import Rights, require
from bot.domain.rooms import VOICES, Room, Scope, VoiceChoice, effective_voice, parse_voice
from bot.errors import Refused

ROOM = Room(channel_id=3, guild_id=1, thread_id=4, category_id=2)
PLACES = [(Scope.THREAD, 4), (Scope.CHANNEL, 3), (Scope.CATEGORY, 2), (Scope.SERVER, 1)]


@pytest.mark.parametrize("nearest", range(4))
def test_the_nearest_place_with_a_voice_wins(nearest: int) -> None:
    chosen = {place: f"voice of {place[0]}" for place in PLACES[nearest:]}
    scope = PLACES[nearest][0]
    assert effective_voice(ROOM, chosen, "alloy") == VoiceChoice(f"voice of {scope}", scope)


def test_without_any_choice_the_owners_default_speaks() -> None:
    assert effective_voice(ROOM, {}, "alloy") == VoiceChoice("alloy", Scope.DEFAULT)


def test_a_choice_for_another_place_with_the_same_id_does_not_count() -> None:
    assert effective_voice(Room(3, 1), {(Scope.THREAD, 3): "echo"}, "alloy").voice == "alloy"


def test_a_dm_is_its_own_room() -> None:
    room = Room(channel_id=9)
    assert room.is_dm
    assert room.scopes() == ((Scope.CHANNEL, 9),)


def test_all_voices_of_the_documents_can_be_chosen() -> None:
    documented = "alloy ash ballad coral echo fable nova onyx sage shimmer verse marin cedar"
    assert set(documented.split()) == set(VOICES)
    assert [parse_voice(f" {voice.upper()} ") for voice in VOICES] == list(VOICES)
    assert parse_voice("voice_Ab12-x") == "voice_Ab12-x"


@pytest.mark.parametrize("typed", ["", "robot", "voice_", "voice_a b", "VOICE_abc", "alloy\n;"])
def test_an_unknown_voice_is_refused_with_the_list(typed: str) -> None:
    with pytest.raises(Refused, match="coral") as caught:
        parse_voice(typed)
    assert caught.value.code == "voice_unknown"


@pytest.mark.parametrize("scope", [Scope.THREAD, Scope.CHANNEL, Scope.CATEGORY])
def test_rooms_need_manage_channels_and_nothing_more(scope: Scope) -> None:
    require(scope, Rights(manage_channels=True))
    with pytest.raises(Refused, match="Manage Channels"):
        require(scope, Rights(manage_server=True))


def test_the_server_needs_manage_server() -> None:
    require(Scope.SERVER, Rights(manage_server=True))
    with pytest.raises(Refused, match="Manage Server"):
        require(Scope.SERVER, Rights(manage_channels=True))


def test_in_a_dm_everybody_decides_for_themselves() -> None:
    require(Scope.CHANNEL, Rights(own_dm=True))
