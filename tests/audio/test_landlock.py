from struct import pack

import pytest

from bot.audio import landlock


@pytest.mark.parametrize(
    ("version", "fields"),
    [
        (1, [0x1FFF]),
        (2, [0x3FFF]),
        (3, [0x7FFF]),
        (4, [0x7FFF, 3]),
        (5, [0xFFFF, 3]),
        (6, [0xFFFF, 3, 3]),
        (7, [0xFFFF, 3, 3]),
        (12, [0xFFFF, 3, 3]),
    ],
)
def test_each_version_is_asked_for_all_that_it_can_forbid(version: int, fields: list[int]) -> None:
    assert landlock.forbidden(version) == b"".join(pack("=Q", field) for field in fields)
