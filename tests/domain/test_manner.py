from collections.abc import Sequence
from typing import Any

import pytest

from bot.domain import room_settings as settings
from bot.domain.access import Rights
from bot.domain.describing import describe, lines
from bot.domain.effective import RoomRules, rules_of
from bot.domain.incoming import Caller, Member
from bot.domain.manner import Speech, form_for, require_answer, speech_of
from bot.domain.owner import Owner
from bot.domain.room_settings import Setting, Stored
from bot.domain.rooms import Room, Scope
from bot.domain.triggers import Form
from bot.errors import Refused
from tests.domain.rooms import ADA, OWNER, PIRATE, ROOM

DM = Room(9)
Kept = tuple[Scope, Setting[Any], str]


def rules(*kept: Kept, room: Room = ROOM, owner: Owner = OWNER) -> RoomRules:
    ids = {place.scope: place.id for place in room.places(ADA)}
    stored = [Stored(scope, ids[scope], setting.name, value) for scope, setting, value in kept]
    return rules_of(room, ADA, stored, [PIRATE], owner)


@pytest.mark.parametrize(
    ("mode", "of_text", "of_voice"),
    [
        ("always", Speech.ALOUD, Speech.ALOUD),
        ("mirror", Speech.WRITTEN, Speech.ALOUD),
        ("on_demand", Speech.ON_DEMAND, Speech.ON_DEMAND),
        ("never", Speech.WRITTEN, Speech.WRITTEN),
    ],
)
def test_when_an_answer_is_spoken(mode: str, of_text: Speech, of_voice: Speech) -> None:
    found = rules((Scope.SERVER, settings.SPEAK, mode))
    assert speech_of(found, spoken=False) is of_text
    assert speech_of(found, spoken=True) is of_voice


@pytest.mark.parametrize("room", [ROOM, DM])
@pytest.mark.parametrize("spoken", [True, False])
def test_which_form_an_answer_has(room: Room, spoken: bool) -> None:
    auto = Form.VOICE_NOTE if spoken or room is DM else Form.CARD
    assert form_for(rules(room=room), spoken=spoken) is auto
    for form in Form:
        chosen = rules((Scope.MEMBER, settings.FORM, form.value), room=room)
        assert form_for(chosen, spoken=spoken) is form


def caller(*roles: int, room: Room = ROOM, rights: Rights | None = None) -> Caller:
    return Caller(room, Member(101, "Ada"), roles, rights or Rights())


def refusal(found: RoomRules, roles: Sequence[int] = ()) -> str:
    with pytest.raises(Refused, match="can change that") as caught:
        require_answer(found, caller(*roles))
    return caught.value.code


def test_a_room_is_answered_in_unless_it_or_what_it_lies_in_is_denied() -> None:
    require_answer(rules(), caller())
    denied = (Scope.SERVER, settings.ANSWER, "denied")
    allowed = (Scope.THREAD, settings.ANSWER, "allowed")
    require_answer(rules(allowed), caller())
    assert refusal(rules(denied, allowed)) == "room_denied"


def test_of_every_list_of_roles_one_is_needed_and_none_that_is_denied() -> None:
    found = rules(
        (Scope.SERVER, settings.ROLES_ALLOWED, "1 2"),
        (Scope.CHANNEL, settings.ROLES_ALLOWED, "3"),
        (Scope.CATEGORY, settings.ROLES_DENIED, "4"),
    )
    require_answer(found, caller(1, 3))
    assert refusal(found, [1, 2]) == "role_missing"
    assert refusal(found, [3]) == "role_missing"
    assert refusal(found, [1, 3, 4]) == "role_denied"
    assert refusal(found) == "role_missing"


def test_where_every_model_is_denied_nothing_is_asked() -> None:
    found = rules(
        (Scope.SERVER, settings.MODELS_DENIED, "large small"),
        (Scope.CHANNEL, settings.MODELS_DENIED, "tiny"),
    )
    assert refusal(found) == "no_model"


def test_one_sentence_each_says_what_happens_to_a_text_and_to_a_voice_message() -> None:
    said = describe(rules())
    assert said.text == (
        "A text message here that mentions me is answered aloud with the voice alloy, as a card "
        "with its words shown."
    )
    assert said.voice == (
        "A voice message here that answers me is answered aloud with the voice alloy, as a voice "
        "note with its words shown."
    )


def test_the_sentences_follow_the_settings() -> None:
    said = describe(
        rules(
            (Scope.SERVER, settings.SPEAK, "mirror"),
            (Scope.CHANNEL, settings.LISTEN, "on"),
            (Scope.CHANNEL, settings.TRANSCRIPT, "folded"),
            (Scope.MEMBER, settings.SPEED, "1.25"),
            (Scope.MEMBER, settings.VOICE, "random"),
            (Scope.MEMBER, settings.FORM, "card"),
        )
    )
    assert said.text == "A text message here is answered in writing."
    assert said.voice == (
        "A voice message here is answered aloud with the voice random at 1.25× speed, as a card "  # noqa: RUF001
        "with its words folded away."
    )
    on_demand = describe(rules((Scope.CHANNEL, settings.SPEAK, "on_demand"), room=DM))
    assert on_demand.text == (
        "A text message here is answered in writing, with a 🔊 button that speaks it with the "
        "voice alloy."
    )
    denied = describe(rules((Scope.SERVER, settings.ANSWER, "denied")))
    assert denied.text == "A text message here is not answered (this server)."


def test_every_setting_that_means_something_is_listed_with_where_it_comes_from() -> None:
    found = rules(
        (Scope.SERVER, settings.ROLES_ALLOWED, "1"),
        (Scope.CHANNEL, settings.ROLES_ALLOWED, "2"),
        (Scope.CHANNEL, settings.PERSONA, "pirate"),
    )
    listed = [(line.setting.name, line.text, line.scope) for line in lines(found)]
    assert ("roles_allowed", "<@&2>", Scope.CHANNEL) in listed
    assert ("roles_allowed", "<@&1>", Scope.SERVER) in listed
    assert ("roles_denied", "none", Scope.DEFAULT) in listed
    assert ("persona", "Pirate", Scope.CHANNEL) in listed
    assert ("file_format", "mp3", Scope.DEFAULT) in listed
    assert ("temperature", "the model's own", Scope.DEFAULT) in listed
    names = {name for name, *_ in listed}
    assert "top_p" not in names
    assert {line.setting.name for line in lines(rules(room=DM))} == names - {
        "voice_lock", "answer", "roles_allowed", "roles_denied", "listen", "threads", "bots",
        "models_denied",
    }  # fmt: skip


def test_the_conversation_of_another_is_not_asked_into_whatever_is_set_there() -> None:
    require_answer(rules(room=DM), caller(room=DM, rights=Rights(own_dm=True)))
    with pytest.raises(Refused) as caught:
        require_answer(rules(room=DM), caller(room=DM))
    assert caught.value.code == "not_your_dm"


def test_where_we_are_guests_everybody_asks_for_themselves() -> None:
    guest = Room(20, guest=True)
    require_answer(rules(room=guest), caller(room=guest))


@pytest.mark.parametrize(
    ("scope", "who"), [(Scope.SERVER, "Manage Server"), (Scope.CHANNEL, "Manage Channels")]
)
def test_who_can_mend_a_denial_is_named(scope: Scope, who: str) -> None:
    everything = " ".join(OWNER.models)
    for setting, value in ((settings.ANSWER, "denied"), (settings.MODELS_DENIED, everything)):
        with pytest.raises(Refused, match=f"permission {who}"):
            require_answer(rules((scope, setting, value)), caller())


def test_what_denies_the_last_model_is_mended_at_the_outermost_level() -> None:
    large, *others = OWNER.models
    kept = (
        (Scope.CHANNEL, settings.MODELS_DENIED, large),
        (Scope.SERVER, settings.MODELS_DENIED, " ".join(others)),
    )
    with pytest.raises(Refused, match="permission Manage Server"):
        require_answer(rules(*kept), caller())
