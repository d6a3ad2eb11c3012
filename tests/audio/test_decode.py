"""Every container of the list, whole, odd, broken and too long, decoded in this process."""

import array
import struct

import pytest

from bot.audio import mixdown, wav
from bot.audio.decode import decode
from bot.audio.encode import encode
from bot.audio.formats import sniff
from bot.errors import AudioError
from soak.media.sounds import (
    RECIPES,
    Recipe,
    likeness,
    make_file,
    silent_video,
    speech,
)


def refusal(data: bytes, *, max_seconds: float = 60) -> AudioError:
    with pytest.raises(AudioError) as caught:
        decode(data, max_seconds=max_seconds)
    return caught.value


@pytest.mark.parametrize("name", RECIPES)
def test_every_container_of_the_list_becomes_the_same_speech(name: str) -> None:
    original = speech(3)
    decoded = decode(make_file(RECIPES[name], original), max_seconds=60)
    assert decoded.seconds == pytest.approx(3, abs=0.13)
    assert decoded.damaged == 0
    assert likeness(decoded.pcm, original) > 0.9


def test_a_tag_in_latin_1_is_no_obstacle() -> None:
    tag = b"TAG" + b"Caf\xe9 Z\xfcrich".ljust(125, b"\0")
    info = b"LIST" + struct.pack("<I", 20) + b"INFOINAM" + struct.pack("<I", 8) + b"Caf\xe9 \xfcb\0"
    for data in (
        make_file(RECIPES["mp3"], speech(1)) + tag,
        make_file(RECIPES["wav"], speech(1)) + info,
    ):
        assert decode(data, max_seconds=60).seconds == pytest.approx(1, abs=0.1)


def test_a_cover_picture_is_not_mistaken_for_sound() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(3000)
    body = b"\0image/png\0\x03\0" + picture
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\0\0" + body
    size = len(frame)
    digits = bytes((size >> shift) & 127 for shift in (21, 14, 7, 0))
    data = b"ID3\x03\0\0" + digits + frame + encode(speech(1), "mp3")
    assert sniff(data) == "mp3"
    assert decode(data, max_seconds=60).seconds == pytest.approx(1, abs=0.1)


def test_an_mp3_that_turns_from_stereo_to_mono_is_decoded_whole() -> None:
    stereo = make_file(Recipe("libmp3lame", "mp3", 44_100, "stereo"), speech(1))
    mono = make_file(Recipe("libmp3lame", "mp3", 44_100, "mono"), speech(1))
    decoded = decode(stereo + mono, max_seconds=60)
    assert decoded.seconds == pytest.approx(2, abs=0.2)


def test_an_aac_stream_that_changes_its_rate_is_decoded_whole() -> None:
    data = make_file(Recipe("aac", "adts", 44_100), speech(1))
    data += make_file(Recipe("aac", "adts", 22_050, "stereo"), speech(1))
    assert decode(data, max_seconds=60).seconds == pytest.approx(2, abs=0.2)


def test_all_links_of_a_chained_ogg_are_heard() -> None:
    links = [make_file(RECIPES["ogg opus"], speech(1)) for _ in range(3)]
    assert decode(b"".join(links), max_seconds=60).seconds == pytest.approx(3, abs=0.1)


def test_a_broken_link_of_a_chain_loses_only_itself() -> None:
    link = make_file(RECIPES["ogg opus"], speech(1))
    broken = link[:28] + b"NotOpus!" + link[36:60] + b"OggS"
    decoded = decode(link + broken + link, max_seconds=60)
    assert decoded.seconds >= 1
    assert decoded.damaged >= 0


def test_a_chain_of_too_many_links_is_refused() -> None:
    link = make_file(RECIPES["ogg opus"], speech(0.1))
    assert refusal(link * 65).code == "audio_corrupt"


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_streamed_wav_is_read_to_its_end_whatever_its_header_says(size: int) -> None:
    data = bytearray(encode(speech(2), "wav"))
    struct.pack_into("<I", data, 40, size)
    assert decode(bytes(data), max_seconds=60).seconds == 2


@pytest.mark.parametrize("name", ["ogg opus", "mp3", "flac", "webm", "wav", "aac"])
def test_of_a_truncated_file_the_beginning_is_heard(name: str) -> None:
    data = make_file(RECIPES[name], speech(4))
    decoded = decode(data[: len(data) // 2], max_seconds=60)
    assert 1 < decoded.seconds < 3


def test_half_an_m4a_is_corrupt_because_its_index_is_missing() -> None:
    data = make_file(RECIPES["m4a"], speech(4))
    assert refusal(data[: len(data) // 2]).code == "audio_corrupt"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "audio_empty"),
        (b"\0", "audio_unsupported"),
        (bytes(5000), "audio_unsupported"),
        (b"<html><body>Not found</body></html>", "audio_unsupported"),
        (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "audio_unsupported"),
        (b"OggS" + bytes(60), "audio_corrupt"),
        (b"fLaC" + bytes(60), "audio_corrupt"),
        (b"RIFF\x24\0\0\0WAVEfmt " + bytes(4), "audio_corrupt"),
        (encode(b"", "wav"), "audio_empty"),
    ],
)
def test_what_is_no_sound_is_refused_by_its_kind(data: bytes, code: str) -> None:
    assert refusal(data).code == code


def test_a_video_without_sound_is_told_apart() -> None:
    error = refusal(silent_video())
    assert error.code == "audio_no_track"
    assert "no sound in that video" in error.sentence


@pytest.mark.parametrize(
    ("codec", "muxer"), [("ac3", "mp4"), ("mp2", "matroska"), ("adpcm_ms", "wav")]
)
def test_a_codec_outside_the_list_is_refused_though_ffmpeg_knows_it(codec: str, muxer: str) -> None:
    assert refusal(make_file(Recipe(codec, muxer), speech(1))).code == "audio_unsupported"


@pytest.mark.parametrize("name", ["ogg opus", "mp3", "flac", "webm", "m4a", "wav", "amr", "wma"])
def test_a_clip_that_is_too_long_is_refused_with_its_true_length(name: str) -> None:
    error = refusal(make_file(RECIPES[name], speech(12)), max_seconds=5)
    assert error.code == "audio_too_long"
    assert error.sentence == "That recording is 12 s long; the most I can listen to is 5 s."


def test_a_plain_speech_wav_that_is_too_long_is_refused_without_decoding() -> None:
    error = refusal(encode(speech(200), "wav"), max_seconds=120)
    assert "3 min 20 s long; the most I can listen to is 2 min." in error.sentence


def test_the_length_of_a_chain_counts_the_links_not_decoded() -> None:
    link = make_file(RECIPES["ogg opus"], speech(4))
    assert "12 s long" in refusal(link * 3, max_seconds=2).sentence


def test_half_a_second_too_much_is_not_held_against_anybody() -> None:
    assert decode(encode(speech(5.4), "opus"), max_seconds=5).seconds == pytest.approx(5.4)


def test_the_deadline_ends_a_decode_that_takes_too_long() -> None:
    with pytest.raises(AudioError) as caught:
        decode(make_file(RECIPES["mp3"], speech(5)), max_seconds=60, deadline_s=-1)
    assert caught.value.code == "audio_too_slow"


def test_more_samples_than_any_clip_needs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixdown, "SAMPLES_AT_MOST", 100_000)
    assert refusal(make_file(RECIPES["mp3"], speech(5))).code == "audio_too_big"


@pytest.mark.parametrize("rate_hz", [1, 8, 3_999, 400_000])
def test_a_wav_of_an_absurd_rate_is_refused(rate_hz: int) -> None:
    samples = speech(1)
    data = wav.header(len(samples), rate_hz=rate_hz) + samples
    assert refusal(data).code == "audio_unsupported"


def test_a_wav_of_many_channels_is_mixed_down_or_refused() -> None:
    def of_channels(count: int) -> bytes:
        samples = array.array("h", [1000] * 24_000 * count).tobytes()
        head = struct.pack(
            "<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(samples), b"WAVE", b"fmt ", 16, 1, count,
            24_000, 48_000 * count, 2 * count, 16, b"data", len(samples),
        )  # fmt: skip
        return head + samples

    assert decode(of_channels(8), max_seconds=60).seconds == pytest.approx(1, abs=0.01)
    assert refusal(of_channels(20)).code == "audio_unsupported"
