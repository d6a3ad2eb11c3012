"""Files broken by hand, each opened here: what PyAV makes of them changes with its versions."""

from contextlib import suppress

import pytest

from bot.audio.decode import decode
from bot.errors import AudioError
from soak.media.oddities import oddities


@pytest.mark.parametrize("name", oddities())
def test_a_broken_file_is_heard_or_refused_and_nothing_else(name: str) -> None:
    with suppress(AudioError):
        assert decode(oddities()[name](), max_seconds=60).seconds > 0
