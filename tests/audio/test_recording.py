"""A member's recording, tidied: long silence cut, quiet speech raised, the rest left alone."""

import audioop

import pytest

from bot.audio.recording import tidy
from bot.errors import AudioError
from soak.media.sounds import quieter, silence, speech


def sent(pcm: bytes) -> bytes:
    return b"".join(bytes(piece) for piece in tidy(pcm).pieces())


def test_plain_speech_is_left_alone() -> None:
    pcm = silence(0.4) + speech(3) + silence(0.4)
    recording = tidy(pcm)
    assert recording.untouched
    assert sent(pcm) == pcm


def test_long_silence_at_both_ends_is_cut_to_a_breath() -> None:
    recording = tidy(silence(5) + speech(2) + silence(7))
    assert recording.seconds == pytest.approx(2.6, abs=0.3)
    assert not recording.untouched


def test_silence_in_the_middle_stays() -> None:
    assert tidy(speech(1) + silence(6) + speech(1)).seconds == 8


def test_speech_above_noise_is_told_from_noise_alone() -> None:
    hiss = quieter(speech(4), 0.004)
    assert tidy(hiss + speech(2) + hiss).seconds == pytest.approx(2.6, abs=0.4)


def test_a_very_quiet_recording_is_raised_but_not_into_clipping() -> None:
    quiet = quieter(speech(3), 0.02)
    loud = sent(quiet)
    assert len(loud) == len(quiet)
    assert audioop.rms(loud, 2) > 5 * audioop.rms(quiet, 2)
    assert audioop.max(loud, 2) < 30_000


def test_a_click_bounds_how_much_is_raised() -> None:
    quiet = bytearray(quieter(speech(3), 0.02))
    quiet[1000:1002] = (32_000).to_bytes(2, "little")
    assert tidy(bytes(quiet)).gain_db == 0


@pytest.mark.parametrize("pcm", [silence(3), quieter(speech(3), 0.0005)])
def test_silence_is_refused(pcm: bytes) -> None:
    with pytest.raises(AudioError) as caught:
        tidy(pcm)
    assert caught.value.code == "audio_silent"


@pytest.mark.parametrize("samples", [1, 11, 12, 13, 23_999, 24_013, 48_001])
def test_no_length_is_rounded(samples: int) -> None:
    pcm = b"\x00\x20\x00\xe0" * (samples // 2) + b"\x00\x20" * (samples % 2)
    assert sent(pcm) == pcm
    assert tidy(memoryview(bytearray(pcm))).seconds == samples / 24_000
