"""The three things done with sound, in this process."""

import pytest

from bot.audio import mp3, wav
from bot.audio.encode import encode
from bot.audio.formats import sniff
from bot.audio.transcode import model_input, sound_file, voice_clip
from bot.domain.reply import Sound, SoundFormat
from bot.errors import AudioError
from soak.media.sounds import RECIPES, Recipe, likeness, make_file, silence, speech

MIB = 1 << 20
BARE = {"write_xing": "0", "id3v2_version": "0"}


def test_a_minute_goes_to_the_model_as_wav() -> None:
    made = model_input(make_file(RECIPES["mp3"], speech(60)), max_seconds=120)
    found = wav.read_pcm(made.data)
    assert made.format == "wav"
    assert found is not None
    assert found.is_speech
    assert found.seconds == made.seconds == pytest.approx(60, abs=0.1)


def test_more_than_a_minute_goes_as_mp3_of_constant_rate() -> None:
    made = model_input(encode(speech(70), "opus"), max_seconds=120)
    assert made.format == "mp3"
    assert made.seconds == pytest.approx(70)
    assert mp3.constant_frames(made.data) is not None


def test_where_only_wav_is_read_it_is_wav_whatever_the_length() -> None:
    made = model_input(encode(speech(70), "mp3"), max_seconds=120, only_wav=True)
    assert made.format == "wav"
    assert len(made.data) == 44 + round(made.seconds * 48_000)


def test_a_long_mp3_of_proven_constant_rate_is_passed_on_without_its_tags() -> None:
    own = encode(speech(70), "mp3")
    made = model_input(b"ID3\x04\0\0\0\0\0\x05hello" + own, max_seconds=120)
    assert made.data == own
    assert made.format == "mp3"
    assert made.seconds == pytest.approx(70, abs=0.1)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe("libmp3lame", "mp3", 44_100),
        Recipe("libmp3lame", "mp3", 44_100, bit_rate=192_000, muxer_options=BARE),
    ],
)
def test_an_mp3_that_may_be_refused_is_made_anew(recipe: Recipe) -> None:
    own = make_file(recipe, speech(70))
    made = model_input(own, max_seconds=120)
    proven = mp3.constant_frames(made.data)
    assert proven is not None
    assert proven[1].bit_rate == 48_000


def test_an_mp3_with_long_silence_is_not_paid_for_whole() -> None:
    made = model_input(encode(silence(20) + speech(65), "mp3"), max_seconds=120)
    assert made.seconds == pytest.approx(65.3, abs=0.3)


def test_a_silent_file_is_refused_before_it_is_paid_for() -> None:
    with pytest.raises(AudioError) as caught:
        model_input(encode(silence(3), "opus"), max_seconds=120)
    assert caught.value.code == "audio_silent"


@pytest.mark.parametrize("sound_format", ["wav", "mp3", "flac", "opus", "aac", "pcm16"])
def test_every_format_of_the_model_becomes_a_voice_message(sound_format: SoundFormat) -> None:
    original = speech(3)
    clip = voice_clip(Sound(encode(original, sound_format), sound_format), limit_bytes=MIB)
    assert clip.seconds == pytest.approx(3, abs=0.1)
    assert sniff(clip.data) == "ogg"
    assert len(clip.waveform) == 30 or len(clip.waveform) == 31


def test_a_whole_wav_where_raw_samples_were_asked_for_is_not_played_as_noise() -> None:
    clip = voice_clip(Sound(encode(speech(2), "wav"), "pcm16"), limit_bytes=MIB)
    assert clip.seconds == 2


@pytest.mark.parametrize(
    ("wanted", "extension", "container"),
    [
        ("wav", "wav", "wav"),
        ("pcm16", "wav", "wav"),
        ("mp3", "mp3", "mp3"),
        ("flac", "flac", "flac"),
        ("opus", "ogg", "ogg"),
        ("aac", "aac", "aac"),
    ],
)
def test_a_file_is_what_was_wanted(wanted: SoundFormat, extension: str, container: str) -> None:
    made = sound_file(Sound(encode(speech(2), "flac"), "flac"), wanted=wanted, limit_bytes=MIB)
    assert (made.extension, sniff(made.data)) == (extension, container)
    assert made.seconds == 2


def test_a_file_too_big_becomes_smaller_opus() -> None:
    original = speech(10)
    made = sound_file(Sound(encode(original, "wav"), "wav"), wanted="wav", limit_bytes=30_000)
    assert made.extension == "ogg"
    assert made.content_type == "audio/ogg"
    assert len(made.data) <= 30_000
    assert likeness(model_input(made.data, max_seconds=60).data[44:], original) > 0.9


def test_a_broken_answer_is_not_blamed_on_the_member() -> None:
    with pytest.raises(AudioError) as caught:
        voice_clip(Sound(b"fLaC" + bytes(80), "flac"), limit_bytes=MIB)
    assert caught.value.code == "audio_corrupt"
    assert "answer" in caught.value.sentence
    assert "recording" not in caught.value.sentence
