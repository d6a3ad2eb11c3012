"""Containers in and out of the stand-in: what members' clips hold, and what answers come in."""

import struct
from typing import Literal

from bot.audio.decode import decode
from bot.audio.encode import encode
from bot.audio.mp3 import constant_frames
from bot.domain.reply import SPEECH_HZ, SoundFormat
from bot.errors import AudioError
from bot.local.chat_server.refusals import ApiRefusal

_UNKNOWN_SIZE = 0xFFFFFFFF
_MOST_SECONDS = 900.0


def streamed_wav(pcm: bytes) -> bytes:
    """Put a header before the samples as the real API does: both sizes are 0xFFFFFFFF."""
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", _UNKNOWN_SIZE, b"WAVE",
        b"fmt ", 16, 1, 1, SPEECH_HZ, SPEECH_HZ * 2, 2, 16,
        b"data", _UNKNOWN_SIZE,
    )  # fmt: skip
    return header + pcm


def read_clip(data: bytes, container: Literal["wav", "mp3"]) -> bytes:
    """Decode a member's clip to s16le samples, mono, 24 kHz.

    Raises:
        ApiRefusal: the data is something else than its container's name says, or an MP3 that
            the real API was seen to refuse.

    """
    # A Xing header or a changing bit rate is enough for the real API.
    if container == "mp3" and constant_frames(data) is None:
        raise _not_valid(container)
    try:
        decoded = decode(data, max_seconds=_MOST_SECONDS)
    except AudioError as error:
        raise _not_readable() from error
    if decoded.container != container:
        raise _not_readable()
    return bytes(decoded.pcm)


def _not_valid(container: str) -> ApiRefusal:
    return ApiRefusal(
        400,
        f"The data provided for 'input_audio' is not of valid {container} format. "
        f"Please ensure the data is a valid {container} file.",
    )


def _not_readable() -> ApiRefusal:
    return ApiRefusal(
        400,
        "This model does not support the format you provided.",
        code="unsupported_format",
        param="messages",
    )


def write_answer(pcm: bytes, wanted: SoundFormat) -> bytes:
    """Put samples into the format that was asked for."""
    return streamed_wav(pcm) if wanted == "wav" else encode(pcm, wanted)
