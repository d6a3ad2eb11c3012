"""MP3 frames: exact length, and the proof that all have one bit rate."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio import mp3
from bot.audio.decode import decode
from bot.audio.encode import encode
from soak.media.sounds import Recipe, make_file, speech

BARE = {"write_xing": "0", "id3v2_version": "0"}


def test_our_own_mp3_is_proven_constant() -> None:
    data = encode(speech(3), "mp3")
    proven = mp3.constant_frames(data)
    assert proven is not None
    frames, walk = proven
    assert frames == data
    assert walk.bit_rate == 64_000
    assert walk.seconds == pytest.approx(decode(data, max_seconds=60).seconds, abs=0.001)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_every_sample_rate_is_walked_to_the_last_byte(rate_hz: int, layout: str) -> None:
    data = make_file(Recipe("libmp3lame", "mp3", rate_hz, layout, muxer_options=BARE), speech(1))
    walk = mp3.walk(data)
    assert walk is not None
    assert (walk.start, walk.end) == (0, len(data))
    assert walk.seconds == pytest.approx(1, abs=0.2)


def test_a_xing_frame_is_no_sound_and_no_proof() -> None:
    data = make_file(Recipe("libmp3lame", "mp3", 44_100), speech(2))
    walk = mp3.walk(data)
    assert walk is not None
    assert walk.announced
    assert walk.seconds == pytest.approx(2, abs=0.1)
    assert mp3.constant_frames(data) is None


def test_a_variable_bit_rate_is_no_proof_even_without_a_xing_frame() -> None:
    slow = make_file(
        Recipe("libmp3lame", "mp3", 44_100, bit_rate=64_000, muxer_options=BARE), speech(1)
    )
    fast = make_file(
        Recipe("libmp3lame", "mp3", 44_100, bit_rate=128_000, muxer_options=BARE), speech(1)
    )
    walk = mp3.walk(slow + fast)
    assert walk is not None
    assert walk.bit_rate is None
    assert mp3.constant_frames(slow + fast) is None


def test_tags_are_stripped_at_both_ends() -> None:
    frames = encode(speech(1), "mp3")
    before = b"ID3\x04\0\0\0\0\0\x05hello"
    with_footer = b"ID3\x04\0\x10\0\0\0\x05hello" + bytes(10)
    after = b"TAG" + bytes(125)
    proven = mp3.constant_frames(before + with_footer + frames + after)
    assert proven is not None
    assert proven[0] == frames


def test_rubbish_between_frames_is_no_proof() -> None:
    frames = encode(speech(1), "mp3")
    half = len(frames) // 192 // 2 * 192
    assert mp3.constant_frames(frames[:half] + b"rubbish here" + frames[half:]) is None


def test_a_frame_cut_short_at_the_end_does_not_count() -> None:
    frames = encode(speech(1), "mp3")
    whole, cut = mp3.walk(frames), mp3.walk(frames[:-10])
    assert whole is not None
    assert cut is not None
    assert cut.seconds == pytest.approx(whole.seconds - 0.024)


@pytest.mark.parametrize(
    "word", [0xFFFA0000, 0xFFFBF000, 0xFFFB0000, 0xFFFB9C00, 0xFFEB9000, 0xFFFD9000]
)
def test_reserved_and_free_headers_are_no_frames(word: int) -> None:
    assert mp3.parse_frame(struct.pack(">I", word), 0) is None


def frame(bit_rate_index: int, *, padded: bool, body: bytes) -> bytes:
    """A frame of 24 kHz speech, filled up with the body again and again."""
    head = struct.pack(">I", 0xFFF3_04C0 | bit_rate_index << 12 | padded << 9)
    parsed = mp3.parse_frame(head, 0)
    assert parsed is not None
    return head + (body * parsed.size_bytes)[: parsed.size_bytes - 4]


KINDS = st.tuples(st.sampled_from([8, 8, 8, 9]), st.booleans())
# Without the marks of a variable bit rate.
BODIES = st.binary(min_size=1, max_size=9).filter(lambda body: not {*b"XIV"} & {*body})
AFTER = st.sampled_from([b"", b"TAG" + bytes(125), b"\xff\xf3\x84\xc4cut", bytes(300)])


@given(
    st.lists(KINDS, min_size=2, max_size=12) | st.integers(2, 40).map(lambda n: [(8, False)] * n),
    BODIES,
    AFTER,
)
def test_frames_are_counted_as_if_each_was_looked_at(
    kinds: list[tuple[int, bool]], body: bytes, after: bytes
) -> None:
    frames = [frame(index, padded=padded, body=b"\0" + body) for index, padded in kinds]
    walk = mp3.walk(b"".join(frames) + after)
    assert walk is not None
    assert walk.seconds == pytest.approx(len(frames) * 576 / 24_000)
    assert walk.end == sum(map(len, frames))
    assert (walk.bit_rate is None) == (len({index for index, _ in kinds}) == 2)


@given(st.binary(max_size=2000))
def test_walking_takes_any_bytes(data: bytes) -> None:
    mp3.walk(data)
    mp3.constant_frames(b"\xff\xfb\x90\x00" + data)
