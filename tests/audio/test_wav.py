"""WAV headers that lie, and what is made of them."""

import io
import struct
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.audio import wav
from soak.media.sounds import speech


def with_sizes(data: bytes, riff: int, samples: int) -> bytes:
    made = bytearray(data)
    struct.pack_into("<I", made, 4, riff)
    struct.pack_into("<I", made, 40, samples)
    return bytes(made)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 10_000_000])
def test_a_repaired_file_tells_its_true_length_to_strict_readers(size: int) -> None:
    repaired = wav.repaired(with_sizes(wav.from_pcm(speech(1.5)), size, size))
    assert repaired is not None
    data, seconds = repaired
    assert seconds == 1.5
    assert len(data) == 44 + 72_000
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    with wave.open(io.BytesIO(data)) as file:
        assert file.getnframes() == 36_000
        assert file.readframes(36_000) == speech(1.5)


def test_chunks_before_the_samples_are_kept_and_those_after_dropped() -> None:
    plain = wav.from_pcm(speech(0.1))
    listed = b"LIST" + struct.pack("<I", 5) + b"abcde\0"
    data = plain[:36] + listed + plain[36:] + b"id3 " + struct.pack("<I", 4) + b"junk"
    repaired = wav.repaired(data)
    assert repaired is not None
    assert repaired[0] == data[:4] + struct.pack("<I", len(repaired[0]) - 8) + data[8:-12]


def test_an_odd_last_byte_is_dropped() -> None:
    found = wav.read_pcm(with_sizes(wav.from_pcm(speech(0.1)) + b"\x01", 0, 0))
    assert found is not None
    assert bytes(found.samples) == speech(0.1)


def test_the_extensible_form_of_pcm_is_pcm() -> None:
    samples = speech(0.1)
    layout = struct.pack("<HHIIHH", 0xFFFE, 1, 24_000, 48_000, 2, 16)
    layout += struct.pack("<HHI", 22, 16, 4) + struct.pack("<H", 1) + bytes(14)
    head = b"RIFF" + bytes(4) + b"WAVEfmt " + struct.pack("<I", len(layout)) + layout
    found = wav.read_pcm(head + b"data" + struct.pack("<I", len(samples)) + samples)
    assert found is not None
    assert found.is_speech


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF\0\0\0\0WAVE",
        b"RIFF\0\0\0\0WAVEfmt \x02\0\0\0\1\0",
        b"RIFF\0\0\0\0WAVEdata\4\0\0\0abcd",
        wav.from_pcm(speech(0.1)).replace(b"fmt \x10\0\0\0\1", b"fmt \x10\0\0\0\3"),
        with_sizes(wav.header(0, rate_hz=0), 36, 0),
    ],
)
def test_what_is_no_pcm_is_left_to_the_decoder(data: bytes) -> None:
    assert wav.read_pcm(data) is None
    assert wav.repaired(data) is None


@given(st.binary(max_size=200), st.integers(0, 60), st.integers(0, 255))
def test_no_header_makes_the_reader_stumble(tail: bytes, at: int, value: int) -> None:
    data = bytearray(wav.header(len(tail)) + tail)
    data[min(at, len(data) - 1)] = value
    repaired = wav.repaired(bytes(data))
    if repaired is not None:
        assert wav.repaired(repaired[0]) == repaired
