"""Files broken by hand, each opened here: what PyAV makes of them changes with its versions."""

import pytest

from bot.audio.decode import decode
from bot.errors import AudioError
from soak.media.oddities import oddities


@pytest.mark.parametrize("name", oddities())
def test_a_broken_file_is_heard_or_refused_and_nothing_else(name: str) -> None:
    try:
        decoded = decode(oddities()[name](), max_seconds=60)
    except AudioError as error:
        assert error.sentence
    else:
        assert decoded.seconds > 0
