"""Every cell of acts, scopes, ranks and places, held against what the manual promises."""

from itertools import product

import pytest

from bot.domain.access import Act, Actor, Rights, may, need_of, require
from bot.domain.rooms import Place, Scope
from bot.errors import Refused

ADA, BOB = 7, 8

PLACES = {
    "own choices": Place(Scope.MEMBER, ADA, None),
    "choices of another": Place(Scope.MEMBER, BOB, None),
    "thread": Place(Scope.THREAD, 4, 1),
    "channel": Place(Scope.CHANNEL, 3, 1),
    "category": Place(Scope.CATEGORY, 2, 1),
    "server": Place(Scope.SERVER, 1, 1),
    "dm": Place(Scope.CHANNEL, 9, None),
    "owner's defaults": Place(Scope.DEFAULT, 0, None),
}
"""A forum post is a thread; whose DM it is, the rights there say."""

RANKS = {
    "member": Rights(),
    "moderator there": Rights(manage_channels=True),
    "administrator": Rights(manage_channels=True, manage_server=True),
    "manager of the server alone": Rights(manage_server=True),
    "in their own DM": Rights(own_dm=True),
    "owner": Rights(owner=True),
    "owner in their own DM": Rights(own_dm=True, owner=True),
}

CHANNELS = {"moderator there", "administrator", "owner"}
SERVER = {"administrator", "manager of the server alone", "owner"}
OWN_DM = {"in their own DM", "owner in their own DM"}
OWNERS = {"owner", "owner in their own DM"}
ALL = set(RANKS)

CHANGED_BY = {
    "own choices": ALL,
    "choices of another": set[str](),
    "thread": CHANNELS,
    "channel": CHANNELS,
    "category": CHANNELS,
    "server": SERVER,
    "dm": OWN_DM,
    "owner's defaults": OWNERS,
}
SEEN_BY = {**dict.fromkeys(PLACES, ALL), "choices of another": set[str](), "dm": OWN_DM}
ALLOWED = {
    Act.LOOK: SEEN_BY,
    Act.ASK: SEEN_BY,
    Act.CHANGE: CHANGED_BY,
    Act.KEEP_PERSONAS: {
        **dict.fromkeys(PLACES, SERVER), "dm": OWN_DM, "owner's defaults": OWNERS,
    },
    Act.DIAGNOSE: CHANGED_BY,
    Act.OPERATE: dict.fromkeys(PLACES, OWNERS),
}  # fmt: skip


@pytest.mark.parametrize(("act", "place", "rank"), list(product(Act, PLACES, RANKS)))
def test_each_may_do_what_the_table_says_and_nothing_else(act: Act, place: str, rank: str) -> None:
    actor = Actor(ADA, RANKS[rank])
    allowed = rank in ALLOWED[act][place]
    assert may(act, PLACES[place], actor) == allowed
    if allowed:
        require(act, PLACES[place], actor)
        return
    with pytest.raises(Refused) as caught:
        require(act, PLACES[place], actor)
    said = caught.value.sentence
    named = ("Manage Channels", "Manage Server", "another member", "whoever runs me")
    assert any(name in said for name in named)
    assert "Manage" not in said or "can grant it" in said


def test_every_scope_and_place_has_a_need_for_every_act() -> None:
    for act, place in product(Act, PLACES.values()):
        need_of(act, place)
    assert {place.scope for place in PLACES.values()} == set(Scope)


@pytest.mark.parametrize(
    ("act", "place", "code"),
    [
        (Act.CHANGE, "choices of another", "not_yours"),
        (Act.LOOK, "dm", "not_your_dm"),
        (Act.CHANGE, "channel", "needs_manage_channels"),
        (Act.CHANGE, "server", "needs_manage_server"),
        (Act.OPERATE, "server", "needs_owner"),
    ],
)
def test_each_lack_has_a_code_of_its_own(act: Act, place: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        require(act, PLACES[place], Actor(ADA))
    assert refusal.value.code == code
