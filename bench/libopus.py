"""Bare libopus, out of the PyAV wheel: the floor under every figure of Opus."""

import ctypes
import sys
from collections.abc import Iterator
from pathlib import Path

import av

from bot.audio import ogg

_LOW_DELAY = 2051
_SET_BITRATE, _SET_VBR, _SET_COMPLEXITY, _SET_VBR_CONSTRAINT = 4002, 4006, 4010, 4020
_FRAME_SAMPLES = 480
_PACKET_BYTES = 4_000


def find_libopus() -> ctypes.CDLL | None:
    """Load the wheel's own libopus; None where the wheel keeps it elsewhere."""
    found = sorted(Path(av.__file__).parent.parent.glob("av.libs/libopus-*.so*"))
    return ctypes.CDLL(str(found[0])) if found and sys.platform == "linux" else None


def packets_of(data: bytes) -> list[bytes]:
    """The Opus packets of an Ogg file, headers left out."""
    return list(_packets(data))[2:]


def _packets(data: bytes) -> Iterator[bytes]:
    packet = b""
    for page in ogg.pages(data):
        at = page.body
        for size in data[page.start + 27 : page.body]:
            packet += data[at : at + size]
            at += size
            if size < 255:
                yield packet
                packet = b""


def decode_packets(library: ctypes.CDLL, packets: list[bytes]) -> int:
    """Decode to 24 kHz mono and throw the samples away; returns how many they were."""
    library.opus_decoder_create.restype = ctypes.c_void_p
    error = ctypes.c_int()
    decoder = ctypes.c_void_p(library.opus_decoder_create(24_000, 1, ctypes.byref(error)))
    samples = (ctypes.c_int16 * 2_880)()
    total: int = sum(
        library.opus_decode(decoder, packet, len(packet), samples, 2_880, 0) for packet in packets
    )
    library.opus_decoder_destroy(decoder)
    return total


def encode_samples(library: ctypes.CDLL, pcm: bytes) -> int:
    """Encode at the settings of our voice messages; returns the bytes made."""
    library.opus_encoder_create.restype = ctypes.c_void_p
    error = ctypes.c_int()
    encoder = ctypes.c_void_p(
        library.opus_encoder_create(24_000, 1, _LOW_DELAY, ctypes.byref(error))
    )
    for setting, value in (
        (_SET_BITRATE, 64_000), (_SET_COMPLEXITY, 0), (_SET_VBR, 1), (_SET_VBR_CONSTRAINT, 1),
    ):  # fmt: skip
        library.opus_encoder_ctl(encoder, setting, ctypes.c_int(value))
    packet = (ctypes.c_ubyte * _PACKET_BYTES)()
    step = _FRAME_SAMPLES * 2
    total: int = sum(
        library.opus_encode(encoder, pcm[at : at + step], _FRAME_SAMPLES, packet, _PACKET_BYTES)
        for at in range(0, len(pcm) - step + 1, step)
    )
    library.opus_encoder_destroy(encoder)
    return total
