"""Sound files as the tests look into them: their packets, and what a player would play."""

import io
from dataclasses import dataclass

import av


@dataclass(frozen=True)
class Opened:
    """An Opus file, demuxed and decoded."""

    container: str
    codec: str
    channels: int
    rate_hz: int
    head: bytes
    packets: list[bytes]
    samples: bytes

    @property
    def seconds(self) -> float:
        return len(self.samples) / 2 / self.channels / self.rate_hz


def open_sound(data: bytes) -> Opened:
    """Demux and decode to 16 bits at its own rate, with what a player drops dropped."""
    with av.open(io.BytesIO(data), "r") as file:
        stream = file.streams.audio[0]
        context = stream.codec_context
        packets = [bytes(packet) for packet in file.demux(stream) if packet.size]
        head = bytes(context.extradata or b"")
        container, codec = file.format.name, context.name
        channels, rate = context.channels, context.sample_rate
    return Opened(container, codec, channels, rate, head, packets, _samples(data))


def _samples(data: bytes) -> bytes:
    resampler = av.AudioResampler(format="s16", rate=48_000)
    pieces: list[bytes] = []
    with av.open(io.BytesIO(data), "r") as file:
        for frame in file.decode(audio=0):
            pieces += map(_bytes, resampler.resample(frame))
        pieces += map(_bytes, resampler.resample(None))
    return b"".join(pieces)


def _bytes(frame: av.AudioFrame) -> bytes:
    width = frame.samples * len(frame.layout.channels) * 2
    return bytes(frame.planes[0])[:width]
