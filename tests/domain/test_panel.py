from dataclasses import replace

import pytest

from bot.domain import room_settings as settings
from bot.domain.access import Actor, Rights
from bot.domain.effective import RoomRules, rules_of
from bot.domain.owner import Owner
from bot.domain.panel import (
    MOST_OPTIONS,
    PAGE_SETTINGS,
    Chosen,
    Panel,
    lock_of,
    lock_on,
    page_of,
)
from bot.domain.room_settings import Setting, Stored, settings_for
from bot.domain.rooms import Place, Scope
from bot.domain.setting_kinds import Option
from bot.domain.setting_limits import options_of
from bot.errors import Refused
from tests.domain.rooms import ADA, OWNER, ROOM

MODERATOR, MEMBER = Actor(ADA, Rights(manage_channels=True)), Actor(ADA)
CHANNEL, OWN = Place(Scope.CHANNEL, 3, 1), Place(Scope.MEMBER, ADA, None)
STRICT = replace(OWNER, models=("large",), text_model=None, sampling=frozenset())


def rules(*stored: Stored, owner: Owner = OWNER) -> RoomRules:
    return rules_of(ROOM, ADA, stored, (), owner)


def test_pages_hold_every_setting_of_the_place_once_in_order() -> None:
    for place in (CHANNEL, OWN):
        pages = Panel(rules(), ADA, place, {}).pages
        shown = [
            each for page in range(pages) for each in Panel(rules(), ADA, place, {}, page).shown
        ]
        assert shown == list(settings_for(place))
        assert all(
            len(Panel(rules(), ADA, place, {}, page).shown) <= PAGE_SETTINGS
            for page in range(pages)
        )
        for each in settings_for(place):
            assert each in Panel(rules(), ADA, place, {}, page_of(each, place)).shown


def test_a_setting_that_means_nothing_there_is_on_no_page() -> None:
    with pytest.raises(Refused, match="cannot be set there"):
        page_of(settings.VOICE_LOCK, OWN)


def test_who_may_change_nothing_is_told_what_is_missing() -> None:
    assert lock_of(CHANNEL, MODERATOR) is None
    assert lock_of(OWN, MEMBER) is None
    assert "Manage Channels" in (lock_of(CHANNEL, MEMBER) or "")


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        (settings.SPEAK, "TEXT_MODEL"), (settings.MODEL, "MODELS"),
        (settings.MODELS_DENIED, "MODELS"), (settings.SEED, "SAMPLING_ALLOWED"),
    ],
)  # fmt: skip
def test_what_the_owner_does_not_leave_to_rooms_is_locked_by_name(
    setting: Setting[object], named: str
) -> None:
    assert named in (lock_on(setting, CHANNEL, MODERATOR, rules(owner=STRICT)) or "")
    assert lock_on(setting, CHANNEL, MODERATOR, rules()) is None


def test_a_locked_voice_locks_the_members_own_and_no_other() -> None:
    locked = rules(Stored(Scope.CHANNEL, 3, "voice_lock", "on"))
    assert "unlock it" in (lock_on(settings.VOICE, OWN, MEMBER, locked) or "")
    assert lock_on(settings.SPEED, OWN, MEMBER, locked) is None
    assert lock_on(settings.VOICE, CHANNEL, MODERATOR, locked) is None


def test_what_does_not_fit_into_a_select_can_be_typed() -> None:
    languages = Chosen(settings.LANGUAGE, None, options_of(settings.LANGUAGE, OWNER, ()))
    assert len(languages.listed) == MOST_OPTIONS
    assert languages.takes_text
    assert Chosen(settings.SPEED, None, (Option("1", "1×"),)).takes_text  # noqa: RUF001 - meant
    assert not Chosen(settings.FORM, None, (Option("card", "card"),)).takes_text
    assert not Chosen(settings.ROLES_ALLOWED, None).takes_text
