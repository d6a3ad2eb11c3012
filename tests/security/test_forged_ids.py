"""Ten thousand forged, changed, foreign and stale ids of buttons: none is taken."""

import random
import string
from datetime import timedelta

import pytest

from bot.discord_io.components import KEY_BYTES, Signer
from bot.errors import Refused
from tests.fakes import ADA, BOB, StoppedClock

FORGED = 10_000
LIFE = timedelta(minutes=15)
ALPHABET = string.ascii_letters + string.digits + ":-_,%=é"


def forged(real: str, chances: random.Random) -> str:
    """Change a real id so that it says something else."""
    parts = real.split(":")
    while True:
        match chances.randrange(5):
            case 0:
                at = chances.randrange(len(real))
                made = real[:at] + chances.choice(ALPHABET) + real[at + 1 :]
            case 1:
                place = chances.randrange(len(parts))
                made = ":".join(
                    [*parts[:place], f"{chances.randrange(10**6):x}", *parts[place + 1 :]]
                )
            case 2:
                made = real[: chances.randrange(len(real))]
            case 3:
                made = "".join(chances.choices(ALPHABET, k=chances.randrange(100)))
            case _:
                made = real + chances.choice(ALPHABET)
        if made != real:
            return made


def is_taken(signer: Signer, custom_id: str, member_id: int) -> bool:
    try:
        signer.read(custom_id, member_id, again="try")
    except Refused:
        return False
    return True


def test_none_of_ten_thousand_forged_ids_is_taken() -> None:
    chances, clock = random.Random(20_261_121), StoppedClock()
    signer = Signer(b"k" * KEY_BYTES, clock)
    stranger = Signer(b"o" * KEY_BYTES, clock)
    for number in range(FORGED):
        real = signer.sign("undo", number, "voice", member_id=ADA.id, life=LIFE)
        assert not is_taken(signer, forged(real, chances), ADA.id)
        assert not is_taken(signer, real, BOB.id)
        foreign = stranger.sign("undo", number, "voice", member_id=ADA.id, life=LIFE)
        assert not is_taken(signer, foreign, ADA.id)
    assert is_taken(signer, real, ADA.id)


@pytest.mark.parametrize("late", [timedelta(seconds=1), timedelta(days=400)])
def test_none_is_taken_when_it_is_too_old(late: timedelta) -> None:
    clock = StoppedClock()
    signer = Signer(b"k" * KEY_BYTES, clock)
    ids = [signer.sign("undo", number, life=LIFE) for number in range(100)]
    clock.pass_time(LIFE + late)
    assert not any(is_taken(signer, each, ADA.id) for each in ids)
