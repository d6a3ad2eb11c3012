"""Speech (24 kHz mono, 16 bit) into every format we send: WAV, MP3, FLAC, Ogg Opus, AAC, raw."""

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, assert_never

import av
from av.container import OutputContainer

from bot.audio import wav
from bot.audio.frames import Pcm, pieces, speech_frame
from bot.audio.opus import OpusSettings, OpusWriter
from bot.domain.reply import SPEECH_HZ, SoundFormat

MP3_BIT_RATE = 64_000
MP3_MODEL_BIT_RATE = 48_000
"""Enough for speech; keeps requests to the model small."""

_FAST_LAME = {"compression_level": "7"}
_BARE_FRAMES = {"write_xing": "0", "id3v2_version": "0"}


@dataclass(frozen=True, slots=True)
class _Settings:
    codec: Literal["libmp3lame", "flac", "aac"]
    muxer: str
    bit_rate: int | None = None
    codec_options: dict[str, str] = field(default_factory=dict)
    muxer_options: dict[str, str] = field(default_factory=dict)


_FLAC = _Settings("flac", "flac", codec_options={"compression_level": "0"})
_AAC = _Settings("aac", "adts", bit_rate=64_000)


def encode(pcm: Pcm, sound_format: SoundFormat) -> bytes:
    """Encode speech."""
    if sound_format == "wav":
        return wav.from_pcm(pcm)
    if sound_format == "pcm16":
        return bytes(pcm)
    if sound_format == "mp3":
        return encode_mp3(pieces(pcm))
    if sound_format == "opus":
        return _encode_opus(pcm)
    if sound_format == "flac":
        return _encode(pieces(pcm), _FLAC)
    if sound_format == "aac":
        return _encode(pieces(pcm), _AAC)
    assert_never(sound_format)


def encode_mp3(speech: Iterable[Pcm], *, bit_rate: int = MP3_BIT_RATE) -> bytes:
    """Encode to MP3 of constant bit rate without a Xing frame or tags.

    Servers take a Xing frame for variable bit rate and refuse the file.
    """
    return _encode(speech, _Settings("libmp3lame", "mp3", bit_rate, _FAST_LAME, _BARE_FRAMES))


def _encode_opus(pcm: Pcm) -> bytes:
    writer = OpusWriter(OpusSettings())
    writer.feed(pcm)
    return writer.finish().data


def _encode(speech: Iterable[Pcm], settings: _Settings) -> bytes:
    sink = io.BytesIO()
    with av.open(sink, "w", format=settings.muxer, options=settings.muxer_options) as container:
        _encode_into(container, speech, settings)
    return sink.getvalue()


def _encode_into(container: OutputContainer, speech: Iterable[Pcm], settings: _Settings) -> None:
    stream = container.add_stream(
        settings.codec, rate=SPEECH_HZ, layout="mono", options=settings.codec_options
    )
    if settings.bit_rate is not None:
        stream.bit_rate = settings.bit_rate
    at_sample = 0
    for piece in speech:
        container.mux(stream.encode(speech_frame(piece, at_sample=at_sample)))
        at_sample += len(piece) // 2
    container.mux(stream.encode(None))
