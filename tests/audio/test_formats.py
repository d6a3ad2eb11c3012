"""What a file is, told by its content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio.encode import encode
from bot.audio.formats import adts_frame_bytes, sniff
from soak.media.sounds import RECIPES, make_file, speech

DEMUXERS = {
    "ipod": "mov",
    "mp4": "mov",
    "mov": "mov",
    "3gp": "mov",
    "webm": "matroska",
    "adts": "aac",
}


@pytest.mark.parametrize("name", RECIPES)
def test_the_container_is_told_by_content_alone(name: str) -> None:
    recipe = RECIPES[name]
    assert sniff(make_file(recipe, speech(0.3))) == DEMUXERS.get(recipe.muxer, recipe.muxer)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd",
        b"ffconcat version 1.0\nfile 'a.wav'\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n",
        b"<?xml version='1.0'?><MPD></MPD>",
        b"%PDF-1.7",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"RIFF\0\0\0\0AVI LIST",
        b"ID3\x04\0\0\0\0\0\x05hello",
        b"caff\0\1\0\0",
        b"\xff\xfb",
    ],
)
def test_whatever_is_not_on_the_list_is_nothing(data: bytes) -> None:
    assert sniff(data) is None


def test_tags_and_padding_before_the_first_frame_are_skipped() -> None:
    tag = b"ID3\x04\0\0\0\0\0\x05hello"
    mp3, flac = encode(speech(0.5), "mp3"), encode(speech(0.5), "flac")
    assert sniff(tag + tag + mp3) == "mp3"
    assert sniff(bytes(500) + mp3) == "mp3"
    assert sniff(tag + flac) == "flac"


def test_aac_needs_two_frames_in_a_row_or_one_whole_one() -> None:
    data = encode(speech(0.5), "aac")
    length = adts_frame_bytes(data, 0)
    assert length is not None
    assert sniff(data[:length]) == "aac"
    assert sniff(data[:length] + b"no frame") is None


@given(st.binary(max_size=400))
def test_sniffing_takes_any_bytes(data: bytes) -> None:
    sniff(data)
    sniff(b"ID3" + data)
    sniff(b"\xff\xfb\x90\x00" + data)
