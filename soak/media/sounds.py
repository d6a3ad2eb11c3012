"""Sound: speech-like samples, and real files of every container made from them."""

import array
import io
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
from av.audio.format import AudioFormat
from av.container import OutputContainer
from av.video.stream import VideoStream

from bot.audio.frames import Pcm, pieces, speech_frame
from bot.domain.reply import SPEECH_HZ

AMR_SPEECH = Path(__file__).with_name("speech.amr")
AMR_HEAD_BYTES, AMR_FRAME_BYTES = 6, 32


@cache
def _second(seed: int) -> bytes:
    """One second of "syllables": a gliding voice with harmonics, four times up and down."""
    rng = random.Random(seed)
    samples = array.array("h")
    phase = 0.0
    for n in range(SPEECH_HZ):
        t = n / SPEECH_HZ
        phase += 2 * math.pi * (130 + 50 * math.sin(2 * math.pi * t + seed)) / SPEECH_HZ
        voice = math.sin(phase) + 0.6 * math.sin(3 * phase) + 0.3 * math.sin(7 * phase)
        loudness = abs(math.sin(4 * math.pi * t)) ** 2
        samples.append(int(7_000 * loudness * voice + rng.uniform(-60, 60)))
    return samples.tobytes()


def speech(seconds: float) -> bytes:
    """Samples as all speech inside the bot: s16le, 24 kHz, mono."""
    whole = b"".join(_second(n % 5) for n in range(math.ceil(seconds)))
    return whole[: round(seconds * SPEECH_HZ) * 2]


def silence(seconds: float) -> bytes:
    """Samples of nothing."""
    return bytes(round(seconds * SPEECH_HZ) * 2)


def quieter(pcm: bytes, factor: float) -> bytes:
    """The same samples, each times a factor."""
    return array.array("h", (int(x * factor) for x in array.array("h", pcm))).tobytes()


@dataclass(frozen=True)
class Recipe:
    """How to make a file."""

    codec: str
    muxer: str
    rate_hz: int = 48_000
    layout: str = "mono"
    video: bool = False
    bit_rate: int | None = None
    codec_options: dict[str, str] = field(default_factory=dict)
    muxer_options: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


RECIPES = {
    "ogg opus": Recipe("libopus", "ogg"),
    "ogg vorbis": Recipe("vorbis", "ogg", 44_100, "stereo", codec_options={"strict": "-2"}),
    "mp3": Recipe("libmp3lame", "mp3", 44_100, "stereo", tags={"title": "A note"}),
    "wav": Recipe("pcm_s16le", "wav", 44_100, "stereo"),
    "wav of 24 bits": Recipe("pcm_s24le", "wav", 48_000, "stereo"),
    "wav of 8 bits": Recipe("pcm_u8", "wav", 8_000),
    "wav mu-law": Recipe("pcm_mulaw", "wav", 8_000),
    "m4a": Recipe("aac", "ipod", 44_100),
    "m4a lossless": Recipe("alac", "ipod", 44_100),
    "aac": Recipe("aac", "adts", 44_100),
    "flac": Recipe("flac", "flac", 44_100, "stereo"),
    "webm": Recipe("libopus", "webm"),
    "mp4 with video": Recipe("aac", "mp4", 44_100, "stereo", video=True),
    "mp4 of six channels": Recipe("aac", "mp4", 48_000, "5.1"),
    "mov with video": Recipe("pcm_s16be", "mov", 44_100, video=True),
    "fragmented mp4": Recipe(
        "aac", "mp4", 44_100, muxer_options={"movflags": "frag_keyframe+empty_moov"}
    ),
    "amr": Recipe("amrnb", "amr"),
    "3gp": Recipe("amrnb", "3gp"),
    "aiff": Recipe("pcm_s16be", "aiff", 44_100, "stereo"),
    "wma": Recipe("wmav2", "asf", 44_100, bit_rate=64_000),
}


def make_file(recipe: Recipe, pcm: bytes) -> bytes:
    """Encode samples; AMR, which PyAV 19 only decodes, is taken from a file of `speech(12)`."""
    if recipe.codec == "amrnb":
        return _stored_amr(recipe.muxer, seconds=len(pcm) / 2 / SPEECH_HZ)
    sink = io.BytesIO()
    with av.open(sink, "w", format=recipe.muxer, options=recipe.muxer_options) as container:
        container.metadata.update(recipe.tags)
        _fill(container, recipe, pcm)
    return sink.getvalue()


def _stored_amr(muxer: str, *, seconds: float) -> bytes:
    whole = AMR_SPEECH.read_bytes()
    amr = whole[: AMR_HEAD_BYTES + round(seconds * 50) * AMR_FRAME_BYTES]
    return amr if muxer == "amr" else _rewrapped(amr, muxer)


def _rewrapped(data: bytes, muxer: str) -> bytes:
    sink = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(sink, "w", format=muxer) as target:
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    return sink.getvalue()


def _fill(container: OutputContainer, recipe: Recipe, pcm: bytes) -> None:
    video = _add_video(container) if recipe.video else None
    stream = container.add_stream(
        recipe.codec, rate=recipe.rate_hz, layout=recipe.layout, options=recipe.codec_options
    )
    assert isinstance(stream, av.AudioStream)
    if recipe.bit_rate is not None:
        stream.bit_rate = recipe.bit_rate
    if video is not None:
        for packet in _pictures(video, len(pcm) / 2 / SPEECH_HZ):
            container.mux(packet)
    for frame in _resampled(pcm, stream.codec_context.format, recipe):
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _add_video(container: OutputContainer) -> VideoStream:
    video = container.add_stream("mpeg4", rate=5)
    video.width = video.height = 32
    return video


def _pictures(video: VideoStream, seconds: float) -> Iterator["av.Packet[VideoStream]"]:
    for n in range(math.ceil(seconds * 5)):
        picture = av.VideoFrame(32, 32, "yuv420p")
        for plane in picture.planes:
            plane.update(bytes(plane.buffer_size))
        picture.pts = n
        picture.time_base = Fraction(1, 5)
        yield from video.encode(picture)
    yield from video.encode(None)


def _resampled(pcm: bytes, sample_format: AudioFormat, recipe: Recipe) -> Iterable[av.AudioFrame]:
    resampler = av.AudioResampler(sample_format, recipe.layout, recipe.rate_hz)
    at_sample = 0
    for piece in pieces(pcm):
        yield from resampler.resample(speech_frame(piece, at_sample=at_sample))
        at_sample += len(piece) // 2
    yield from resampler.resample(None)


def silent_video() -> bytes:
    """A second of film without a sound track."""
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4") as container:
        video = _add_video(container)
        for packet in _pictures(video, 1):
            container.mux(packet)
    return sink.getvalue()


def levels(pcm: Pcm) -> list[float]:
    """Loudness of 50 ms, every 10 ms."""
    samples = array.array("h", bytes(pcm))
    step = SPEECH_HZ // 100
    energies = [
        sum(x * x for x in samples[at : at + step : 3]) for at in range(0, len(samples), step)
    ]
    return [math.sqrt(sum(energies[at : at + 5])) for at in range(len(energies) - 4)]


def likeness(left: Pcm, right: Pcm) -> float:
    """How alike two recordings rise and fall: the best correlation of their loudness, 1 at most.

    Codecs delay sound by up to 150 ms.
    """
    a, b = levels(left), levels(right)
    return max(
        *(_correlation(a[shift:], b) for shift in range(15)),
        *(_correlation(a, b[shift:]) for shift in range(15)),
    )


def _correlation(a: list[float], b: list[float]) -> float:
    n = min(len(a), len(b))
    a, b = a[:n], b[:n]
    mean_a, mean_b = sum(a) / n, sum(b) / n
    product = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    size_a = math.sqrt(sum((x - mean_a) ** 2 for x in a))
    size_b = math.sqrt(sum((y - mean_b) ** 2 for y in b))
    return product / (size_a * size_b)


def tone_strength(pcm: Pcm, hz: float) -> float:
    """Amplitude of one frequency (Goertzel), to compare spectra without a library."""
    samples = array.array("h", bytes(pcm))[:SPEECH_HZ]
    step = 2 * math.pi * hz / SPEECH_HZ
    real = sum(x * math.cos(step * n) for n, x in enumerate(samples))
    imaginary = sum(x * math.sin(step * n) for n, x in enumerate(samples))
    return 2 * math.hypot(real, imaginary) / len(samples)
