"""Ogg chains, exact lengths and checksums."""

import io
import struct

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio import ogg
from bot.audio.encode import encode
from soak.media.sounds import RECIPES, Recipe, make_file, speech


def test_a_chain_is_split_where_its_links_were_joined() -> None:
    links = [make_file(RECIPES["ogg opus"], speech(n)) for n in (1, 2)]
    assert ogg.links(b"".join(links)) == links
    assert ogg.links(links[0]) == [links[0]]


def test_streams_side_by_side_are_one_link() -> None:
    first, second = (list(_raw_pages(encode(speech(1), "opus"))) for _ in range(2))
    together = b"".join([first[0], second[0], *first[1:], *second[1:]])
    assert ogg.links(together) == [together]


def _raw_pages(data: bytes) -> list[bytes]:
    return [data[page.start : page.end] for page in ogg.pages(data)]


@pytest.mark.parametrize("seconds", [0.02, 0.5, 1, 7.31])
def test_the_length_of_opus_is_exact(seconds: float) -> None:
    assert ogg.opus_seconds(encode(speech(seconds), "opus")) == pytest.approx(seconds, abs=1e-4)


def test_the_length_of_other_codecs_is_not_guessed() -> None:
    vorbis = make_file(Recipe("flac", "ogg"), speech(1))
    assert ogg.opus_seconds(vorbis) is None
    assert ogg.opus_seconds(b"") is None


def test_a_changed_rate_leaves_a_page_that_decoders_accept() -> None:
    data = encode(speech(1), "opus")
    assert struct.unpack_from("<I", data, 28 + 12)[0] == 48_000
    for raw in _raw_pages(data):
        claimed = struct.unpack_from("<I", raw, 22)[0]
        assert ogg.page_crc(raw[:22] + bytes(4) + raw[26:]) == claimed
    with av.open(io.BytesIO(data), "r") as container:
        frames = list(container.decode(audio=0))
    assert sum(frame.samples for frame in frames) == pytest.approx(48_000, abs=960)


@given(st.binary(max_size=600), st.binary(max_size=60))
def test_walking_pages_takes_any_bytes(data: bytes, more: bytes) -> None:
    for candidate in (data, b"OggS" + data, data + b"OggS" + more + b"OggS"):
        assert b"".join(ogg.links(candidate)).endswith(candidate[-1:])
        ogg.opus_seconds(candidate)
