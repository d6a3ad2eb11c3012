"""Members' sound: what it is, how long, and the worker's reports of it."""

import math
import random
import struct
from typing import get_args

from bot.audio import formats, mp3, ogg, wav
from bot.audio.failures import reported
from bot.audio.jobs import Made, pack_report
from bot.audio.process import WorkerDied, read_report
from bot.audio.service import value_of
from bot.audio.soundfiles import passed_on
from bot.domain.reply import ModelAudio, Sound, SoundFormat, VoiceClip
from bot.errors import AudioError
from soak.fuzz.target import Target, require

_FORMATS: tuple[SoundFormat, ...] = get_args(SoundFormat)
_LIMIT_BYTES = 1 << 20
_CENTURY_S = 3.2e9

_OPUS = b"OggS\0\2" + bytes(8) + bytes(12) + b"\1\x13" + b"OpusHead\1\1\x38\1\x80\xbb\0\0\0\0\0"
_PAGE = b"OggS\0\0" + (960).to_bytes(8, "little") + bytes(12) + b"\2\1\1xy"
_WAV = wav.from_pcm(bytes(range(64)))
_MP3 = (b"\xff\xf3\x64\xc4" + bytes(140)) * 3
_AAC = bytes.fromhex("fff15080013ffc0102") * 4
_FILES = (
    _WAV, _OPUS + _PAGE * 3, (_OPUS + _PAGE) * 3, _MP3, b"ID3\x04\0\0\0\0\0\x05abcde" + _MP3,
    _AAC, b"fLaC" + bytes(38), b"\x1aE\xdf\xa3\x84webm", b"\0\0\0\x18ftypM4A ", b"#!AMR\n",
    b"FORM\0\0\0\x2eAIFF", _WAV[:20] + struct.pack("<HHIIHH", 0xFFFE, 2, 48_000, 0, 8, 32),
    _MP3 + b"TAG" + bytes(125), b"\xff\xf3\x64\xc4" + b"Xing" + bytes(136) + _MP3,
)  # fmt: skip
_FILE_WORDS = (
    b"OggS", b"\0\0", b"\0\2", b"OpusHead", b"RIFF", b"WAVE", b"fmt ", b"data", b"\x10\0\0\0",
    b"\xff\xff\xff\xff", b"ID3", b"\x04\0\0", b"\x7f\x7f\x7f\x7f", b"\xff\xfb", b"\xff\xf3\x64\xc4",
    b"\xff\xf1\x50\x80", b"fLaC", b"TAG", b"Xing", b"\0", b"\xff", b"\x1aE\xdf\xa3", b"ftyp",
    b"LIST", b"JUNK\0\0\0\0", b"\1", b"RF64",
)  # fmt: skip
_REPORTS = (
    b'{"type":"Made","fields":{"data":"","format":"wav","seconds":1.5}}',
    b'{"type":"Made","fields":{"data":"","seconds":1.5,"waveform":"AAAA"}}',
    b'{"type":"Failed","code":"audio_empty","sentence":"That file is empty."}',
    b'{"type":"Broke","what":"ZeroDivisionError"}',
    b'{"type":"Ready","layers":["seccomp"],"unlocked":[]}',
    b'{"type":"Failed","code":"audio_too_long","sentence":"That recording is 3 min long; the most '
    b'I can listen to is 2 min."}',
)
_REPORT_WORDS = (
    b"{", b"}", b"[", b"]", b":", b",", b'"', b'"type":', b'"Made"', b'"fields":', b'"seconds":',
    b"1e999", b"-1", b"NaN", b"null", b'"data":"AA=="', b'"code":', b'"sentence":', b"[[[[[[[[",
    b"\xff", b"\xed\xa0\x80", b"\\ud800", b"@everyone", b"<@1>", b"more than ",
)  # fmt: skip


def _check_kind(data: bytes, _: random.Random) -> None:
    formats.sniff(data)
    start = mp3.tags_end(data)
    require(start >= 0, "tags that end before they begin")
    length = formats.adts_frame_bytes(data, 0)
    require(length is None or length >= 7, "a frame without its head")


def _check_ogg(data: bytes, _: random.Random) -> None:
    links = ogg.links(data)
    require(data.endswith(b"".join(links)), "links that are not of the file")
    for link in links:
        seconds = ogg.opus_seconds(link)
        require(seconds is None or 0 <= seconds < 1e15, f"{seconds} s of Opus")


def _check_mp3(data: bytes, _: random.Random) -> None:
    walk = mp3.walk(data)
    if walk is not None:
        require(0 <= walk.start <= walk.end <= max(len(data), walk.start), "frames out of the file")
        require(0 <= walk.seconds < _CENTURY_S, f"{walk.seconds} s of MP3")
    constant = mp3.constant_frames(data)
    require(constant is None or constant[0] in data, "frames that are not of the file")


def _check_wav(data: bytes, _: random.Random) -> None:
    found = wav.read_pcm(data)
    if found is None:
        require(wav.repaired(data) is None, "no sound was repaired")
        return
    require(bytes(found.samples) == data[found.start :][: len(found.samples)], "other samples")
    require(0 <= found.seconds < _CENTURY_S, f"{found.seconds} s of WAV")
    mended = wav.repaired(data)
    again = wav.read_pcm(mended[0]) if mended else None
    require(
        again is not None and again.samples[: len(found.samples)] == found.samples, "lost sound"
    )


def _check_passed_on(data: bytes, chances: random.Random) -> None:
    sound = Sound(data, chances.choice(_FORMATS))
    made = passed_on(sound, wanted=chances.choice(_FORMATS), limit_bytes=_LIMIT_BYTES)
    if made is not None:
        require(0 < len(made.data) <= _LIMIT_BYTES, "a file of no or too many bytes")
        require(made.seconds is None or math.isfinite(made.seconds), f"{made.seconds} s")


def _check_report(data: bytes, chances: random.Random) -> None:
    """The worker opens untrusted files: what it says is not believed either."""
    try:
        report = read_report(data)
        if isinstance(report, Made):
            if chances.random() < 0.5:
                value_of(report, b"body", ModelAudio)
            else:
                value_of(report, b"body", VoiceClip)
    except (WorkerDied, AudioError):
        return
    if not isinstance(report, Made):
        pack_report(report)


def _check_failure(data: bytes, _: random.Random) -> None:
    code, _bar, sentence = data.decode("utf-8", "replace").partition("|")
    error = reported(code, sentence)
    known = (sentence, *(reported("audio_corrupt", "").sentence,))
    require(error.sentence in known, "a sentence that is nobody's")
    require(not set(error.sentence) & set("@<>[]\n"), "a sentence that the worker wrote")


_FAILURES = (
    b"audio_too_long|That recording is 3 min 2 s long; the most I can listen to is 2 min.",
    b"audio_too_long|That recording is more than 3 h long; the most I can listen to is 2 min.",
    b"audio_empty|That file is empty. Please record it again, or attach another one.",
    b"audio_corrupt|",
)
_FAILURE_WORDS = (b"|", b"audio_too_long|", b" min", b" h ", b"3", b".", b"That recording is ",
                  b" long; the most I can listen to is ", b"@everyone", b"<@1>", b"more than ",
                  b"\xe2\x80\xae", b"\n", b"min min min min ", b"\xd9\xa1")  # fmt: skip

TARGETS = (
    Target("kinds of files", _FILES, _FILE_WORDS, _check_kind, 8_000),
    Target("Ogg", _FILES, _FILE_WORDS, _check_ogg, 5_000),
    Target("MP3", _FILES, _FILE_WORDS, _check_mp3, 5_000),
    Target("WAV", _FILES, _FILE_WORDS, _check_wav, 6_000),
    Target("sound passed on", _FILES, _FILE_WORDS, _check_passed_on, 4_000),
    Target("the worker's reports", _REPORTS, _REPORT_WORDS, _check_report, 6_000),
    Target("the worker's failures", _FAILURES, _FAILURE_WORDS, _check_failure, 5_000),
)
