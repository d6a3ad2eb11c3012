"""Small files that would become gigabytes of samples."""

import io
import struct

import av

from bot.audio import ogg, wav

_PACKETS_PER_PAGE = 255
_PACKET = b"\x18"
"""60 ms of Opus without a single coded byte."""

_PACKET_TICKS = ogg.OPUS_HZ * 60 // 1000


def opus_silence(hours: float) -> bytes:
    """Ogg Opus of silence, 0.1 MB per hour."""
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, 1, 312, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I4sI", 4, b"none", 0)
    made = [ogg_page(2, 0, 0, [head]), ogg_page(0, 0, 1, [tags])]
    pages = round(hours * 3600 * ogg.OPUS_HZ / (_PACKETS_PER_PAGE * _PACKET_TICKS))
    for number in range(1, pages + 1):
        granule = number * _PACKETS_PER_PAGE * _PACKET_TICKS
        flag = 4 if number == pages else 0
        made.append(ogg_page(flag, granule, number + 1, [_PACKET] * _PACKETS_PER_PAGE))
    return b"".join(made)


def ogg_page(flag: int, granule: int, number: int, packets: list[bytes]) -> bytes:
    """One page of Ogg: 2 marks the first of a stream, 4 its last."""
    lacing = bytes(len(packet) for packet in packets)
    page = bytearray(
        struct.pack("<4sBBQIII", b"OggS", 0, flag, granule, 7, number, 0)
        + bytes([len(packets)]) + lacing + b"".join(packets)
    )  # fmt: skip
    struct.pack_into("<I", page, 22, ogg.page_crc(page))
    return bytes(page)


def flac_silence(seconds: int, *, rate_hz: int, layout: str) -> bytes:
    """FLAC of silence: a second of eight channels at 192 kHz fits into a hundred bytes."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="flac") as container:
        stream = container.add_stream(
            "flac", rate=rate_hz, layout=layout, options={"compression_level": "0"}
        )
        frame = av.AudioFrame("s16", layout, rate_hz)
        frame.sample_rate = rate_hz
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        for second in range(seconds):
            frame.pts = second * rate_hz
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return sink.getvalue()


def wav_of_rate(rate_hz: int, size_bytes: int) -> bytes:
    """WAV that claims a rate at which its samples last for weeks."""
    return wav.header(size_bytes, rate_hz=rate_hz) + bytes(size_bytes)
