"""Files broken by hand: lies in headers, floods of chunks, and what is no sound at all."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from functools import partial

from bot.audio import ogg, wav
from soak.media.bombs import flac_silence, ogg_page, opus_silence, wav_of_rate
from soak.media.sounds import RECIPES, Recipe, make_file, silent_video, speech

MIB = 1 << 20
MILLION = 1_000_000

Make = Callable[[], bytes]


def oddities() -> Mapping[str, Make]:
    """Tell how each is made, by name."""
    return {**_BOMBS, **_WAV, **_FRAMES, **_OGG, **_BOXES, **_NO_SOUND, **_POLYGLOTS}


def _sound(kind: str) -> bytes:
    return make_file(RECIPES[kind], speech(1))


def _wav(
    *, tag: int = 1, channels: int = 1, rate: int = 24_000, align: int = 2, bits: int = 16,
    data_bytes: int = 4_800,
) -> bytes:  # fmt: skip
    head = struct.pack("<HHIIHH", tag, channels, rate, rate * align & 0xFFFF_FFFF, align, bits)
    body = b"fmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", data_bytes)
    return b"RIFF" + struct.pack("<I", 0xFFFF_FFFF) + b"WAVE" + body + speech(0.1)


def _chunk(name: bytes, size: int, body: bytes = b"") -> bytes:
    return name + struct.pack("<I", size) + body


def _box(name: bytes, body: bytes = b"", size: int | None = None) -> bytes:
    return struct.pack(">I", len(body) + 8 if size is None else size) + name + body


def _nested(name: bytes, depth: int) -> bytes:
    return b"".join(_box(name, size=8 * (depth - n)) for n in range(depth))


def _opus_head(channels: int = 1, family: int = 0, pre_skip: int = 312) -> bytes:
    return b"OpusHead" + struct.pack("<BBHIhB", 1, channels, pre_skip, 48_000, 0, family)


def _ogg(head: bytes, *, granule: int = 960, pages: int = 3) -> bytes:
    first = ogg_page(2, 0, 0, [head])
    tags = ogg_page(0, 0, 1, [b"OpusTags" + bytes(8)])
    rest = (ogg_page(0, granule, 2 + n, [b"\x18"]) for n in range(pages))
    return b"".join((first, tags, *rest))


def _zip(name: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, bytes(20 * MIB))
    return sink.getvalue()


def _tar() -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("../../etc/passwd"))
    return sink.getvalue()


_BOMBS: Mapping[str, Make] = {
    "a day of silence in Opus": partial(opus_silence, 24),
    "eight channels of 192 kHz in FLAC": partial(
        flac_silence, 150, rate_hz=192_000, layout="7.1"
    ),
    "an hour of silence in FLAC": partial(flac_silence, 3_600, rate_hz=8_000, layout="mono"),
    "WAV of 1 Hz": partial(wav_of_rate, 1, 2 * MILLION),
    "WAV of 8 Hz": partial(wav_of_rate, 8, 2 * MILLION),
    "WAV of a million chunks": lambda: b"RIFF\xff\xff\xff\xffWAVE" + _chunk(b"junk", 0) * MILLION,
    "Ogg of a million pages": lambda: _ogg(_opus_head()) + ogg_page(0, 0, 9, []) * MILLION,
    "Ogg of 50,000 links": lambda: ogg_page(2, 0, 0, [_opus_head()]) * 50_000,
    "AIFF of a million chunks": lambda: b"FORM\x7f\0\0\0AIFF" + b"ANNO\0\0\0\0" * MILLION,
    "MP4 of a million boxes": lambda: _box(b"ftyp", b"M4A ") + _box(b"free") * MILLION,
    "MP4 of boxes in boxes": lambda: _box(b"ftyp", b"M4A ") + _nested(b"moov", 100_000),
    "Matroska of voids": lambda: b"\x1aE\xdf\xa3\x80" + b"\xec\x80" * MILLION,
    "ASF of empty objects": lambda: bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") * 60_000,
    "FLAC of paddings": lambda: b"fLaC" + b"\x01\0\0\0" * MILLION,
}  # fmt: skip
_WAV: Mapping[str, Make] = {
    "WAV of 0 Hz": partial(_wav, rate=0),
    "WAV of 4 GHz": partial(_wav, rate=2**32 - 1),
    "WAV without channels": partial(_wav, channels=0),
    "WAV of 65,535 channels": partial(_wav, channels=65_535, align=65_535),
    "WAV of 0 bits": partial(_wav, bits=0),
    "WAV of 65,535 bits": partial(_wav, bits=65_535),
    "WAV without a block": partial(_wav, align=0),
    "WAV of an unknown codec": partial(_wav, tag=0x4242),
    "WAV that is MP3 inside": partial(_wav, tag=0x55),
    "WAV of 4 GB": partial(_wav, data_bytes=2**32 - 1),
    "WAV of no samples": partial(_wav, data_bytes=0),
    "WAV of half a sample": lambda: wav.from_pcm(b"\1"),
    "WAV without a format": lambda: b"RIFF\0\0\0\0WAVE" + _chunk(b"data", 4_800, speech(0.1)),
    "WAV with its head only": lambda: _wav()[:44],
    "WAV cut in its head": lambda: _wav()[:30],
    "WAV whose list is endless": lambda: b"RIFF\0\0\0\0WAVE" + _chunk(b"LIST", 2**32 - 1, b"INFO"),
    "RF64 without ds64": lambda: b"RF64" + _wav()[4:],
    "RIFX": lambda: b"RIFX" + _wav()[4:],
}
_FRAMES: Mapping[str, Make] = {
    "a flood of MP3 heads": lambda: b"\xff\xfb\x90\x44" * 250_000,
    "a flood of MP3 heads of free rate": lambda: b"\xff\xfb\x00\x44" * 250_000,
    "a flood of AAC heads": lambda: bytes.fromhex("fff1508000fffc") * 150_000,
    "AAC of frames of no length": lambda: bytes.fromhex("fff15080001ffc") + bytes(1_000),
    "a flood of ID3 tags": lambda: b"ID3\x04\0\0\0\0\0\0" * 100_000,
    "an ID3 tag of 256 MB": lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + _sound("mp3"),
    "MP3 of other rates and channels midway": lambda: _sound("mp3")
    + make_file(Recipe("libmp3lame", "mp3", 24_000, "mono"), speech(1)),
    "AMR with its head only": lambda: b"#!AMR\n",
    "AMR of empty frames": lambda: b"#!AMR\n" + b"\x7c" * 100_000,
    "AIFF of a rate that is no number": lambda: _sound("aiff").replace(
        b"\x40\x0e\xac\x44", b"\x7f\xff\xff\xff"
    ),
    "FLAC with its head only": lambda: _sound("flac")[:42],
    "FLAC of no rate": lambda: _sound("flac")[:18] + bytes(8) + _sound("flac")[26:],
}  # fmt: skip
_OGG: Mapping[str, Make] = {
    "Opus of 255 channels": lambda: _ogg(_opus_head(channels=255, family=255)),
    "Opus without channels": lambda: _ogg(_opus_head(channels=0)),
    "Opus that skips more than it has": lambda: _ogg(_opus_head(pre_skip=65_535)),
    "Opus that ends before it begins": lambda: _ogg(_opus_head(), granule=2**64 - 1),
    "Opus of three hundred years": lambda: _ogg(_opus_head(), granule=2**62),
    "Opus cut in its head": lambda: _ogg(_opus_head()[:9]),
    "Ogg without packets": lambda: ogg_page(2, 0, 0, []) * 3,
    "Ogg of wrong sums": lambda: _ogg(_opus_head()).replace(b"OggS\0\2", b"OggS\0\3"),
    "Ogg of an unknown codec": lambda: ogg_page(2, 0, 0, [b"\x7fNEVER"]) * 2,
    "Ogg of marks only": lambda: b"OggS" * 100_000,
    "Vorbis of no blocks": lambda: ogg_page(2, 0, 0, [b"\1vorbis" + bytes(23)]),
    "Ogg that ends in a page": lambda: _sound("ogg opus")[: -ogg.OPUS_HZ // 100],
}
_BOXES: Mapping[str, Make] = {
    "MP4 of a name only": lambda: _box(b"ftyp", b"M4A "),
    "MP4 of an empty film": lambda: _box(b"ftyp", b"M4A ") + _box(b"moov"),
    "MP4 of a film of 16 exabytes": lambda: _box(b"ftyp", b"M4A ", 1) + b"\xff" * 8,
    "MP4 without its index": lambda: _sound("m4a").replace(b"moov", b"free"),
    "MP4 of samples of four thousand million bytes": lambda: _sound("m4a").replace(
        b"stsz" + bytes(8), b"stsz" + bytes(4) + b"\xff" * 4
    ),
    "MP4 of chunks beyond the end": lambda: _sound("m4a").replace(b"stco", b"co64"),
    "a film without sound": silent_video,
    "Matroska of a name only": lambda: _sound("webm")[:40],
    "Matroska of an endless segment": lambda: b"\x1aE\xdf\xa3\x80\x18S\x80g\x01" + b"\xff" * 7,
    "Matroska of 256 TB": lambda: b"\x1aE\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xfe",
}
_NO_SOUND: Mapping[str, Make] = {
    "nothing": bytes,
    "one byte": lambda: b"O",
    "a million noughts": lambda: bytes(MILLION),
    "a million ones": lambda: b"\xff" * MILLION,
    "zip": partial(_zip, "a.mp3"),
    "gzip": lambda: gzip.compress(bytes(20 * MIB)),
    "bzip2": lambda: bz2.compress(bytes(20 * MIB)),
    "xz": lambda: lzma.compress(bytes(20 * MIB)),
    "tar": _tar,
    "a program": lambda: b"\x7fELF\2\1\1" + bytes(1_000),
    "a script": lambda: b"#!/bin/sh\ncat /etc/passwd\n",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(1_000),
    "a page": lambda: b"<!doctype html><audio src=//x.example>",
    "a document": lambda: b"%PDF-1.7\n1 0 obj\n<<>>",
    "entities": lambda: b'<!DOCTYPE a [<!ENTITY b "c">]><svg>&b;</svg>',
    "brackets": lambda: b"[" * 100_000,
}
_POLYGLOTS: Mapping[str, Make] = {
    "MP3 and zip": lambda: _sound("mp3") + _zip("a.txt"),
    "zip and MP3": lambda: _zip("a.txt") + _sound("mp3"),
    "picture and MP3": lambda: b"\xff\xd8\xff\xe0" + bytes(500) + _sound("mp3"),
    "WAV and Ogg": lambda: _wav(data_bytes=100) + _sound("ogg opus"),
    "Ogg and WAV": lambda: _sound("ogg opus") + _sound("wav"),
    "Ogg of two codecs": lambda: _sound("ogg opus") + _sound("ogg vorbis"),
    "FLAC behind a tag": lambda: b"ID3\x04\0\0\0\0\0\0" + _sound("flac"),
    "WAV of a page": lambda: b"RIFF<!--WAVE--><script>fmt </script>",
    "MP4 and Matroska": lambda: _sound("m4a") + _sound("webm"),
    "every kind at once": lambda: b"".join(map(_sound, ("wav", "flac", "aac", "m4a", "mp3"))),
}
