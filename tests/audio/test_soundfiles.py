"""When the model's sound goes out as it came."""

import struct

import pytest

from bot.audio.encode import encode
from bot.audio.soundfiles import passed_on
from bot.domain.reply import Sound, SoundFormat
from soak.media.sounds import RECIPES, make_file, speech

MIB = 1 << 20


@pytest.mark.parametrize(
    ("sound_format", "content_type", "seconds"),
    [
        ("mp3", "audio/mpeg", 2.04),
        ("opus", "audio/ogg", 2),
        ("flac", "audio/flac", None),
        ("aac", "audio/aac", None),
    ],
)
def test_what_is_wanted_already_is_not_touched(
    sound_format: SoundFormat, content_type: str, seconds: float | None
) -> None:
    data = encode(speech(2), sound_format)
    made = passed_on(Sound(data, sound_format), wanted=sound_format, limit_bytes=MIB)
    assert made is not None
    assert made.data is data
    assert made.content_type == content_type
    assert made.seconds == (None if seconds is None else pytest.approx(seconds, abs=0.03))


def test_the_wav_of_the_api_gets_true_sizes() -> None:
    data = bytearray(encode(speech(2), "wav"))
    struct.pack_into("<I", data, 4, 0xFFFFFFFF)
    struct.pack_into("<I", data, 40, 0xFFFFFFFF)
    made = passed_on(Sound(bytes(data), "wav"), wanted="wav", limit_bytes=MIB)
    assert made is not None
    assert made.data == encode(speech(2), "wav")
    assert made.seconds == 2


@pytest.mark.parametrize("wanted", ["pcm16", "wav"])
def test_raw_samples_become_a_wav_file(wanted: SoundFormat) -> None:
    made = passed_on(Sound(speech(1) + b"\0", "pcm16"), wanted=wanted, limit_bytes=MIB)
    assert made is not None
    assert (made.data, made.extension, made.seconds) == (encode(speech(1), "wav"), "wav", 1)


@pytest.mark.parametrize(
    ("sound", "wanted"),
    [
        (Sound(encode(speech(1), "wav"), "wav"), "mp3"),
        (Sound(encode(speech(1), "opus"), "mp3"), "mp3"),
        (Sound(make_file(RECIPES["ogg vorbis"], speech(1)), "opus"), "opus"),
        (Sound(encode(speech(1), "opus") * 2, "opus"), "opus"),
        (Sound(b"not sound", "wav"), "wav"),
        (Sound(encode(b"", "wav"), "wav"), "wav"),
        (Sound(b"", "pcm16"), "wav"),
        (Sound(make_file(RECIPES["m4a"], speech(1)), "aac"), "aac"),
    ],
)
def test_anything_else_is_made_anew(sound: Sound, wanted: SoundFormat) -> None:
    assert passed_on(sound, wanted=wanted, limit_bytes=MIB) is None


def test_what_does_not_fit_is_made_anew() -> None:
    data = encode(speech(2), "mp3")
    assert passed_on(Sound(data, "mp3"), wanted="mp3", limit_bytes=len(data) - 1) is None
