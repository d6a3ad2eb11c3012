"""What is missing is named by feature and permission, with what mends it."""

import pytest

from bot.domain.features import FEATURES, lacking
from bot.domain.findings import about_intent, about_room, about_server

ALL = frozenset(name for feature in FEATURES for name in feature.permissions)
LINK = "https://discord.com/oauth2/authorize"


def test_nothing_is_missing_where_everything_is_held() -> None:
    assert not lacking(ALL)
    [finding] = about_room(ALL, ALL, LINK, in_thread=False)
    assert finding.ok


@pytest.mark.parametrize("permission", sorted(ALL))
def test_each_missing_permission_is_found_for_a_whole_server(permission: str) -> None:
    [finding] = about_server("Home", ALL - {permission}, LINK)
    assert finding.ok is False
    assert LINK in str(finding.remedy)


def test_only_what_counts_in_the_room_is_named() -> None:
    writing = {"send_messages", "create_public_threads"}
    assert [f.ok for f in about_room(ALL - writing, ALL, LINK, in_thread=True)] == [True]
    assert len(about_room(ALL - writing, ALL, LINK, in_thread=False)) == 2


def test_what_the_server_grants_is_mended_in_the_room() -> None:
    [finding] = about_room(ALL - {"attach_files"}, ALL, LINK, in_thread=False)
    assert "Attach Files" in str(finding.remedy)
    assert LINK not in str(finding.remedy)
    here = ALL - {"attach_files"}
    [finding] = about_room(here, here, LINK, in_thread=False)
    assert LINK in str(finding.remedy)


def test_message_content_is_a_fault_only_where_it_is_asked_for() -> None:
    assert about_intent(switched_on=True).ok
    assert about_intent(switched_on=False).ok is None
    assert about_intent(switched_on=False, needed=True).ok is False
