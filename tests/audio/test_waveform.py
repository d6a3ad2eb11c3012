"""The picture of a voice message."""

from hypothesis import given
from hypothesis import strategies as st

from bot.audio.waveform import LevelMeter, draw_waveform
from soak.media.sounds import quieter, silence, speech


def drawn(pcm: bytes) -> bytes:
    meter = LevelMeter()
    meter.feed(pcm)
    return meter.draw()


def test_there_is_one_point_per_whole_100_ms() -> None:
    assert len(drawn(speech(5))) == 50
    assert len(drawn(speech(5.09))) == 50


def test_a_long_message_has_256_points() -> None:
    assert len(drawn(speech(60))) == 256


def test_a_message_shorter_than_100_ms_has_one_point() -> None:
    assert drawn(speech(0.05)) == b"\xff"
    assert len(drawn(b"")) == 1


def test_pauses_are_low_and_speech_is_high() -> None:
    points = drawn(speech(1) + silence(1) + quieter(speech(1), 0.25))
    assert max(points[:10]) == 255
    assert max(points[10:20]) == 0
    assert 90 < max(points[20:]) < 160


def test_silence_is_drawn_as_silence() -> None:
    assert set(drawn(silence(2))) == {0}


def test_pieces_of_any_size_draw_the_same_picture() -> None:
    pcm = speech(3)
    meter = LevelMeter()
    for at in range(0, len(pcm), 777):
        meter.feed(pcm[at : at + 777])
    assert meter.draw() == drawn(pcm)


@given(st.lists(st.integers(0, 32_768), max_size=2_000))
def test_any_levels_draw_1_to_256_points(levels: list[int]) -> None:
    points = draw_waveform(levels)
    assert 1 <= len(points) <= 256
    assert len(points) == min(256, max(1, len(levels)))
    assert (max(points) == 255) == any(levels)
