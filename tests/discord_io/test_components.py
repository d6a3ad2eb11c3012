from datetime import timedelta

import pytest

from bot.discord_io.components import CUSTOM_ID_UNITS, Press, Signer
from bot.errors import Refused
from tests.fakes import ADA, BOB, StoppedClock

KEY = b"k" * 32
LIFE = timedelta(minutes=15)


def refusal(signer: Signer, custom_id: str, member_id: int = ADA.id) -> Refused:
    with pytest.raises(Refused) as caught:
        signer.read(custom_id, member_id, again="use `/settings`")
    return caught.value


def test_what_was_signed_is_read_again_also_after_a_restart() -> None:
    clock = StoppedClock()
    signed = Signer(KEY, clock).sign("undo", 2**63, "a:b,c %", "", life=LIFE)
    assert len(signed) <= CUSTOM_ID_UNITS
    read = Signer(KEY, clock).read(signed, BOB.id, again="")
    assert read == Press("undo", (str(2**63), "a:b,c %", ""))
    bare = Signer(KEY, clock).sign("next", life=LIFE)
    assert Signer(KEY, clock).read(bare, BOB.id, again="") == Press("next", ())


def test_it_ends_and_says_how_to_get_another() -> None:
    clock = StoppedClock()
    signer = Signer(KEY, clock)
    signed = signer.sign("undo", 7, life=LIFE)
    clock.pass_time(LIFE)
    assert signer.read(signed, ADA.id, again="") == Press("undo", ("7",))
    clock.pass_time(timedelta(seconds=1))
    refused = refusal(signer, signed)
    assert refused.code == "component_expired"
    assert refused.sentence == "That is too old by now. Please use `/settings` again."


def test_what_is_one_members_serves_nobody_else() -> None:
    signer = Signer(KEY, StoppedClock())
    signed = signer.sign("undo", 7, member_id=ADA.id, life=LIFE)
    assert signer.read(signed, ADA.id, again="") == Press("undo", ("7",))
    refused = refusal(signer, signed, BOB.id)
    assert refused.code == "component_not_yours"
    assert "use `/settings` yourself" in refused.sentence


@pytest.mark.parametrize("place", range(5))
def test_no_part_can_be_changed(place: int) -> None:
    signer = Signer(KEY, StoppedClock())
    parts = signer.sign("undo", 7, member_id=ADA.id, life=LIFE).split(":")
    parts[place] = "0" if parts[place] != "0" else "1"
    assert refusal(signer, ":".join(parts)).code == "component_expired"


@pytest.mark.parametrize(
    "custom_id", ["", "undo", ":::::", "undo:7:-:zz:ä", "é:1:-:1:1", "\ud800:1:-:1:\udc00"]
)
def test_anything_else_is_refused_as_if_it_were_old(custom_id: str) -> None:
    assert refusal(Signer(KEY, StoppedClock()), custom_id).code == "component_expired"


def test_another_key_reads_nothing() -> None:
    clock = StoppedClock()
    signed = Signer(b"another key" * 3, clock).sign("undo", 7, life=LIFE)
    assert refusal(Signer(KEY, clock), signed).code == "component_expired"


def test_what_is_too_long_for_discord_is_never_signed() -> None:
    with pytest.raises(ValueError, match="undo"):
        Signer(KEY, StoppedClock()).sign("undo", "a" * 90, life=LIFE)
